"""The database's server is restarted under load, as a failover does: answered is on record."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bad_days.test_slow_database import IN_TIME_S, until_answered
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record, count, kinds
from tests.support.own_server import OwnServer, own_server
from tests.support.pharmacy import Heard, Pharmacy, ask, wire

pytestmark = pytest.mark.slow

ASKERS = 12
RESTARTS = 3


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnServer]:
    with own_server(tmp_path / "own") as found:
        yield found


@pytest.fixture
def edge(own: OwnServer, tmp_path: Path) -> Iterator[Edge]:
    with edges(own.db, own.blinding, tmp_path, 1, state_dir=str(own.state)) as (found,):
        yield found


class Load:
    """Software that asks until told to end, on a new connection whenever one was lost."""

    def __init__(self, edge: Edge, pharmacies: list[Pharmacy]) -> None:
        self.edge, self.pharmacies = edge, pharmacies
        self.over = False
        self.told = asyncio.Event()
        self.answered: list[Heard] = []
        self.refused: list[tuple[Pharmacy, dict[str, Any]]] = []
        self.slowest = 0.0

    async def asker(self, number: int) -> None:
        pharmacy = self.pharmacies[number % len(self.pharmacies)]
        async with wire(self.edge.port) as line:
            while not self.over:
                question = pharmacy.question()
                heard = await line.send(pharmacy.request(question))
                self.slowest = max(self.slowest, heard.seconds)
                if heard.status == 200:
                    self.answered.append(heard)
                    self.told.set()
                else:
                    assert (heard.status, heard.said) == (503, "unavailable")
                    self.refused.append((pharmacy, question))

    async def more(self, number: int) -> None:
        """Wait until so many more were answered."""
        goal = len(self.answered) + number
        async with asyncio.timeout(60):
            while len(self.answered) < goal:
                self.told.clear()
                await self.told.wait()


async def ask_again(load: Load) -> list[Heard]:
    """Whoever was not answered asks again with the same reference."""
    again = []
    for pharmacy, question in load.refused:
        again.append(await ask(load.edge.port, pharmacy.request(question)))
    return again


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_a_server_restarted_under_load_keeps_what_it_answered(
    how: signal.Signals, own: OwnServer, edge: Edge
) -> None:
    load = Load(edge, [Pharmacy.make(own.db, number) for number in range(4)])
    worker = edge.worker.pid

    async def work() -> list[Heard]:
        async with asyncio.TaskGroup() as group:
            for number in range(ASKERS):
                group.create_task(load.asker(number))
            for _ in range(RESTARTS):
                await load.more(2 * ASKERS)
                own.hang_up()
                await asyncio.to_thread(own.end, how)
                await asyncio.to_thread(own.server.start)
            await load.more(ASKERS)
            load.over = True
        return await ask_again(load)

    again = asyncio.run(work())
    # The heart took each start up, and the same edge found it: nobody did anything.
    assert edge.worker.pid == worker
    assert load.refused != []
    assert {heard.said for heard in (*load.answered, *again)} == {"covered"}
    assert load.slowest < IN_TIME_S
    # Each has its entry; the charges of all of them, replayed from the entries, are the budgets.
    assert_on_record(own.db, [heard.leaf for heard in (*load.answered, *again)])
    asked = len(load.answered) + len(load.refused)
    assert kinds(own.db)["answer"] == count(own.db, "journal.reference") == asked
    asyncio.run(until_answered(edge, load.pharmacies[0]))
