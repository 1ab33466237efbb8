"""Which generations of index keys live: an edge asks under each, and looks every two seconds."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final, Protocol

from rempart.foundation.database import Row

_KEPT_S: Final = 2.0
"""Feeds are put in force under new keys a minute after they live (registry.feed_generations)."""


class Caller(Protocol):
    """A database, as the edge calls it."""

    async def call(self, function: str, *args: object) -> list[Row]:
        """Call a function in a transaction of its own."""
        ...


class LiveGenerations:
    """What one edge process knows of the generations that live."""

    def __init__(self, database: Caller) -> None:
        """Take the database as rempart_edge."""
        self._database = database
        self._known: Sequence[int] = ()
        self._until = 0.0
        self._turn = asyncio.Lock()

    async def live(self) -> Sequence[int]:
        """Return them, the newest first; raise `UnavailableError` when nobody can tell."""
        if time.monotonic() < self._until:
            return self._known
        async with self._turn:  # one asks for all who came meanwhile
            if time.monotonic() >= self._until:
                (row,) = await self._database.call("rights.live_generations")
                self._known = row["live_generations"]
                self._until = time.monotonic() + _KEPT_S
        return self._known
