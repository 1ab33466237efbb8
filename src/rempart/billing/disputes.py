"""What insurers owe and dispute, and how a dispute ends."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rempart.foundation.database import Database


class Outcome(StrEnum):
    """How a dispute over a rejected claim ends. The site is paid either way."""

    WITHDRAWN = "withdrawn"
    """The insurer takes its rejection back: it owes the claim like any other."""
    UPHELD = "upheld"
    """The rejection stands: the operator bears what was guaranteed."""


class SettlementRefusal(StrEnum):
    """Why a dispute is not settled."""

    CLAIM_UNKNOWN = "claim_unknown"
    NOT_DISPUTED = "not_disputed"
    CLAIM_CANCELLED = "claim_cancelled"
    SETTLED_OTHERWISE = "settled_otherwise"
    REASON_NOT_PLAIN = "reason_not_plain"
    AUTHOR_NOT_VALID = "author_not_valid"


@dataclass(frozen=True, slots=True)
class Disputed:
    """A claim that its insurer rejected: ``claim_id`` and ``member_reference`` bytes.

    ``settled`` and what follows it are None while it is in dispute.
    """

    amc: str
    claim_id: bytes
    state: str
    member_reference: bytes
    site: str
    domain: str
    care_on: date
    amount_cents: int
    because: str
    answered_at: datetime
    settled: str | None
    settled_at: datetime | None
    settled_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a dispute ended, as it is on record; ``state`` is the claim's own."""

    amc: str
    state: str
    amount_cents: int
    outcome: str
    settled_at: datetime
    author: str
    reason: str


async def list_disputed(
    database: Database, amc: str | None, *, settled: bool = False
) -> list[Disputed]:
    """List what insurers (or one of them) owe and dispute, or what was settled; as rempart_jobs."""
    return [Disputed(**row) for row in await database.call("billing.list_disputed", amc, settled)]


async def settle_dispute(
    database: Database, claim_id: bytes, outcome: Outcome, reason: str, author: str
) -> Settlement | SettlementRefusal:
    """Say as rempart_desk how a dispute ended: once; the same again is told as it is on record.

    ``reason``: 1 to 200 characters that name nobody; ``author``: an officer's name.
    """
    (row,) = await database.call("billing.settle_dispute", claim_id, outcome.value, reason, author)
    if row["refused_because"] is not None:
        return SettlementRefusal(row["refused_because"])
    return Settlement(**{name: row[name] for name in Settlement.__slots__})
