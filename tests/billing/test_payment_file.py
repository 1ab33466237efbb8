"""The file that the bank gets: always the same, and as its schema says."""

from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from rempart.billing import Payer, PaymentFileError, credit_transfers
from rempart.billing.credit_transfers import Transfer, write_transfers
from tests.support.paying import IBAN, OTHER_IBAN

TRANSFER = Transfer("RP" + "1" * 32, "Pharmacie & Fils, « L’Été »", IBAN, 1)


def made(*transfers: Transfer, name: str = "Opérateur") -> bytes:
    payer = Payer(name, OTHER_IBAN, "AGRIFRPP")
    at = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    return write_transfers("RP" + "0" * 32, date(2026, 7, 1), at, payer, transfers)


def test_a_file_is_the_same_whenever_it_is_made_and_follows_the_schema() -> None:
    written = made(TRANSFER)
    assert written == made(TRANSFER)
    text = written.decode()
    assert "<Nm>Pharmacie Fils, L'Ete</Nm>" in text
    assert '<InstdAmt Ccy="EUR">0.01</InstdAmt>' in text
    assert "<CreDtTm>2026-07-01T08:00:00</CreDtTm>" in text
    assert "<Dt>2026-07-01</Dt>" in text


def test_a_name_keeps_all_its_letters() -> None:
    """A bank compares the payee's name with the account's before it pays."""
    told = {name: getattr(TRANSFER, name) for name in Transfer.__slots__}
    named = Transfer(**(told | {"label": "Œil du Sacré-Cœur, Æsculape & æther"}))
    assert "<Nm>Oeil du Sacre-Coeur, Aesculape aether</Nm>" in made(named).decode()


@pytest.mark.parametrize(
    "change",
    [
        {"end_to_end": "R" * 36},
        {"iban": "no IBAN"},
        {"amount_cents": 10**20},
        {"label": "", "end_to_end": ""},
    ],
)
def test_what_does_not_follow_the_schema_is_no_file(change: dict[str, Any]) -> None:
    told = {name: getattr(TRANSFER, name) for name in Transfer.__slots__}
    with pytest.raises(PaymentFileError) as refused:
        made(Transfer(**(told | change)))
    assert IBAN not in repr(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "change", [{"iban": OTHER_IBAN}, {"amount_cents": 2}, {"end_to_end": "RP" + "2" * 32}]
)
def test_a_file_that_says_something_else_than_what_is_to_be_paid_is_none(
    change: dict[str, Any],
) -> None:
    told = {name: getattr(TRANSFER, name) for name in Transfer.__slots__}
    root = ET.fromstring(made(TRANSFER))  # noqa: S314 - our own
    credit_transfers._agrees(root, [TRANSFER])
    for wanted in ([Transfer(**(told | change))], [], [TRANSFER, TRANSFER]):
        with pytest.raises(PaymentFileError):
            credit_transfers._agrees(root, wanted)
