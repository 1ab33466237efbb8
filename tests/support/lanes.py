"""A lane on the real database as rempart_edge, that counts what it calls."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rempart.foundation.database import Database, Row
from rempart.journal import ReceiptSigner
from rempart.rights.lane import Collected, Lane
from tests.support.asking import Site


@dataclass
class Counted:
    """The real database as rempart_edge, that counts calls and notes when each began."""

    database: Database
    calls: list[str] = field(default_factory=list)
    began: list[float] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def call(self, function: str, *args: object) -> list[Row]:
        await self._count(function)
        return await self.database.call(function, *args)

    async def run(self, procedure: str, *args: object) -> None:
        await self._count(procedure)
        await self.database.run(procedure, *args)

    async def _count(self, name: str) -> None:
        self.calls.append(name)
        self.began.append(time.perf_counter())
        if self.gate is not None:
            await self.gate.wait()


@asynccontextmanager
async def opened(site: Site, lanes: int = 2) -> AsyncIterator[tuple[Lane, Counted]]:
    database = await Database.open(site.db.dsn("rempart_edge"), min_size=lanes, max_size=lanes)
    counted = Counted(database)
    lane = Lane(counted, ReceiptSigner(bytes(32)), lanes)
    try:
        yield lane, counted
    finally:
        await lane.close()
        await database.close()


def run(site: Site, work: Callable[[Lane, Counted], Awaitable[None]], lanes: int = 2) -> None:
    async def inside() -> None:
        async with opened(site, lanes) as (lane, counted):
            await work(lane, counted)

    asyncio.run(inside())


def outcome(collected: Collected | None) -> str:
    assert collected is not None
    assert collected.signed is not None
    return str(collected.row["outcome"])


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
