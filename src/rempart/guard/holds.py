"""Stops accounts, eases and releases them, as the desk; its commands check who signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rempart.foundation.database import Database, Row
from rempart.guard.gates import GateRefusal, read_officer, read_reason


@dataclass(frozen=True, slots=True)
class Nonce:
    """Drawn by the database for one order: 16 bytes, and until when the order can be used."""

    nonce: bytes
    good_until: datetime


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who signs orders, and his Ed25519 public key of 32 bytes."""

    name: str
    public_key: bytes
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """The nonce of an order, its officers and their signatures, in the same order.

    PostgreSQL cannot check Ed25519: whoever makes this has checked each signature.
    """

    nonce: bytes
    officers: Sequence[str]
    signatures: Sequence[bytes]

    def arguments(self) -> tuple[bytes, list[str], list[bytes]]:
        """Return them as the SQL functions take them."""
        return self.nonce, list(self.officers), list(self.signatures)


async def draw_nonce(database: Database) -> Nonce:
    """Draw the nonce of one order, good for a day, as rempart_desk."""
    (row,) = await database.call("guard.draw_nonce")
    return Nonce(**row)


async def list_officers(database: Database) -> dict[str, Officer]:
    """Return the officers by name, as rempart_desk."""
    return {row["name"]: Officer(**row) for row in await database.call("guard.list_officers")}


async def add_officer(
    database: Database, name: str, public_key: bytes, signed: Signed
) -> datetime | GateRefusal:
    """Put an officer on record; from the third on, two others have signed it."""
    (row,) = await database.call(
        "guard.add_officer", read_officer(name), public_key, *signed.arguments()
    )
    return _instant(row, "added_at")


async def remove_officer(
    database: Database, name: str, reason: str, signed: Signed
) -> datetime | GateRefusal:
    """Take an officer and his key off the record for ever, signed by two others; returns when."""
    (row,) = await database.call(
        "guard.remove_officer", read_officer(name), read_reason(reason), *signed.arguments()
    )
    return _instant(row, "removed_at")


async def place_hold(
    database: Database, account: str, reason: str, signed: Signed
) -> datetime | GateRefusal:
    """Stop an account (RPPS@SITE), on the signature of one officer; returns since when."""
    (row,) = await database.call(
        "guard.place_hold", account, read_reason(reason), *signed.arguments()
    )
    return _instant(row, "placed_at")


async def ease_hold(
    database: Database, account: str, reason: str, signed: Signed
) -> datetime | GateRefusal:
    """Give an account back at a tenth of its caps, signed by one officer; returns since when."""
    (row,) = await database.call(
        "guard.ease_hold", account, read_reason(reason), *signed.arguments()
    )
    return _instant(row, "eased_at")


async def release_hold(
    database: Database, account: str, reason: str, signed: Signed
) -> datetime | GateRefusal:
    """Give an account back, on the signatures of two different officers; returns when."""
    (row,) = await database.call(
        "guard.release_hold", account, read_reason(reason), *signed.arguments()
    )
    return _instant(row, "released_at")


def _instant(row: Row, name: str) -> datetime | GateRefusal:
    if row["refused_because"] is not None:
        return GateRefusal(row["refused_because"])
    instant: datetime = row[name]
    return instant
