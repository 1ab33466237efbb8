"""Turns index keys as the desk does, without waiting a minute until feeds follow."""

from typing import Any

from rempart.registry import TurnRefused
from tests.support.database import DatabaseUnderTest
from tests.support.purging import counts, purged


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
    refused = mark_ended(db, now=now)
    if refused is not None:
        return refused
    erased = counts(purged(db))
    return erased["turned_cover"], erased["turned_departed"]


def mark_ended(db: DatabaseUnderTest, *, now: bool = False) -> TurnRefused | None:
    """End it, and erase nothing yet: why not, or None."""
    desk = db.connect("rempart_desk")
    row = desk.execute("select * from registry.end_generation(%s)", (now,)).fetchone()
    assert row is not None
    return row["refused_because"] and TurnRefused(row["refused_because"])


def under(db: DatabaseUnderTest, table: str = "coverage") -> dict[int, int]:
    """Count the rows of a table by generation."""
    rows: list[dict[str, Any]] = db.owner.execute(
        f"select generation, count(*) as n from registry.{table} group by 1"
    ).fetchall()
    return {row["generation"]: row["n"] for row in rows}
