"""What the demonstration's pages ask of its stage: a process of its own, over a local socket.

The edge neither makes invented people nor robs anybody. It passes on who asks, and shows what
comes back; that the database is a demonstration's it has asked the database itself.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from rempart.foundation.errors import UnavailableError

LONGEST: Final = 2_000_000
"""Bytes of an answer: the list of everything that one theft disclosed, and room."""
_PATIENCE_S: Final = 8.0


class Order(msgspec.Struct, frozen=True):
    """``show`` the pharmacy and its cards; ``steal`` an account; ``watch`` its theft."""

    do: Literal["show", "steal", "watch"]
    rpps: str = ""
    site: str = ""
    profession: str = ""


def stage_socket(blinding_socket: Path) -> Path:
    """Where the stage listens: beside the blinding process, in a folder of the same user."""
    return blinding_socket.with_suffix(".stage")


class Stage:
    """The stage, as the edge reaches it; each call has a connection of its own."""

    def __init__(self, path: Path) -> None:
        """Take the socket's path; nothing need listen there."""
        self._path = path

    async def ask(self, order: Order) -> dict[str, Any]:
        """Return the stage's answer. Raises `UnavailableError` when there is none in time."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._ask(order)
        except (OSError, ValueError, TimeoutError):
            raise UnavailableError("the demonstration's stage does not answer") from None

    async def _ask(self, order: Order) -> dict[str, Any]:
        reader, writer = await asyncio.open_unix_connection(str(self._path), limit=LONGEST)
        try:
            writer.write(msgspec.json.encode(order) + b"\n")
            await writer.drain()
            line = await reader.readuntil(b"\n")
            return msgspec.json.decode(line, type=dict[str, Any])
        except asyncio.IncompleteReadError:
            raise ValueError from None
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
