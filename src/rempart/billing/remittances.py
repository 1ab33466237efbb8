"""Remittance notices: what was paid to whom and for which claims; and insurers' statements."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self

from rempart.billing.claims import Claimant, NotHeard
from rempart.billing.number import engagement_number
from rempart.foundation.database import Database, Row
from rempart.foundation.keyring import FileKeyring

RECENT: Final = 200
"""How many payments a list has at most; the next begins before its last one."""


class RemittanceRefusal(StrEnum):
    """Why a payment is not shown."""

    REMITTANCE_UNKNOWN = "remittance_unknown"


@dataclass(frozen=True, slots=True)
class Remittance:
    """One payment to a site. ``remittance`` is the end-to-end id on its bank statement."""

    remittance: str
    paid_at: datetime
    insurer: str
    amount_cents: int
    claims: int
    state: str
    reason: str | None
    last_four: str


@dataclass(frozen=True, slots=True)
class PaidClaim:
    """A line of a notice; ``claim`` is 16 bytes, ``engagement`` the number that was claimed.

    ``disputed``: the insurer rejected it, which changes nothing for who was paid.
    """

    claim: bytes
    engagement: str
    care_on: date
    claimed_at: datetime
    amount_cents: int
    disputed: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A payment and every claim in it: their amounts are its amount."""

    head: Remittance
    lines: Sequence[PaidClaim]


@dataclass(frozen=True, slots=True)
class Debit:
    """A line of an insurer's statement; negative when it is the insurer's to pay no more.

    ``disputed_because``: why the insurer rejected it, as of now. It is debited all the same.
    ``settled``: how that dispute ended, as of now; then there is no reason any more.
    """

    moved_at: datetime
    message: str
    remittance: str
    site: str
    claim_id: bytes
    member_reference: bytes
    care_on: date
    step: str
    debit_cents: int
    disputed_because: str | None
    settled: str | None


class Remittances:
    """Shows a site its own payments, for one edge process, as rempart_edge."""

    def __init__(self, database: Database, hiding_key: bytes, engagement_key: bytes) -> None:
        """Take the database, what hides a proof's id, and what numbers are made with."""
        self._database = database
        self._hiding_key, self._engagement_key = hiding_key, engagement_key

    @classmethod
    def of(cls, database: Database, keyring: FileKeyring) -> Self:
        """Take its keys from an edge's keyring; raises `KeyMissingError`."""
        return cls(database, keyring.secret("met_inner"), keyring.secret("engagement"))

    async def recent(
        self, who: Claimant, before: str | None = None
    ) -> tuple[list[Remittance], bool] | RemittanceRefusal | NotHeard:
        """List the last `RECENT` payments to one's site, newest first; whether there are more.

        `before` names a payment to that site: then those before it.
        """
        rows = await self._call("billing.list_remittances", who, before)
        if rows and rows[0]["refused_because"] is not None:
            return _refusal(rows[0]["refused_because"])
        return [_head(row) for row in rows[:RECENT]], len(rows) > RECENT

    async def read(self, who: Claimant, remittance: str) -> Notice | RemittanceRefusal | NotHeard:
        """Return one payment to one's own site with its claims."""
        rows = await self._call("billing.read_remittance", who, remittance)
        because = rows[0]["refused_because"]
        if because is not None:
            return _refusal(because)
        lines = [_line(row, row["line_cents"], self._engagement_key) for row in rows]
        return Notice(_head(rows[0]), lines)

    async def _call(self, function: str, who: Claimant, *args: object) -> list[Row]:
        # As for claims: a software chooses its proofs' ids.
        plain = f"rempart/proof/{who.proof_jti}".encode()
        jti = hmac.digest(self._hiding_key, plain, "sha256").hex()
        return await self._database.call(function, who.token, who.jkt, jti, *args)


async def read_notice(
    database: Database, engagement_key: bytes, remittance: str
) -> Notice | RemittanceRefusal:
    """Return the notice of any payment, as rempart_jobs."""
    heads = await database.call("billing.notice", remittance)
    if not heads:
        return RemittanceRefusal.REMITTANCE_UNKNOWN
    rows = await database.call("billing.notice_lines", remittance)
    lines = [_line(row, row["amount_cents"], engagement_key) for row in rows]
    return Notice(_head(heads[0]), lines)


async def read_statement(database: Database, amc: str, start: date, end: date) -> list[Debit]:
    """Return what was paid for an insurer on these days and what came back, both included."""
    return [Debit(**row) for row in await database.call("billing.statement", amc, start, end)]


def _refusal(because: str) -> RemittanceRefusal | NotHeard:
    return NotHeard(because) if because in tuple(NotHeard) else RemittanceRefusal(because)


def _head(row: Row) -> Remittance:
    return Remittance(**{name: row[name] for name in Remittance.__slots__})


def _line(row: Row, cents: int, key: bytes) -> PaidClaim:
    number = engagement_number(key, row["engagement_id"])
    return PaidClaim(
        row["claim_id"], number, row["care_on"], row["claimed_at"], cents, row["disputed"]
    )
