"""A flood of pages from people whom nobody knows: questions are answered meanwhile."""

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from rempart.edge.cookie import COOKIE
from tests.support.database import DatabaseUnderTest
from tests.support.edges import Edge, edges
from tests.support.pharmacy import HOST, Heard, Pharmacy, ask, wire

pytestmark = pytest.mark.slow

AT_ONCE = 300
QUESTIONS = 20
MOST_REQUESTS = 20_000


@pytest.fixture
def edge(people: DatabaseUnderTest, blinding_socket: Path, tmp_path: Path) -> Iterator[Edge]:
    with edges(people, blinding_socket, tmp_path, 1) as (found,):
        yield found


def a_page() -> bytes:
    cookie = f"{COOKIE}={secrets.token_urlsafe(32)}"
    return f"GET /portal/account HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n".encode()


def test_a_flood_of_pages_refuses_no_question(edge: Edge, people: DatabaseUnderTest) -> None:
    honest = Pharmacy.make(people)
    left = MOST_REQUESTS
    flooded: list[int] = []

    begun = asyncio.Event()

    async def flood(over: asyncio.Event) -> None:
        nonlocal left
        while left and not over.is_set():
            left -= 1
            async with wire(edge.port) as line:
                line.writer.write(a_page())
                head = await line.reader.readuntil(b"\r\n\r\n")
            flooded.append(int(head.split()[1]))
            begun.set()

    async def work() -> list[Heard]:
        heard = [await ask(edge.port, honest.request())]
        over = asyncio.Event()
        floods = asyncio.gather(*(flood(over) for _ in range(AT_ONCE)))
        await begun.wait()
        async with wire(edge.port) as line:
            heard.extend([await line.send(honest.request()) for _ in range(QUESTIONS)])
        assert left, "the flood was over before the questions were"
        over.set()
        await floods
        return heard

    heard = asyncio.run(work())
    assert [each.said for each in heard] == ["covered"] * (QUESTIONS + 1)
    # The flood was one: some of it was refused, and none of it was told anything.
    assert 503 in flooded
    assert set(flooded) <= {303, 503}
