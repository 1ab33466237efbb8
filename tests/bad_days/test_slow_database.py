"""A database that is slow, silent, cut off or gone: no answer, no pile, and back by itself."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # published without types
import pytest

from rempart.edge.deadline import REQUEST_SECONDS
from tests.support.database import Connection, DatabaseUnderTest
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record, count, kinds
from tests.support.pharmacy import Heard, Pharmacy, ask, wire
from tests.support.relay import Relay, relay

pytestmark = pytest.mark.slow

ASKERS = 40
QUESTIONS = 3
"""Connections of one edge for questions: two lanes, and one for readiness."""

OTHERS = 2
"""One for claims and one for pages, which nobody sends here."""

IN_TIME_S = REQUEST_SECONDS + 5
"""The deadline; the rest is the machine's."""

BACK_WITHIN_S = 40


@pytest.fixture
def line(people: DatabaseUnderTest) -> Iterator[tuple[Relay, str]]:
    with relay(people) as found:
        yield found


@pytest.fixture
def edge(
    people: DatabaseUnderTest, blinding_socket: Path, tmp_path: Path, line: tuple[Relay, str]
) -> Iterator[Edge]:
    with edges(people, blinding_socket, tmp_path, 1, database_url=line[1]) as (found,):
        yield found


async def all_at_once(edge: Edge, asked: list[tuple[Pharmacy, dict[str, Any]]]) -> list[Heard]:
    return await asyncio.gather(
        *(ask(edge.port, pharmacy.request(question)) for pharmacy, question in asked)
    )


def some_questions(people: DatabaseUnderTest) -> list[tuple[Pharmacy, dict[str, Any]]]:
    pharmacies = [Pharmacy.make(people, number) for number in range(4)]
    asking = [pharmacies[n % len(pharmacies)] for n in range(ASKERS)]
    return [(pharmacy, pharmacy.question()) for pharmacy in asking]


def backends(owner: Connection) -> list[dict[str, Any]]:
    return owner.execute(
        "select pid, coalesce(state, '') as state, wait_event_type from pg_stat_activity"
        " where datname = current_database() and usename = 'rempart_edge'"
    ).fetchall()


def assert_unavailable(heard: list[Heard]) -> None:
    assert {(each.status, each.said) for each in heard} == {(503, "unavailable")}
    assert max(each.seconds for each in heard) < IN_TIME_S


async def until_answered(edge: Edge, pharmacy: Pharmacy) -> Heard:
    """Ask until there is an answer; every refusal before is a clean one."""
    async with asyncio.timeout(BACK_WITHIN_S):
        while (heard := await ask(edge.port, pharmacy.request())).said != "covered":
            assert (heard.status, heard.said) == (503, "unavailable")
    return heard


def test_a_locked_database_is_waited_for_in_bounded_time_and_number(
    edge: Edge, people: DatabaseUnderTest
) -> None:
    asked, owner = some_questions(people), people.owner
    holding = people.connect("rempart_migrator", autocommit=False)
    holding.execute("select from guard.budget for update")
    seen: list[list[str]] = []

    async def work() -> list[Heard]:
        asking = asyncio.create_task(all_at_once(edge, asked))
        while not asking.done():
            seen.append([row["state"] for row in backends(owner)])
            await asyncio.sleep(0.5)
        return await asking

    assert_unavailable(asyncio.run(work()))
    assert max(len(states) for states in seen) <= QUESTIONS + OTHERS
    assert max(len(states) - states.count("idle") for states in seen) <= QUESTIONS
    assert count(people, "journal.reference") == 0
    assert edge.measured("rempart_questions_in_hand") == 0
    # Nothing goes on behind the back of those who were told that nothing was answered.
    assert [row for row in backends(owner) if row["state"] != "idle"] == []
    holding.rollback()

    heard = asyncio.run(all_at_once(edge, asked))
    assert {each.said for each in heard} == {"covered"}
    assert kinds(people) == {"answer": ASKERS}
    assert_on_record(people, [each.leaf for each in heard])


