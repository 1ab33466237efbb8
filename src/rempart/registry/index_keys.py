"""Turns of the outer index keys, as the desk begins and ends them: two live during a re-feed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an insurer prepares its feed without the database's driver
    from rempart.foundation.database import Database


class TurnRefused(StrEnum):
    """Why a turn does not begin, or does not end."""

    TURN_UNDER_WAY = "turn_under_way"
    NOT_THE_NEXT = "not_the_next"
    NO_TURN_UNDER_WAY = "no_turn_under_way"
    COVERS_IN_FORCE = "covers_in_force"
    LEAVERS_REMEMBERED = "leavers_remembered"


@dataclass(frozen=True, slots=True)
class HeldUnder:
    """What is found under a generation of keys at one insurer, "" where nothing is.

    `in_force` counts covers in force or to come, `over` those that nobody is covered by any more,
    `departed` who has left.
    """

    generation: int
    begun_at: datetime
    begun_by: str
    ended_at: datetime | None
    insurer: str
    in_force: int
    over: int
    departed: int


async def live_generations(database: "Database") -> list[int]:
    """Return the generations that live, the newest first. As rempart_desk."""
    (row,) = await database.call("registry.live_generations")
    return list(row["live_generations"])


async def begin_turn(database: "Database", generation: int, by: str) -> TurnRefused | None:
    """Ask under this generation of keys too, from now on. As rempart_desk.

    Every blinding process must have its keys by then: questions are not answered without.
    """
    (row,) = await database.call("registry.begin_generation", generation, by)
    because = row["begin_generation"]
    return None if because is None else TurnRefused(because)


async def end_turn(database: "Database", *, now: bool) -> TurnRefused | int:
    """Ask under the generation before no more; return which it was. As rempart_desk.

    With `now`, although covers that are over, and people who left, are found under it alone.
    """
    (row,) = await database.call("registry.end_generation", now)
    if row["refused_because"] is not None:
        return TurnRefused(row["refused_because"])
    return int(row["generation"])


async def list_generations(database: "Database") -> list[HeldUnder]:
    """List every generation, the oldest first, by insurer. Reads all covers. As rempart_desk."""
    return [HeldUnder(**row) for row in await database.call("registry.list_generations")]
