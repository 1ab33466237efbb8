"""The lane: batches what waits, keeps nobody waiting, loses no question."""

import asyncio
import statistics
import time
from pathlib import Path

import psycopg
import pytest

from rempart.foundation.continuity import Mark
from rempart.foundation.database import Database
from rempart.foundation.errors import OverloadedError, UnavailableError
from rempart.guard.heart import beat_for_ever
from rempart.rights.lane import BATCH, WAITING, Lane
from tests.support.asking import Site, one, write_something
from tests.support.lanes import Counted, opened, outcome, run, turns

CALLERS = 64


def transactions(site: Site) -> int:
    """How many transactions wrote an answer: each entry keeps its own."""
    return int(
        one(
            site.db.owner,
            "select count(distinct xid::text) as n from journal.payload where outcome <> ''",
        )["n"]
    )


@pytest.mark.parametrize("arriving", ["together", "one_by_one"])
def test_64_concurrent_questions_make_fewer_than_8_commits(site: Site, arriving: str) -> None:
    async def work(lane: Lane, counted: Counted) -> None:
        asked = []
        for _ in range(CALLERS):
            asked.append(asyncio.create_task(lane.ask(site.question())))
            if arriving == "one_by_one":
                await asyncio.sleep(0)
        answers = await asyncio.gather(*asked)
        assert [outcome(answer) for answer in answers] == ["covered"] * CALLERS
        assert len(counted.calls) < 8

    run(site, work)
    assert transactions(site) <= 3


def test_a_question_alone_waits_less_than_a_millisecond(site: Site) -> None:
    async def work(lane: Lane, counted: Counted) -> None:
        waits = []
        for _ in range(15):
            question = site.question()
            counted.began.clear()
            before = time.perf_counter()
            await lane.ask(question)
            waits.append(counted.began[0] - before)
        assert statistics.median(waits) < 0.001

    run(site, work)


def test_a_caller_who_leaves_before_his_turn_is_neither_asked_nor_charged(site: Site) -> None:
    async def work(lane: Lane, counted: Counted) -> None:
        counted.gate = asyncio.Event()
        first = asyncio.create_task(lane.ask(site.question()))
        await turns()
        waiting = [asyncio.create_task(lane.ask(site.question())) for _ in range(8)]
        await turns()
        waiting[3].cancel()
        await turns()
        counted.gate.set()
        answers = await asyncio.gather(first, *waiting, return_exceptions=True)
        assert isinstance(answers.pop(4), asyncio.CancelledError)
        for answer in answers:
            assert not isinstance(answer, BaseException)
            assert outcome(answer) == "covered"

    run(site, work, lanes=1)
    assert one(site.db.owner, "select count(*) as n from journal.reference")["n"] == 8


def test_a_caller_who_leaves_at_once_makes_no_transaction(site: Site) -> None:
    async def work(lane: Lane, counted: Counted) -> None:
        asking = asyncio.create_task(lane.ask(site.question()))
        await turns(1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await turns()
        assert counted.calls == []
        assert outcome(await lane.ask(site.question())) == "covered"

    run(site, work, lanes=1)


def test_a_caller_who_leaves_during_his_turn_breaks_nobody_elses(site: Site) -> None:
    async def work(lane: Lane, counted: Counted) -> None:
        counted.gate = asyncio.Event()
        asked = [asyncio.create_task(lane.ask(site.question())) for _ in range(8)]
        await turns()
        asked[5].cancel()
        await turns()
        counted.gate.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(answers.pop(5), asyncio.CancelledError)
        assert not any(isinstance(answer, BaseException) for answer in answers)

    run(site, work, lanes=1)


def test_close_loses_no_question_and_takes_no_more(site: Site) -> None:
    async def work(lane: Lane, counted: Counted) -> None:
        counted.gate = asyncio.Event()
        asked = [asyncio.create_task(lane.ask(site.question())) for _ in range(3 * BATCH)]
        await turns()
        closing = asyncio.create_task(lane.close())
        await turns()
        with pytest.raises(UnavailableError):
            await lane.ask(site.question())
        counted.gate.set()
        await closing
        assert all(task.done() for task in asked)
        assert [outcome(task.result()) for task in asked] == ["covered"] * len(asked)

    run(site, work)


def test_past_the_waiting_bound_a_question_is_refused_at_once(site: Site) -> None:
    async def work(lane: Lane, counted: Counted) -> None:
        counted.gate = asyncio.Event()
        running = asyncio.create_task(lane.ask(site.question()))
        await turns()
        question = site.question()
        waiting = [asyncio.create_task(lane.ask(question)) for _ in range(WAITING)]
        await turns()
        before = time.perf_counter()
        with pytest.raises(OverloadedError):
            await lane.ask(site.question())
        assert time.perf_counter() - before < 0.1
        for task in waiting:
            task.cancel()
        await turns()
        # Those who left take no place: neither in the queue, nor of one who comes now.
        assert lane._queue == []
        late = asyncio.create_task(lane.ask(site.question()))
        await turns()
        counted.gate.set()
        assert outcome(await running) == "covered"
        assert outcome(await late) == "covered"

    run(site, work, lanes=1)


@pytest.mark.slow
def test_a_transaction_that_sleeps_is_ended_and_frees_the_account(
    site: Site, tmp_path: Path
) -> None:
    """As the real roles: an edge holds the locks of an account; the heart ends it."""
    sleeper = site.db.connect("rempart_edge", autocommit=False)

    async def work() -> tuple[float, str]:
        dsn = site.db.dsn
        jobs = await Database.open(dsn("rempart_jobs"), max_size=1)
        janitor = await Database.open(dsn("rempart_janitor"), max_size=1)
        stop = asyncio.Event()
        heart = asyncio.create_task(beat_for_ever(jobs, janitor, Mark(tmp_path / "mark"), stop))
        try:
            async with opened(site) as (lane, _):
                write_something(sleeper, site)
                before = time.monotonic()
                answer = await asyncio.wait_for(lane.ask(site.question()), 10)
                return time.monotonic() - before, outcome(answer)
        finally:
            stop.set()
            await heart
            await jobs.close()
            await janitor.close()

    took, answered = asyncio.run(work())
    # Two seconds of sleep, at most one more until the next beat; the rest is the machine's.
    assert 1.5 < took < 4.5
    assert answered == "covered"
    with pytest.raises(psycopg.OperationalError):
        sleeper.execute("select 1")
    kept = one(site.db.owner, "select count(*) as n from journal.reference")
    assert kept["n"] == 1