def test_a_server_process_that_stands_still_is_left_behind(
    edge: Edge, people: DatabaseUnderTest
) -> None:
    stuck, others, owner = Pharmacy.make(people), Pharmacy.make(people, 1), people.owner
    holding = people.connect("rempart_migrator", autocommit=False)
    holding.execute(
        "select from guard.budget where kind = 1 and id = %s for update",
        (stuck.site.installation.installation_id,),
    )
    stopped: list[int] = []

    async def work() -> None:
        asking = asyncio.create_task(ask(edge.port, stuck.request()))
        async with asyncio.timeout(20):
            while not stopped:
                waiting = (r for r in backends(owner) if r["wait_event_type"] == "Lock")
                stopped.extend(row["pid"] for row in waiting)
                await asyncio.sleep(0.05)
        # It holds a lane, and hears neither the statement's time-out nor a cancellation.
        os.kill(stopped[0], signal.SIGSTOP)
        holding.rollback()
        for _ in range(5):
            assert (await ask(edge.port, others.request())).said == "covered"
        assert_unavailable([await asking])
        # The lane that was stuck is free again, while the process still stands.
        assert psutil.Process(stopped[0]).status() == psutil.STATUS_STOPPED
        heard = await all_at_once(edge, [(others, others.question()) for _ in range(10)])
        assert {each.said for each in heard} == {"covered"}

    try:
        asyncio.run(work())
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert asyncio.run(until_answered(edge, stuck)).status == 200
    assert_on_record(people)


def test_a_silent_line_is_given_up_and_made_anew(
    edge: Edge, people: DatabaseUnderTest, line: tuple[Relay, str]
) -> None:
    pharmacy = Pharmacy.make(people)
    assert asyncio.run(until_answered(edge, pharmacy)).status == 200
    line[0].silence()
    asked = [(pharmacy, pharmacy.question()) for _ in range(8)]
    assert_unavailable(asyncio.run(all_at_once(edge, asked)))
    assert edge.readiness()["parts"] == {
        "database": "red", "migration": "red", "months": "red", "strays": "red", "heart": "red",
        "taken_up": "red", "blinding": "ok",
    }  # fmt: skip
    line[0].speak()
    assert asyncio.run(until_answered(edge, pharmacy)).status == 200
    assert_on_record(people)


@pytest.mark.parametrize("how", ["terminated", "cut"])
def test_connections_that_are_lost_under_load_are_made_anew(
    how: str, edge: Edge, people: DatabaseUnderTest, line: tuple[Relay, str]
) -> None:
    pharmacies = [Pharmacy.make(people, number) for number in range(4)]
    heard: list[Heard] = []
    worker, owner = edge.worker.pid, people.owner

    def lose() -> None:
        if how == "cut":
            line[0].cut()
            return
        owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and usename = 'rempart_edge'"
        )

    async def asker(pharmacy: Pharmacy, over: asyncio.Event) -> None:
        async with wire(edge.port) as mine:
            while not over.is_set():
                heard.append(await mine.send(pharmacy.request()))

    async def work() -> None:
        over = asyncio.Event()
        asking = [asyncio.create_task(asker(pharmacy, over)) for pharmacy in pharmacies * 2]
        for _ in range(10):
            await asyncio.sleep(0.5)
            lose()
        over.set()
        await asyncio.gather(*asking)
        await until_answered(edge, pharmacies[0])

    asyncio.run(work())
    said = {(each.status, each.said) for each in heard}
    assert (200, "covered") in said
    assert said <= {(200, "covered"), (503, "unavailable")}
    assert max(each.seconds for each in heard) < IN_TIME_S
    # The same process, and nothing that was told is missing.
    assert edge.worker.pid == worker
    assert_on_record(people, [each.leaf for each in heard if each.status == 200])


def test_a_database_that_is_gone_for_long_is_found_again_without_a_restart(
    edge: Edge, people: DatabaseUnderTest, line: tuple[Relay, str]
) -> None:
    pharmacy = Pharmacy.make(people)
    assert asyncio.run(until_answered(edge, pharmacy)).status == 200
    worker = edge.worker.pid
    line[0].take(calls=False)
    line[0].cut()
    # Longer than the pool tries by itself: then each caller has it try again.
    asked = [(pharmacy, pharmacy.question()) for _ in range(4)]
    for _ in range(4):
        assert_unavailable(asyncio.run(all_at_once(edge, asked)))
        assert edge.readiness()["ready"] is False
    line[0].take(calls=True)
    assert asyncio.run(until_answered(edge, pharmacy)).status == 200
    assert edge.worker.pid == worker
    # What /readyz found is told again for a second.
    give_up = time.monotonic() + BACK_WITHIN_S
    while not edge.is_ready():
        assert time.monotonic() < give_up
    assert count(people, "journal.reference") == 2
    assert_on_record(people)
