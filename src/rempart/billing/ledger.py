"""The ledger: what is owed, to the cent, and whether it agrees with the claims."""

from dataclasses import dataclass
from datetime import date, datetime

from rempart.foundation.database import Database


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What each account holds, in cents. Insurers owe what is in theirs, disputed or not (< 0).

    ``wrong`` and ``wrong_batches`` name claims and batches that don't fit (100 at most).
    """

    balance_cents: int
    insurer_cents: int
    disputed_cents: int
    owed_cents: int
    in_batch_cents: int
    bank_cents: int
    claims: int
    batches: int
    wrong: tuple[bytes, ...]
    wrong_batches: tuple[int, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the accounts sum to nothing and every claim's money is where its state says."""
        return self.balance_cents == 0 and not (self.wrong or self.wrong_batches)


async def check_ledger(database: Database) -> LedgerCheck:
    """Read the whole ledger and every claim in one snapshot, as rempart_jobs."""
    (row,) = await database.call("billing.check_ledger")
    named = {name: tuple(row[name]) for name in ("wrong", "wrong_batches")}
    return LedgerCheck(**{**row, **named})


@dataclass(frozen=True, slots=True)
class Disputed:
    """A claim that its insurer rejected and owes: ``claim_id`` and ``member_reference`` bytes."""

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


async def list_disputed(database: Database, amc: str | None) -> list[Disputed]:
    """List what insurers (or one of them) owe and dispute, as rempart_jobs."""
    return [Disputed(**row) for row in await database.call("billing.list_disputed", amc)]
