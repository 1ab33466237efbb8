"""Blinds a feed's hashes a second time, by the process that has the outer keys."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from rempart.registry import Blind
from rempart.rights import BlindingClient, Purpose

_PATIENCE_S: Final = 10.0


@asynccontextmanager
async def blinding_at(socket: Path) -> AsyncIterator[Blind]:
    """Connect to the blinding process. Raises `UnavailableError`."""
    blinding = await BlindingClient.open(socket, timeout_s=_PATIENCE_S)

    async def blind(
        indexes: Sequence[bytes], cards: Sequence[bytes], generation: int
    ) -> tuple[list[bytes], list[bytes]]:
        person, secret = (one.under(generation) for one in (Purpose.REGISTRY, Purpose.CARD))
        people = [(person, index) for index in indexes]
        done = await blinding.blind(people + [(secret, card) for card in cards])
        return done[: len(people)], done[len(people) :]

    try:
        yield blind
    finally:
        await blinding.close()
