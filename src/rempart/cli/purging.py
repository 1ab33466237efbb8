"""Erases what has ended, batch after batch, by hand or when the night has come."""

import asyncio
from typing import Final, Literal

import structlog

from rempart.foundation.clock import Clock, SystemClock
from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.foundation.settings import Settings
from rempart.journal import is_due

# What each step erases, by which function, and how much of it at a time: rows, or pages of a table.
# A batch is a transaction of well under a second, and nothing is locked between two.
_STEPS: Final = (
    ("registry.erase_covers", 100),
    ("guard.erase_met", 50),
    ("journal.erase_payloads", 2_000),
    ("journal.erase_references", 50),
    ("registry.erase_staged", 5_000),
    ("registry.erase_departed", 100),
    ("registry.erase_generation", 100),
    ("billing.erase_lines", 5_000),
    ("billing.erase_ibans", 1_000),
)
_HELD_S = 0.2
_PATIENCE = 50

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class HeldError(UnavailableError):
    """Somebody holds what is to be erased. What was erased is on record; the run goes on later."""


async def purge(
    database: Database, author: Literal["schedule", "console"], payload_months: int
) -> int:
    """Erase everything that is past its time, as rempart_jobs; return the closing entry's number.

    Goes on with a run that was cut off, with that run's dates. May be cut off at any moment, and
    several may work at once: each batch is counted in the transaction that erases it. Raises
    `HeldError` when a feed holds the same covers too long.
    """
    opened = await database.call("journal.open_purge", author, payload_months)
    for function, amount in _STEPS:
        await _erase(database, function, amount)
    closed = await database.call("journal.close_purge")
    if closed:
        return int(closed[0]["closed_no"])
    # Another worker did the last batch, and closed the run that both were at.
    return int(opened[0]["purge_no"])


async def purge_from_now(
    database: Database, author: Literal["schedule", "console"], payload_months: int
) -> list[int]:
    """Erase what a decision of this moment gave up, too; return each run's closing entry.

    A run that was cut off keeps its dates, of before the decision: it is ended first.
    """
    numbers = []
    rows = await database.call("journal.list_purges", 1)
    if rows and rows[0]["closed_no"] is None:
        numbers.append(await purge(database, author, payload_months))
    numbers.append(await purge(database, author, payload_months))
    return numbers


async def purge_when_due(
    database: Database, settings: Settings, clock: Clock | None = None
) -> int | None:
    """Erase if a night has passed since the last run began, or one was cut off; else None.

    A machine that slept through the night does it when it wakes: the question is not what time it
    is but what was not done.
    """
    now = (clock or SystemClock()).now()
    rows = await database.call("journal.list_purges", 1)
    if rows and rows[0]["closed_no"] is not None:
        last = rows[0]["opened_at"]
    elif rows:
        # Cut off: it is overdue whatever the time.
        last = None
    else:
        (row,) = await database.call("foundation.installed_at")
        last = row["installed_at"]
    if last is not None and not is_due(now, settings.purge_hour, last):
        return None
    number = await purge(database, "schedule", settings.purge_payload_months)
    _log.info("what has ended was erased")
    return number


async def _erase(database: Database, function: str, amount: int) -> None:
    held = 0
    while True:
        (row,) = await database.call(function, amount)
        if row["done"]:
            return
        held = held + 1 if row.get("held") and not row["erased"] else 0
        if held > _PATIENCE:
            raise HeldError("a feed holds what is to be erased: the run goes on later")
        if held:
            await asyncio.sleep(_HELD_S)
