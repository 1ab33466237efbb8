"""Clients that hang, send by drops, leave early or lie about lengths: ended, others served."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from rempart.edge.writes import WRITE_SECONDS
from tests.support.database import DatabaseUnderTest
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record, count, kinds
from tests.support.pharmacy import HOST, Pharmacy, Wire, ask, wire
from tests.support.waiting import wait_for_a_lock

pytestmark = pytest.mark.slow

OF_EACH_KIND = 80
ENDED_WITHIN_S = 40.0
"""The server's own limits are 5 and 10 s; the rest is the machine's."""

GET = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


@pytest.fixture
def edge(people: DatabaseUnderTest, blinding_socket: Path, tmp_path: Path) -> Iterator[Edge]:
    with edges(people, blinding_socket, tmp_path, 1) as (found,):
        yield found


async def silent(_line: Wire, _pharmacy: Pharmacy) -> None:
    """Connect, and say nothing."""


async def idle(line: Wire, _pharmacy: Pharmacy) -> None:
    """Ask something, and keep the connection for nothing."""
    assert (await line.send(GET)).status == 200


async def slow_head(line: Wire, _pharmacy: Pharmacy) -> None:
    """Send a header by drops, for ever."""
    line.writer.write(b"POST /v1/rights-questions HTTP/1.1\r\nX-Drops: ")
    with contextlib.suppress(ConnectionError):
        while not line.reader.at_eof():
            line.writer.write(b"a")
            await line.writer.drain()
            await asyncio.sleep(0.2)


async def slow_body(line: Wire, pharmacy: Pharmacy) -> None:
    """Send a question's body by drops, until somebody says that this is too slow."""
    request = pharmacy.request()
    line.writer.write(request[:-60])
    for at in range(60, 1, -1):
        if line.reader._buffer:  # type: ignore[attr-defined]  # asyncio's own
            break
        line.writer.write(request[-at : -at + 1])
        await asyncio.sleep(0.2)
    heard = await line.hear()
    assert (heard.status, heard.said) == (408, "body_too_slow")


async def short_body(line: Wire, pharmacy: Pharmacy) -> None:
    """Announce more than is sent, and close one's own half."""
    line.writer.write(pharmacy.request()[:-10])
    line.writer.write_eof()
    heard = await line.hear()
    assert (heard.status, heard.said) == (400, "hung_up")


async def long_body(line: Wire, pharmacy: Pharmacy) -> None:
    """Send more than is announced: a question, and then what is no request."""
    line.writer.write(pharmacy.request() + b"}\r\n\r\n")
    assert (await line.hear()).said == "covered"
    assert (await line.hear()).status == 400


HANGING: dict[str, Callable[[Wire, Pharmacy], Awaitable[None]]] = {
    "silent": silent,
    "idle": idle,
    "slow_head": slow_head,
    "slow_body": slow_body,
    "short_body": short_body,
    "long_body": long_body,
}


def test_hundreds_that_hang_are_ended_and_others_are_answered_meanwhile(
    edge: Edge, people: DatabaseUnderTest
) -> None:
    honest = Pharmacy.make(people)
    hanging = [Pharmacy.make(people, number) for number in range(1, 21)]

    async def hang(number: int, how: str) -> str:
        async with wire(edge.port) as line:
            # One installation has an eighth of the places: spread, so that none is refused for it.
            await HANGING[how](line, hanging[number % len(hanging)])
            async with asyncio.timeout(ENDED_WITHIN_S):
                assert await line.is_ended()
        return how

    async def work() -> int:
        tasks = [
            asyncio.create_task(hang(number, how))
            for number in range(OF_EACH_KIND)
            for how in HANGING
        ]
        answered = 0
        while not all(task.done() for task in tasks):
            assert (await ask(edge.port, honest.request())).said == "covered"
            answered += 1
            await asyncio.sleep(0.2)
        await asyncio.gather(*tasks)
        return answered

    answered = asyncio.run(work())
    assert answered > 10
    # Of those who hang, only whoever sent a whole question was asked, and charged.
    assert kinds(people) == {"answer": answered + OF_EACH_KIND}
    assert edge.measured("rempart_questions_in_hand") == 0
    assert_on_record(people)


def test_whoever_reads_no_answer_is_ended_and_holds_up_nobody_meanwhile(
    edge: Edge, pharmacy: Pharmacy
) -> None:
    before = edge.worker.memory_info().rss

    def open_lines() -> int:
        found = edge.worker.net_connections("tcp")
        return sum(one.laddr.port == edge.port and one.status == "ESTABLISHED" for one in found)

    def await_end() -> None:
        give_up = time.monotonic() + WRITE_SECONDS + ENDED_WITHIN_S
        while left := open_lines():
            assert time.monotonic() < give_up, left
            time.sleep(0.5)

    async def work() -> None:
        page = f"GET /v1/openapi.json HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        async with contextlib.AsyncExitStack() as held:
            for _ in range(OF_EACH_KIND):
                line = await held.enter_async_context(wire(edge.port))
                line.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's
                # More answers than any socket's buffers take.
                line.writer.write(page * 1000)
            for _ in range(20):
                assert (await ask(edge.port, pharmacy.request())).said == "covered"
                await asyncio.sleep(0.1)
            assert edge.worker.memory_info().rss - before < 200 * 2**20
            assert open_lines() >= OF_EACH_KIND
            await asyncio.to_thread(await_end)

    asyncio.run(work())


def test_whoever_hangs_up_before_his_turn_is_neither_asked_nor_charged(
    edge: Edge, people: DatabaseUnderTest
) -> None:
    first, leaving = Pharmacy.make(people), Pharmacy.make(people, 1)
    before = count(people, "journal.entry")

    async def in_hand(number: int) -> None:
        async with asyncio.timeout(20):
            while await asyncio.to_thread(edge.measured, "rempart_questions_in_hand") != number:
                continue

    async def work(owner: psycopg.Connection[dict[str, object]]) -> None:
        # Both lanes wait for a lock that is held; whoever comes now waits for his turn. The second
        # is sent when the first waits there: else one lane would take both, and the other be free.
        owner.execute("select from guard.budget for update")
        async with contextlib.AsyncExitStack() as held:
            lines = [await held.enter_async_context(wire(edge.port)) for _ in range(3)]
            hearing = []
            for line in lines[:2]:
                hearing.append(asyncio.create_task(line.send(first.request())))
                await asyncio.to_thread(wait_for_a_lock, people, len(hearing))
            lines[2].writer.write(leaving.request())
            await in_hand(3)
            lines[2].writer.transport.abort()
            await in_hand(2)
            owner.rollback()
            for heard in await asyncio.gather(*hearing):
                assert heard.said == "covered"

    owner = people.connect("rempart_migrator", autocommit=False)
    asyncio.run(work(owner))
    assert count(people, "journal.entry") == before + 2
    assert count(people, "identity.proof_jti") == 2
    assert_on_record(people)
