"""The ledger: what is owed, to the cent, and whether it agrees with the claims."""

from dataclasses import dataclass
from typing import Final

from rempart.foundation.database import Database

NAMED: Final = 100
"""How many claims or batches a check names at most."""


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What each account holds, in cents. Insurers owe what is in theirs, disputed or not (< 0).

    ``operator_cents`` is what the operator bears of it, once a dispute came to that (< 0).
    ``wrong`` and ``wrong_batches`` name claims and batches that don't fit (`NAMED` at most).
    """

    balance_cents: int
    insurer_cents: int
    disputed_cents: int
    operator_cents: int
    owed_cents: int
    in_batch_cents: int
    bank_cents: int
    claims: int
    batches: int
    wrong: tuple[bytes, ...]
    wrong_batches: tuple[int, ...] = ()

    @property
    def may_have_more(self) -> bool:
        """Whether there may be more that don't fit than are named."""
        return NAMED in (len(self.wrong), len(self.wrong_batches))

    @property
    def ok(self) -> bool:
        """Whether the accounts sum to nothing and every claim's money is where its state says."""
        return self.balance_cents == 0 and not (self.wrong or self.wrong_batches)


async def check_ledger(database: Database) -> LedgerCheck:
    """Read the whole ledger and every claim in one snapshot, as rempart_jobs."""
    (row,) = await database.call("billing.check_ledger")
    named = {name: tuple(row[name]) for name in ("wrong", "wrong_batches")}
    return LedgerCheck(**{**row, **named})
