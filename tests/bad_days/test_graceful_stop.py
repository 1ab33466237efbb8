"""A stop under load loses no question: answered, or refused before anything was charged."""

import asyncio
import contextlib
import hmac
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # published without types
import pytest

from tests.bad_days.test_hanging_clients import idle, silent, slow_head
from tests.support.database import DatabaseUnderTest
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record, count
from tests.support.pharmacy import HOST, Heard, Pharmacy, wire

pytestmark = pytest.mark.slow

ASKERS = 12
ENDED_WITHIN_S = 35.0
"""A request has 15 s, granian 20 to end its worker; the rest is the machine's."""

TERM, INT = signal.SIGTERM, signal.SIGINT


@pytest.fixture
def edge(people: DatabaseUnderTest, blinding_socket: Path, tmp_path: Path) -> Iterator[Edge]:
    with edges(people, blinding_socket, tmp_path, 1) as (found,):
        yield found


def is_on_record(db: DatabaseUnderTest, reference: str) -> bool:
    """Whether a question with this reference was charged, answered or not."""
    key = db.keyring.secret("met_inner")
    hidden = hmac.digest(key, f"rempart/reference/{reference}".encode(), "sha256").hex()
    return count(db, f"journal.reference where reference = '{hidden}'") == 1


async def stop(edge: Edge, *signals: signal.Signals) -> float:
    """Send the signals to granian, half a second apart; how long until all of it has gone."""
    everybody = [edge.granian, *edge.granian.children(recursive=True)]
    began = time.monotonic()
    for number in signals:
        with contextlib.suppress(ProcessLookupError):
            os.kill(everybody[0].pid, number)
        await asyncio.sleep(0.5)
    _, alive = await asyncio.to_thread(psutil.wait_procs, everybody, ENDED_WITHIN_S)
    assert alive == []
    return time.monotonic() - began


class Load:
    """Askers that go on until their connection ends; what each heard, and what he did not."""

    def __init__(self, edge: Edge, pharmacies: list[Pharmacy]) -> None:
        self.edge, self.pharmacies = edge, pharmacies
        self.heard: list[Heard] = []
        self.told: list[str] = []
        self.unheard: list[str] = []

    async def run(self) -> None:
        await asyncio.gather(*(self._asker(number) for number in range(ASKERS)))

    async def _asker(self, number: int) -> None:
        pharmacy = self.pharmacies[number % len(self.pharmacies)]
        while True:
            question = pharmacy.question()
            try:
                async with wire(self.edge.port) as line:
                    self.heard.append(await line.send(pharmacy.request(question)))
                    while self.heard[-1].headers.get("connection") != "close":
                        question = pharmacy.question()
                        self.heard.append(await line.send(pharmacy.request(question)))
                        self.told.append(str(question["reference"]))
            except ConnectionRefusedError:
                return
            except (OSError, EOFError):
                self.unheard.append(str(question["reference"]))

    def assert_nothing_lost(self, db: DatabaseUnderTest) -> None:
        """Whoever was not answered was not charged; whoever was answered is on record."""
        assert {each.said for each in self.heard} <= {"covered", "unavailable"}
        assert all(is_on_record(db, each) for each in self.told[:ASKERS])
        assert [each for each in self.unheard if is_on_record(db, each)] == []
        answered = [each.leaf for each in self.heard if each.status == 200]
        assert count(db, "journal.reference") == len(answered)
        assert_on_record(db, answered)


@pytest.mark.parametrize(
    "signals", [(TERM,), (TERM, TERM), (INT,), (INT, INT)], ids=["term", "terms", "int", "ints"]
)
def test_an_edge_that_is_told_to_stop_loses_no_question(
    signals: tuple[signal.Signals, ...], edge: Edge, people: DatabaseUnderTest
) -> None:
    load = Load(edge, [Pharmacy.make(people, number) for number in range(4)])

    async def work() -> None:
        asking = asyncio.create_task(load.run())
        await asyncio.sleep(1.5)
        await stop(edge, *signals)
        await asking

    asyncio.run(work())
    assert len(load.heard) > ASKERS
    load.assert_nothing_lost(people)
    assert "Traceback" not in edge.log()


@pytest.mark.parametrize("then", ["released", "held"])
def test_a_stop_waits_for_a_slow_database_but_not_for_ever(
    then: str, edge: Edge, people: DatabaseUnderTest
) -> None:
    pharmacy = Pharmacy.make(people)
    holding = people.connect("rempart_migrator", autocommit=False)
    holding.execute("select from guard.budget for update")

    async def one_of(line: Any) -> Heard:  # noqa: ANN401 - a Wire, opened by the stack
        heard: Heard = await line.send(pharmacy.request())
        return heard

    async def work() -> list[Heard]:
        async with contextlib.AsyncExitStack() as held:
            lines = [await held.enter_async_context(wire(edge.port)) for _ in range(4)]
            asking = [asyncio.create_task(one_of(line)) for line in lines]
            while await asyncio.to_thread(edge.measured, "rempart_questions_in_hand") < len(lines):
                continue
            if then == "released":
                asyncio.get_running_loop().call_later(2, holding.rollback)
            await stop(edge, TERM)
            return await asyncio.gather(*asking)

    heard = asyncio.run(work())
    holding.rollback()
    assert {each.said for each in heard} == {"covered" if then == "released" else "unavailable"}
    assert count(people, "journal.reference") == (len(heard) if then == "released" else 0)
    assert_on_record(people, [each.leaf for each in heard if each.status == 200])


def test_clients_that_hang_do_not_hold_a_stop(edge: Edge, pharmacy: Pharmacy) -> None:
    page = f"GET /v1/openapi.json HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()

    async def work() -> None:
        async with contextlib.AsyncExitStack() as held:
            lines = [await held.enter_async_context(wire(edge.port)) for _ in range(8)]
            await silent(lines[0], pharmacy)
            await idle(lines[1], pharmacy)
            dropping = asyncio.create_task(slow_head(lines[2], pharmacy))
            lines[3].writer.write(pharmacy.request()[:-20])
            for line in lines[4:]:
                line.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's
                line.writer.write(page * 200)
            await asyncio.sleep(1)
            await stop(edge, TERM)
            await dropping

    asyncio.run(work())
