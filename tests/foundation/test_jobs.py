"""The queue of background work: a killed worker loses and doubles nothing, nobody else sees it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from rempart.database import install
from rempart.database.installer import LOGIN_ROLES, InstallError
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import UnavailableError
from rempart.foundation.jobs import Work, Worker, queue_steps
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest

PROGRAM = Path(__file__).with_name("jobs_process.py")


async def nothing() -> None:
    """Do nothing, well."""


def defer(db: DatabaseUnderTest, **numbers: int) -> None:
    worker = Worker(db.dsn("rempart_jobs"), [Work("test.work", nothing)])
    asyncio.run(worker.defer("test.work", **numbers))


def waiting(db: DatabaseUnderTest) -> list[str]:
    found = db.owner.execute("select status::text from jobs.procrastinate_jobs order by id")
    return [row["status"] for row in found]


@contextmanager
def worker(db: DatabaseUnderTest, seconds: float, told: Path) -> Iterator[subprocess.Popen[bytes]]:
    ready = told.with_suffix(".ready")
    ready.unlink(missing_ok=True)
    words = [sys.executable, str(PROGRAM), db.dsn("rempart_jobs"), str(seconds), str(told)]
    process = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": "src"})
    try:
        until(ready.exists)
        yield process
    finally:
        process.kill()
        process.wait()


def until(holds: object, seconds: float = 60) -> None:
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def lines(told: Path) -> list[str]:
    return told.read_text().splitlines() if told.exists() else []


def test_work_that_waits_is_done_once_by_two_workers(db: DatabaseUnderTest, tmp_path: Path) -> None:
    for number in range(8):
        defer(db, number=number)
        defer(db, number=number)
    assert waiting(db) == ["todo"] * 8
    told = tmp_path / "told"
    with worker(db, 0, told), worker(db, 0, told):
        until(lambda: waiting(db) == [])
    assert sorted(lines(told)) == sorted(f"{w} {n}" for w in ("begun", "done") for n in range(8))


def test_no_notification_cuts_a_job_off(db: DatabaseUnderTest, tmp_path: Path) -> None:
    """PostgreSQL lets every role notify; the queue's library takes an order to abort that way."""
    defer(db, number=1)
    told = tmp_path / "told"
    with worker(db, 2, told):
        until(lambda: lines(told) == ["begun 1"])
        ((number,),) = (
            row.values() for row in db.owner.execute("select id from jobs.procrastinate_jobs")
        )
        order = f'{{"type": "abort_job_requested", "job_id": {number}}}'
        for channel in ("any_queue_v1", "queue_v1#default"):
            edge = db.connect("rempart_edge")
            edge.execute("select pg_notify(%s, %s)", (f"procrastinate_{channel}", order))
        until(lambda: waiting(db) == [])
    assert lines(told) == ["begun 1", "done 1"]


@pytest.mark.slow
def test_a_job_of_a_killed_worker_is_done_by_another_once(
    db: DatabaseUnderTest, tmp_path: Path
) -> None:
    defer(db, number=1)
    told = tmp_path / "told"
    with worker(db, 600, told) as killed:
        until(lambda: lines(told) == ["begun 1"])
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert waiting(db) == ["doing"]
    with worker(db, 0, told):
        until(lambda: waiting(db) == [])
    assert lines(told) == ["begun 1", "begun 1", "done 1"]


@pytest.mark.slow
def test_a_worker_that_is_asked_to_stop_ends_what_it_does(
    db: DatabaseUnderTest, tmp_path: Path
) -> None:
    defer(db, number=1)
    defer(db, number=2)
    told = tmp_path / "told"
    with worker(db, 1, told) as asked:
        until(lambda: lines(told) == ["begun 1"])
        asked.send_signal(signal.SIGTERM)
        assert asked.wait(30) == 0
    assert lines(told) == ["begun 1", "done 1"]
    assert waiting(db) == ["todo"]
    workers = one(db.owner, "select count(*) as n from jobs.procrastinate_workers")
    assert workers["n"] == 0


@pytest.mark.slow
def test_a_worker_waits_for_a_database_that_is_away(db: DatabaseUnderTest, tmp_path: Path) -> None:
    told = tmp_path / "told"
    with worker(db, 0, told) as process:
        db.owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rempart_jobs'"
            " and datname = current_database()"
        )
        defer(db, number=1)
        until(lambda: "done 1" in lines(told))
        assert process.poll() is None


