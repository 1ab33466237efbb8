"""The heart on a bad day: no beat, said once, and it goes on by itself when the day is over."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from rempart.foundation.continuity import Mark
from rempart.foundation.database import Database
from rempart.guard import heart
from tests.support.asking import Site, one


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats come fifty times as often as they should."""
    monkeypatch.setattr(heart, "_BEAT_S", 0.02)


@asynccontextmanager
async def beating(site: Site, folder: Path) -> AsyncIterator[None]:
    jobs = await Database.open(site.db.dsn("rempart_jobs"), max_size=1)
    janitor = await Database.open(site.db.dsn("rempart_janitor"), max_size=1)
    stop = asyncio.Event()
    task = asyncio.create_task(heart.beat_for_ever(jobs, janitor, Mark(folder / "mark"), stop))
    try:
        yield
    finally:
        stop.set()
        await task
        await jobs.close()
        await janitor.close()


async def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def anchor(site: Site) -> datetime:
    """When guard time was last anchored to the wall clock: each beat does it."""
    wall_at: datetime = one(site.db.owner, "select wall_at from guard.clock")["wall_at"]
    return wall_at


async def one_more_beat(site: Site) -> None:
    before = anchor(site)
    await until(lambda: anchor(site) > before)


AGAIN = "update guard.clock set boot = boot - interval '1 hour'"
TAKEN = "update guard.clock set boot = pg_postmaster_start_time()"
FORBIDDEN = "revoke execute on function guard.beat(bigint) from rempart_jobs"
ALLOWED = "grant execute on function guard.beat(bigint) to rempart_jobs"
ENDED = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rempart_jobs'"


@pytest.mark.parametrize(
    "began, ended, said",
    [(AGAIN, TAKEN, "no beat: no_mark"), (FORBIDDEN, ALLOWED, "no beat: 42501")],
    ids=["started again", "not allowed"],
)
def test_a_refusal_is_said_once_and_ends_by_itself(
    site: Site, tmp_path: Path, began: str, ended: str, said: str
) -> None:
    async def work() -> None:
        before = anchor(site)
        async with beating(site, tmp_path):
            await until(lambda: len(logs) == 1)
            await asyncio.sleep(0.3)
            assert anchor(site) == before
            site.db.owner.execute(ended)
            await until(lambda: anchor(site) > before)
            # Another day like it is said again.
            site.db.owner.execute(began)
            (tmp_path / "mark").unlink(missing_ok=True)
            await until(lambda: len(logs) == 2)
            site.db.owner.execute(ended)

    site.db.owner.execute(began)
    with capture_logs() as logs:
        asyncio.run(work())
    assert [line["event"] for line in logs] == [said, said]


def test_without_its_mark_there_is_no_beat(site: Site, tmp_path: Path) -> None:
    away = tmp_path / "away"

    async def work() -> None:
        before = anchor(site)
        async with beating(site, away):
            await until(lambda: len(logs) == 1)
            assert anchor(site) == before
            away.mkdir()
            await until(lambda: anchor(site) > before)

    with capture_logs() as logs:
        asyncio.run(work())
    assert [line["event"] for line in logs] == ["no beat: mark_not_written"]
    assert Mark(away / "mark").read() is not None


def test_a_database_that_is_away_is_waited_for(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        async with beating(site, tmp_path):
            for _ in range(3):
                await one_more_beat(site)
                assert site.db.owner.execute(ENDED).rowcount
            await one_more_beat(site)

    with capture_logs() as logs:
        asyncio.run(work())
    assert logs == []


def test_what_has_expired_is_swept_again_and_again(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "_SWEEP_EVERY", 10)
    owner = site.db.owner

    async def work() -> None:
        async with beating(site, tmp_path):
            # The first beat sweeps; what expires after it waits for another sweep.
            for _ in range(2):
                await one_more_beat(site)
            owner.execute("update identity.token set expires_at = now() - interval '3 days'")
            await until(lambda: one(owner, "select count(*) as n from identity.token")["n"] == 0)

    asyncio.run(work())
