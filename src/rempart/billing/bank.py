"""Bank details: where a site is paid. Written, changed and cancelled; read by the payment alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from stdnum import iban
from stdnum.exceptions import ValidationError

from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.sealing import SealError, make_pair, open_sealed, public_of, seal

PUBLIC_KEY: Final = "payment_public"
PRIVATE_KEY: Final = "payment"
"""The private one belongs to the keyring of the payment job, and to no other."""

_LONGEST = 34
_LONGEST_TYPED = 60


class BankRefusal(StrEnum):
    """Why a bank detail was not stated or cancelled."""

    SITE_UNKNOWN = "site_unknown"
    CHANGE_WAITS = "change_waits"
    NOTHING_WAITS = "nothing_waits"


@dataclass(frozen=True, slots=True)
class BankDetail:
    """A bank detail as it may be shown; ``state``: in_force, waiting, former or cancelled."""

    state: str
    last_four: str
    stated_at: datetime
    effective_at: datetime


def read_iban(raw: str) -> str:
    """Return an IBAN without spaces. Raises `BadInputError`, which never holds it."""
    try:
        found: str = iban.validate(raw if len(raw) <= _LONGEST_TYPED else "")
    except ValidationError:
        raise BadInputError(
            "iban", "is no IBAN: one character is wrong, or it is not whole"
        ) from None
    return found


def make_payment_keys(keyring: FileKeyring) -> None:
    """Make the pair that bank details are sealed to, once; an older one stays.

    Cut off between the two, it goes on with the private key that it left.
    """
    names = keyring.names()
    if PUBLIC_KEY in names:
        return
    # The private one first: a public key without it would seal for nobody.
    if PRIVATE_KEY not in names:
        keyring.put(PRIVATE_KEY, make_pair()[0])
    keyring.put(PUBLIC_KEY, public_of(keyring.secret(PRIVATE_KEY)))


def seal_iban(keyring: FileKeyring, site: str, plain: str) -> bytes:
    """Seal an IBAN for the payment job and for this site; raises `KeyMissingError`."""
    return seal(keyring.secret(PUBLIC_KEY), _bound_to(site), plain.ljust(_LONGEST).encode())


def open_iban(private: bytes, site: str, sealed: bytes) -> str:
    """Return the IBAN that was sealed for this site. Raises `SealError`: it is another's, say.

    Whoever holds the public key can seal anything: what is no IBAN is as good as not opened.
    """
    found = open_sealed(private, _bound_to(site), sealed).decode(errors="replace").rstrip()
    if not iban.is_valid(found):
        raise SealError("what was sealed is no IBAN")
    return found


async def set_bank(
    database: Database, keyring: FileKeyring, site: str, plain: str
) -> datetime | BankRefusal:
    """State where a site is paid; return from when. As rempart_desk.

    ``plain`` comes from `read_iban`. The first is in force at once; a change waits 72 hours, and
    the administrators of the site see it on their page meanwhile.
    """
    sealed = seal_iban(keyring, site, plain)
    (row,) = await database.call("billing.set_bank", site, sealed, plain[-4:])
    if row["refused_because"] is not None:
        return BankRefusal(row["refused_because"])
    effective_at: datetime = row["effective_at"]
    return effective_at


async def cancel_bank(database: Database, site: str) -> str | BankRefusal:
    """Cancel the change that waits; return the last four characters of what it was."""
    (row,) = await database.call("billing.cancel_bank", site)
    if row["refused_because"] is not None:
        return BankRefusal(row["refused_because"])
    return str(row["last_four"])


async def list_bank(database: Database, site: str) -> list[BankDetail]:
    """List what a site has had, newest first, masked. As rempart_desk."""
    return [BankDetail(**row) for row in await database.call("billing.list_bank", site)]


def _bound_to(site: str) -> str:
    return f"bank-detail/{site}"
