"""Erasing is due once a night, whatever slept and whoever else is at it, in virtual time."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rempart.cli.purging import purge_when_due
from rempart.foundation.clock import PARIS
from rempart.foundation.database import Database
from rempart.foundation.settings import Settings
from rempart.journal import is_due
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest
from tests.support.purging import number


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    "last,now,due",
    [
        ("2027-01-10 02:59:59", "2027-01-10 03:00:00", True),
        ("2027-01-10 02:59:59", "2027-01-10 02:59:59", False),
        ("2027-01-10 03:00:00", "2027-01-10 23:59:59", False),
        ("2027-01-10 03:00:00", "2027-01-11 02:59:59", False),
        ("2027-01-10 03:00:00", "2027-01-11 03:00:00", True),
        ("2027-01-10 14:00:00", "2027-01-11 09:00:00", True),
        ("2027-01-01 03:00:00", "2027-02-01 00:00:00", True),
    ],
)
def test_due_once_a_night(last: str, now: str, due: bool) -> None:
    assert is_due(at(now), 3, at(last)) is due


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("change", [date(2027, 3, 28), date(2027, 10, 31)])
def test_the_change_of_clocks_neither_skips_nor_doubles_a_night(change: date, hour: int) -> None:
    """Looked at every ten minutes, over a week in which the clocks change."""
    utc = ZoneInfo("UTC")
    now = datetime(change.year, change.month, change.day, tzinfo=utc) - timedelta(days=3)
    last, runs = now, []
    while now.date() < change + timedelta(days=4):
        if is_due(now, hour, last):
            runs.append(now)
            last = now
        now += timedelta(minutes=10)
    nights = [run.astimezone(PARIS).date() for run in runs]
    assert nights == sorted(set(nights))
    assert len(nights) > 5
    assert {b - a for a, b in pairwise(nights)} == {timedelta(days=1)}


@dataclass
class Clock:
    """A clock that a test sets."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.astimezone(PARIS).date()


def ticks(db: DatabaseUnderTest, *instants: datetime, beside: int = 1) -> list[int | None]:
    settings = Settings.load({})

    async def work() -> list[int | None]:
        found: list[int | None] = []
        opened = [await Database.open(db.dsn("rempart_jobs"), max_size=1) for _ in range(beside)]
        try:
            for now in instants:
                found += await asyncio.gather(
                    *(purge_when_due(one_of, settings, Clock(now)) for one_of in opened)
                )
        finally:
            for one_of in opened:
                await one_of.close()
        return found

    return asyncio.run(work())


def runs(db: DatabaseUnderTest) -> int:
    return number(db, "select count(*) from journal.purge")


def test_the_first_night_is_the_one_after_the_install(db: DatabaseUnderTest) -> None:
    installed = one(db.owner, "select min(applied_at) as at from foundation.migration")["at"]
    assert ticks(db, installed, installed + timedelta(minutes=10)) == [None, None]
    assert runs(db) == 0
    (done,) = ticks(db, installed + timedelta(days=1, hours=1))
    assert done is not None
    assert runs(db) == 1


def test_a_machine_that_slept_for_days_does_it_once_when_it_wakes(db: DatabaseUnderTest) -> None:
    now = one(db.owner, "select now() as at")["at"]
    woken = now + timedelta(days=9)
    first, second = ticks(db, woken, now)
    assert first is not None
    # The run began by the database's own clock, now: nothing is due until its next night.
    assert second is None
    assert runs(db) == 1


def test_a_run_that_was_cut_off_is_gone_on_with_at_any_hour(db: DatabaseUnderTest) -> None:
    db.connect("rempart_jobs").execute("select * from journal.open_purge('schedule', 36)")
    now = one(db.owner, "select now() as at")["at"]
    (done,) = ticks(db, now)
    assert done is not None
    assert runs(db) == 1
    assert number(db, "select count(*) from journal.purge where closed_no is not null") == 1


def test_two_workers_at_the_same_moment_make_one_run(db: DatabaseUnderTest) -> None:
    now = one(db.owner, "select now() as at")["at"]
    ticks(db, now + timedelta(days=2), beside=2)
    assert runs(db) == 1
