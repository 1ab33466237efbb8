"""Turns index keys as the desk does, without waiting a minute until feeds follow."""

from typing import Any

from rempart.registry import TurnRefused
from tests.support.database import DatabaseUnderTest


def begin(db: DatabaseUnderTest, generation: int = 2, *, followed: bool = True) -> None:
    """Begin a turn; `followed`: every edge has heard of it, and feeds are put in force under it."""
    row = (
        db.connect("rempart_desk")
        .execute(
            "select registry.begin_generation(%s::smallint, 'alice') as refused", (generation,)
        )
        .fetchone()
    )
    assert row is not None
    assert row["refused"] is None
    if followed:
        db.owner.execute(
            "update registry.index_generation set begun_at = begun_at - interval '61 seconds'"
            " where generation = %s",
            (generation,),
        )


def end(db: DatabaseUnderTest, *, now: bool = False) -> TurnRefused | tuple[int, int]:
    """End it: why not, or how many covers and leavers were erased."""
    desk = db.connect("rempart_desk")
    row = desk.execute("select * from registry.end_generation(%s)", (now,)).fetchone()
    assert row is not None
    if row["refused_because"] is not None:
        return TurnRefused(row["refused_because"])
    jobs = db.connect("rempart_jobs")
    erased = jobs.execute("select * from registry.erase_generation(0, 1000)").fetchone()
    assert erased is not None
    assert erased["done"]
    return erased["covers"], erased["departed"]


def under(db: DatabaseUnderTest, table: str = "coverage") -> dict[int, int]:
    """Count the rows of a table by generation."""
    rows: list[dict[str, Any]] = db.owner.execute(
        f"select generation, count(*) as n from registry.{table} group by 1"
    ).fetchall()
    return {row["generation"]: row["n"] for row in rows}
