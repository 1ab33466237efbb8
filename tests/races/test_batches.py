"""Batches in any order never deadlock: lanes, replays in opposite orders, officers beside."""

import asyncio
import os
from typing import Any

import pytest

from rempart.foundation.database import Database
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.journal import check_budgets, verify
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest
from tests.support.racing import LANES, Race

BATCHES = int(os.environ.get("BATCHES", "400"))
SUPERUSER = EmbeddedPostgres.superuser
DEADLOCK = "40P01"
UNSORTED = """
create or replace function guard.lock(
    _installations bigint[], _accounts bigint[], _professionals bigint[], _sites bigint[]
) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    for _at in 1 .. cardinality(_accounts) loop
        perform 1 from guard.budget b where b.kind = 2 and b.id = _accounts[_at] for no key update;
        perform pg_sleep(0.001);
    end loop;
    return guard.now();
end $$"""


def everybody(race: Race) -> None:
    race.sites[0].db.owner.execute("select registry.add_insurer('87654321', 'Une autre')")
    race.run(
        *(("rempart_edge", race.lane(number)) for number in range(LANES)),
        ("rempart_edge", race.broken),
        ("rempart_desk", race.officer(backwards=False)),
        ("rempart_desk", race.officer(backwards=True)),
        ("rempart_desk", race.newcomers),
        ("rempart_desk", race.gates),
        ("rempart_desk", race.gates),
        ("rempart_signin", race.signin),
        ("rempart_jobs", race.jobs),
        ("rempart_jobs", race.erasing),
        ("rempart_jobs", race.erasing),
        (SUPERUSER, race.growing_old),
    )


def audited(db: DatabaseUnderTest) -> None:
    async def work() -> None:
        async with await Database.open(db.dsn("rempart_journal"), max_size=1) as journal:
            verification, budgets = await verify(journal), await check_budgets(journal)
        assert verification.ok, verification.problems[:3]
        assert budgets.ok, budgets.problems[:3]

    asyncio.run(work())


def counted(db: DatabaseUnderTest, statement: str) -> int:
    row: dict[str, Any] = one(db.owner, statement)
    return int(row["n"])


def assert_never_deadlocks(db: DatabaseUnderTest, batches: int) -> None:
    race = Race.make(db, batches // LANES)
    everybody(race)

    assert race.faults == []
    assert not race.gate.broken
    assert race.moves >= batches
    erased = "select sum(erased) as n from journal.purge_part where what = '{}'"
    assert counted(db, erased.format("met")) > 0
    assert counted(db, erased.format("cover")) > 0
    # Four lanes put each question of a deck once; its proof let one of them through.
    put = "select count(*) as n from journal.payload where outcome <> ''"
    assert counted(db, put) == counted(db, "select count(*) as n from journal.reference")
    assert counted(db, put) > 2 * race.rounds
    assert counted(db, f"{put} and told is not null") > race.rounds
    audited(db)


@pytest.mark.slow
def test_batches_in_any_order_never_deadlock(db: DatabaseUnderTest) -> None:
    assert_never_deadlocks(db, BATCHES)


@pytest.mark.soak
def test_10_000_batches_in_any_order_never_deadlock(db: DatabaseUnderTest) -> None:
    assert_never_deadlocks(db, 10_000)


@pytest.mark.slow
def test_a_deadlock_would_be_seen(db: DatabaseUnderTest) -> None:
    """The same race where batches lock in the order of their questions."""
    db.owner.execute(UNSORTED)
    race = Race.make(db, 5)
    race.run(*(("rempart_edge", race.lane(number)) for number in range(LANES)))
    assert DEADLOCK in race.faults
