"""Ten times what an edge has places for: refused early, charged for nothing, then all is well."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rempart.edge.deadline import REQUEST_SECONDS
from rempart.identity import ClientKey
from rempart.rights import BlindingClient
from rempart.rights.room import SHARES
from tests.support.database import DatabaseUnderTest
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record, kinds
from tests.support.pharmacy import Heard, Pharmacy, ask, wire

pytestmark = pytest.mark.slow

PLACES = 16
TIMES = 10
SECONDS = 6.0
MOST_REQUESTS = 20_000
"""All together, should the machine be so quick."""

INDEXES_A_QUESTION = 3


@pytest.fixture
def edge(people: DatabaseUnderTest, blinding_socket: Path, tmp_path: Path) -> Iterator[Edge]:
    with edges(people, blinding_socket, tmp_path, 1, edge_questions=str(PLACES)) as (found,):
        yield found


async def flood(
    edge: Edge, pharmacies: list[Pharmacy], connections: int, until: asyncio.Event
) -> list[Heard]:
    """Ask on so many connections at once, each again as soon as it is answered or refused."""
    heard: list[Heard] = []

    async def asker(pharmacy: Pharmacy) -> None:
        async with wire(edge.port) as line:
            while not until.is_set() and len(heard) < MOST_REQUESTS:
                heard.append(await line.send(pharmacy.request()))

    await asyncio.gather(*(asker(pharmacies[n % len(pharmacies)]) for n in range(connections)))
    return heard


async def blinded(socket: Path) -> int:
    client = await BlindingClient.open(socket)
    try:
        return await client.total()
    finally:
        await client.close()


def assert_refused_early(heard: list[Heard]) -> Counter[str]:
    """Assert that whoever was not answered was told to wait, in the shape of every problem."""
    for each in heard:
        if each.status != 200:
            assert (each.status, each.said) == (503, "overloaded")
            assert 1 <= int(each.headers["retry-after"]) <= 5
            assert each.headers["content-type"] == "application/problem+json"
    return Counter(each.said for each in heard)


def test_ten_times_the_load_is_refused_early_and_leaves_nothing_behind(
    edge: Edge, people: DatabaseUnderTest, blinding_socket: Path
) -> None:
    pharmacies = [Pharmacy.make(people, number) for number in range(2 * SHARES)]
    memory = edge.worker.memory_info().rss

    async def work() -> tuple[list[Heard], Heard, int]:
        before = await blinded(blinding_socket)
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(SECONDS, over.set)
        heard = await flood(edge, pharmacies, TIMES * PLACES, over)
        after = await ask(edge.port, pharmacies[0].request())
        return heard, after, await blinded(blinding_socket) - before

    heard, after, indexes = asyncio.run(work())
    said = assert_refused_early(heard)
    assert said.keys() == {"covered", "overloaded"}
    assert said["overloaded"] > TIMES
    assert max(each.seconds for each in heard) < REQUEST_SECONDS
    # Nothing was paid for whoever was refused: no entry, no charge, no index.
    assert after.said == "covered"
    assert kinds(people) == {"answer": said["covered"] + 1}
    assert indexes == INDEXES_A_QUESTION * (said["covered"] + 1)
    assert_on_record(people, [each.leaf for each in [*heard, after] if each.status == 200])
    # And nothing is left of it.
    assert after.seconds < 5
    assert edge.measured("rempart_questions_in_hand") == 0
    assert edge.worker.memory_info().rss - memory < 100 * 2**20


def invented(pharmacy: Pharmacy) -> Pharmacy:
    """Make one whom nobody enrolled: a key and a token of its own, proofs that are good."""
    strange = replace(pharmacy.site.installation, token=secrets.token_urlsafe(32))
    return replace(pharmacy, key=ClientKey.generate(), site=pharmacy.site.at(strange))


@pytest.mark.parametrize("who", ["one_installation", "invented_keys"])
def test_one_clients_flood_refuses_nobody_else(
    who: str, edge: Edge, people: DatabaseUnderTest
) -> None:
    honest, other = Pharmacy.make(people), Pharmacy.make(people, 1)
    flooding = [other] if who == "one_installation" else [invented(other) for _ in range(40)]

    async def work() -> tuple[list[Heard], list[Heard]]:
        # Its token was seen alive once: from then on no stranger takes its place.
        heard = [await ask(edge.port, honest.request())]
        over = asyncio.Event()
        flooded = asyncio.create_task(flood(edge, flooding, TIMES * PLACES, over))
        async with wire(edge.port) as line:
            for _ in range(25):
                heard.append(await line.send(honest.request()))
                await asyncio.sleep(0.1)
        over.set()
        return heard, await flooded

    heard, flooded = asyncio.run(work())
    assert {each.said for each in heard} == {"covered"}
    refused = Counter(each.said for each in flooded)
    assert refused["overloaded"] > 0
    told = {"covered"} if who == "one_installation" else {"invalid_token"}
    assert refused.keys() - {"overloaded"} <= told
    assert_on_record(people, [each.leaf for each in heard])
