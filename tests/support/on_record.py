"""What the journal holds after a bad day: it verifies, budgets add up, answers are in it."""

import asyncio
from collections.abc import Iterable

from rempart.foundation.database import Database
from rempart.journal import check_budgets, verify
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest


def assert_on_record(db: DatabaseUnderTest, leaves: Iterable[str] = ()) -> None:
    """Assert that the journal holds, that an auditor agrees, and that these leaves are in it."""
    rows = db.owner.execute("select encode(leaf_hash, 'hex') as leaf from journal.entry").fetchall()
    assert set(leaves) - {row["leaf"] for row in rows} == set()

    async def work() -> None:
        async with await Database.open(db.dsn("rempart_journal"), max_size=1) as journal:
            verification, budgets = await verify(journal), await check_budgets(journal)
        assert verification.ok, verification.problems[:3]
        assert budgets.ok, budgets.problems[:3]

    asyncio.run(work())


def kinds(db: DatabaseUnderTest) -> dict[str, int]:
    """How many entries of each kind there are about questions."""
    rows = db.owner.execute(
        "select kind, count(*) as n from journal.entry"
        " where kind in ('answer', 'refusal', 'replay') group by kind"
    ).fetchall()
    return {row["kind"]: row["n"] for row in rows}


def count(db: DatabaseUnderTest, table: str) -> int:
    return int(one(db.owner, f"select count(*) as n from {table}")["n"])
