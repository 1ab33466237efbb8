"""The file that the bank gets: SEPA credit transfers as pain.001.001.09, checked by its schema."""

import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from rempart.billing.payer import Payer
from rempart.foundation.clock import PARIS
from rempart.foundation.errors import RempartError

SCHEMA: Final = "pain.001.001.09"
_SPACE: Final = f"{{urn:iso:std:iso:20022:tech:xsd:{SCHEMA}}}"
# Taking accents off would drop these, and a payee's bank compares names (EU 2024/886).
_WRITTEN_OUT: Final = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "’": "'"})
# What SEPA lets names hold, once accents are off (EPC217-08).
_NOT_LATIN: Final = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")


class PaymentFileError(RempartError):
    """A batch's file can't be made, or is not what it was. Holds nothing of what it says."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One sum to one payee; ``label`` is the site's."""

    end_to_end: str
    label: str
    iban: str
    amount_cents: int


def write_transfers(
    message: str, on_day: date, made_at: datetime, payer: Payer, transfers: Sequence[Transfer]
) -> bytes:
    """Return the file, the same bytes for the same batch whenever it is made.

    Checked against the ISO schema and against what was to be paid. Raises `PaymentFileError`.
    """
    from sepaxml.validation import ValidationError, try_valid_xml  # noqa: PLC0415 - a schema's compiler, which payments alone need

    root = ET.fromstring(_filled(on_day, payer, transfers))  # noqa: S314 - written by ourselves a line ago
    # The library draws these anew for each file, and takes its own time.
    _put(root, "MsgId", message)
    _put(root, "PmtInfId", message)
    _put(root, "CreDtTm", made_at.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M:%S"))
    written = bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
    try:
        try_valid_xml(written, SCHEMA)
    except ValidationError:
        # The cause quotes the file.
        raise PaymentFileError("the file does not follow its schema") from None
    _agrees(root, transfers)
    return written


def _filled(on_day: date, payer: Payer, transfers: Sequence[Transfer]) -> bytes:
    from sepaxml import SepaTransfer  # noqa: PLC0415 - see above

    config = {
        "name": _latin(payer.name),
        "IBAN": payer.iban,
        "BIC": payer.bic,
        "batch": True,
        "currency": "EUR",
    }
    made = SepaTransfer(config, schema=SCHEMA)
    for one in transfers:
        made.add_payment(
            {
                "name": _latin(one.label),
                "IBAN": one.iban,
                "amount": one.amount_cents,
                "execution_date": on_day,
                "description": one.end_to_end,
                "endtoend_id": one.end_to_end,
            }
        )
    return bytes(made.export(validate=False))


def _latin(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_WRITTEN_OUT)).encode("ascii", "ignore")
    return " ".join(_NOT_LATIN.sub(" ", plain.decode()).split())[:70] or "?"


def _put(root: ET.Element, name: str, text: str) -> None:
    (found,) = root.iter(_SPACE + name)
    found.text = text


def _agrees(root: ET.Element, transfers: Sequence[Transfer]) -> None:
    """Read the file back: these payees, these sums, once each, and their total."""
    told = [
        (
            one.findtext(f"{_SPACE}PmtId/{_SPACE}EndToEndId"),
            one.findtext(f"{_SPACE}CdtrAcct/{_SPACE}Id/{_SPACE}IBAN"),
            one.findtext(f"{_SPACE}Amt/{_SPACE}InstdAmt"),
        )
        for one in root.iter(f"{_SPACE}CdtTrfTxInf")
    ]
    wanted = [(one.end_to_end, one.iban, _euros(one.amount_cents)) for one in transfers]
    total = _euros(sum(one.amount_cents for one in transfers))
    sums = {one.text for one in root.iter(f"{_SPACE}CtrlSum")}
    counts = {one.text for one in root.iter(f"{_SPACE}NbOfTxs")}
    if told != wanted or sums != {total} or counts != {str(len(transfers))}:
        raise PaymentFileError("the file does not say what is to be paid")


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
