"""What became of a batch of which the bank's word is lost: executed after all, or never."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from rempart.billing.payment import remove_file
from rempart.foundation.database import Database, Row

_EXECUTED: Final = True
_NEVER: Final = False


class SettleRefusal(StrEnum):
    """Why a batch is not settled."""

    BATCH_UNKNOWN = "batch_unknown"
    NO_FILE = "no_file"
    BATCH_PAID = "batch_paid"
    BATCH_ABANDONED = "batch_abandoned"
    SETTLED_OTHERWISE = "settled_otherwise"
    REFERENCE_NOT_VALID = "reference_not_valid"
    REASON_NOT_PLAIN = "reason_not_plain"
    AUTHOR_NOT_VALID = "author_not_valid"
    NOT_TAKEN_UP = "not_taken_up"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class SettledBatch:
    """What is on record of it; ``word``: the bank's reference, or how it is known to be unsent."""

    executed: bool
    settled_at: datetime
    author: str
    word: str
    transfers: int
    claims: int
    amount_cents: int


async def settle_executed(
    database: Database, folder: Path, message: str, reference: str, author: str
) -> SettledBatch | SettleRefusal:
    """Say as rempart_desk that the bank shows a batch as executed; its file is removed here.

    ``reference``: by which the bank shows it, 1 to 35 of A-Z a-z 0-9 . / _ -; ``author``: an
    officer's name. The same again is told as it is on record, with the first name.
    """
    (row,) = await database.call("billing.settle_batch", message, _EXECUTED, reference, author)
    return _settled(folder, message, row)


async def settle_never_executed(
    database: Database, folder: Path, message: str, reason: str, author: str
) -> SettledBatch | SettleRefusal:
    """Say as rempart_desk that the bank never executed a batch, and never will.

    Its claims are owed again, and in the next batch, which is another day's; its file is removed
    here and made no more. ``reason``: 1 to 200 characters that name nobody, how that is known. If
    it is not so, whoever says this has everybody in it paid twice.
    """
    (row,) = await database.call("billing.settle_batch", message, _NEVER, reason, author)
    return _settled(folder, message, row)


def _settled(folder: Path, message: str, row: Row) -> SettledBatch | SettleRefusal:
    if row["refused_because"] is not None:
        return SettleRefusal(row["refused_because"])
    remove_file(folder, message)
    return SettledBatch(**{name: row[name] for name in SettledBatch.__slots__})
