"""Whether this database may pay: a restored copy does not know what was paid since."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rempart.foundation.database import Database


class StopReason(StrEnum):
    """Why nothing is paid."""

    NOT_TAKEN_UP = "not_taken_up"
    RESTORED = "restored"


class ResumeRefusal(StrEnum):
    """Why the payment is not resumed."""

    NOT_TAKEN_UP = "not_taken_up"
    NOT_STOPPED = "not_stopped"
    REASON_NOT_PLAIN = "reason_not_plain"
    AUTHOR_NOT_VALID = "author_not_valid"


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why nothing is paid; what was paid since ``copy_at`` may be owed again here (aware)."""

    because: StopReason
    copy_at: datetime | None


async def read_stop(database: Database) -> Stopped | None:
    """Return why nothing is paid, as rempart_jobs; None: it pays."""
    (row,) = await database.call("billing.stopped")
    if row["because"] is None:
        return None
    return Stopped(StopReason(row["because"]), row["copy_at"])


async def resume(database: Database, reason: str, author: str) -> datetime | ResumeRefusal:
    """Say as rempart_desk that a restored copy was compared with the bank; return when.

    ``reason``: 1 to 200 characters that name nobody; ``author``: an officer's name. It holds until
    the next restore (docs/restore.md).
    """
    (row,) = await database.call("billing.resume", reason, author)
    if row["refused_because"] is not None:
        return ResumeRefusal(row["refused_because"])
    resumed_at: datetime = row["resumed_at"]
    return resumed_at
