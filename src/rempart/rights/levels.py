"""What is left of an account's budgets, in steps that stand for ten minutes; and its caps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rempart.foundation.database import Database, Row
from rempart.identity import PortalRefusal, Proved, refusal

BUCKETS: Final = {1: "all", 2: "new", 3: "fresh", 4: "typed", 5: "miss", 6: "exception"}
"""As `guard.level` numbers them (docs/entry.md, Charges)."""

_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Level:
    """One bucket as its owner is shown it.

    ``left`` of ``steps`` steps, by the emptiest key that bounds it (account, professional, site);
    ``comes_back_s``: seconds for one unit to come back, by the slowest; at most ``day``, ``week``
    and ``month`` units in any 24 hours, 7 days and 30 days.
    """

    bucket: str
    left: int
    steps: int
    comes_back_s: int
    day: int
    week: int
    month: int
    noted_at: datetime


class Levels:
    """Shows budgets to the live session that proves each look."""

    def __init__(self, database: Database) -> None:
        """Take a database as ``rempart_edge``."""
        self._database = database

    async def look(self, by: Proved) -> list[Level] | PortalRefusal:
        """Return the levels, at most ten minutes old; refused: `SESSION`, `PROOF_REPEATED`.

        Taken in one transaction and read in the next: what is shown is on record, so that no
        caller can look, roll back and look again.
        """
        (row,) = await self._database.call("guard.note_levels", by.token, by.jkt, by.jti)
        refused = refusal({"refused_because": row["note_levels"]})
        if refused is not None:
            return refused
        rows = await self._database.call("guard.read_levels", by.token, by.jkt)
        by_bucket: dict[int, list[Row]] = {}
        for one in rows:
            by_bucket.setdefault(one["bucket"], []).append(one)
        return [_level(bucket, keys) for bucket, keys in by_bucket.items()]


def _level(bucket: int, keys: list[Row]) -> Level:
    emptiest = min(keys, key=lambda key: key["steps_left"] / key["steps"])

    def most(days: int) -> int:
        # B + r W, by whichever key allows the least.
        return min(int(key["burst"] + days * _DAY_US // key["every"]) for key in keys)

    return Level(
        bucket=BUCKETS[bucket],
        left=emptiest["steps_left"],
        steps=emptiest["steps"],
        comes_back_s=max(int(key["every"] // 1_000_000) for key in keys),
        day=most(1),
        week=most(7),
        month=most(30),
        noted_at=max(key["noted_at"] for key in keys),
    )