@pytest.mark.slow
def test_work_that_fails_is_tried_again_and_then_left(db: DatabaseUnderTest) -> None:
    tries = []

    async def fail() -> None:
        tries.append(1)
        if len(tries) > 1:
            stop.set()
        raise ValueError("a value that no log may show")

    async def both() -> None:
        made = Worker(db.dsn("rempart_jobs"), [Work("test.work", fail, retries=1)])
        await made.defer("test.work")
        await asyncio.wait_for(made.run(stop), 60)

    stop = asyncio.Event()
    asyncio.run(both())
    assert len(tries) == 2
    assert waiting(db) == ["failed"]


def test_what_is_due_by_the_clock_is_queued_by_the_worker(db: DatabaseUnderTest) -> None:
    async def ran() -> None:
        stop.set()

    async def both() -> None:
        work = Work("test.tick", ran, cron="* * * * *")
        await asyncio.wait_for(Worker(db.dsn("rempart_jobs"), [work]).run(stop), 90)

    stop = asyncio.Event()
    asyncio.run(both())
    assert waiting(db) == []


@pytest.mark.slow
def test_a_queue_out_of_reach_is_said(db: DatabaseUnderTest) -> None:
    nowhere = db.dsn("rempart_jobs").replace(db.name, "nowhere")
    with pytest.raises(UnavailableError):
        asyncio.run(Worker(nowhere, [Work("test.work", nothing)]).defer("test.work"))


@pytest.mark.parametrize("role", sorted(set(LOGIN_ROLES) - {"rempart_jobs"}))
def test_nobody_but_the_worker_sees_the_queue(db: DatabaseUnderTest, role: str) -> None:
    for statement in (
        "select * from jobs.procrastinate_jobs",
        "insert into jobs.procrastinate_jobs (queue_name, task_name) values ('default', 'purge')",
        "select jobs.procrastinate_register_worker_v1()",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.connect(role).execute(statement)


def test_the_worker_may_change_no_table_of_the_queue_nor_its_past(db: DatabaseUnderTest) -> None:
    for statement in (
        "delete from jobs.procrastinate_events",
        "update jobs.procrastinate_events set at = now()",
        "truncate jobs.procrastinate_jobs",
        "create table jobs.mine (x int)",
        "drop table jobs.procrastinate_jobs",
        "select jobs.procrastinate_cancel_job_v1(1, true, true)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.connect("rempart_jobs").execute(statement)


def again(db: DatabaseUnderTest) -> None:
    asyncio.run(install(db.dsn(EmbeddedPostgres.superuser), db.keyring))


def test_installing_again_keeps_what_waits(db: DatabaseUnderTest) -> None:
    defer(db, number=1)
    again(db)
    assert waiting(db) == ["todo"]
    steps = one(db.owner, "select count(*) as n from foundation.queue_step")
    assert steps["n"] == len(queue_steps()) > 30


def test_a_step_that_a_newer_library_brings_is_applied(db: DatabaseUnderTest) -> None:
    """The last step of the library, taken back: what a database of the version before it has."""
    last = queue_steps()[-1]
    defer(db, number=1)
    db.owner.execute("delete from foundation.queue_step where name = %s", (last.name,))
    db.owner.execute(
        "drop trigger procrastinate_trigger_status_events_update_v1 on jobs.procrastinate_jobs"
    )
    again(db)
    row = one(
        db.owner,
        "select count(*) as n from pg_trigger where not tgisinternal"
        " and tgname = 'procrastinate_trigger_status_events_update_v1'",
    )
    assert row["n"] == 1
    assert waiting(db) == ["todo"]
    pinned = db.owner.execute(
        "select proname from pg_proc where pronamespace = 'jobs'::regnamespace"
        " and proconfig is null"
    ).fetchall()
    assert pinned == []


def test_a_queue_from_a_newer_library_is_refused(db: DatabaseUnderTest) -> None:
    db.owner.execute("insert into foundation.queue_step (name) values ('99.00.00_01_later.sql')")
    with pytest.raises(InstallError, match="newer version of procrastinate"):
        again(db)
