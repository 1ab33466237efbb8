"""A connection's socket, seen from beside the library that owns it."""

import asyncio
import os
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Line(Protocol):
    """A connection that tells whether it is closed and, while it is not, which socket it has."""

    @property
    def closed(self) -> bool:
        """Whether there is no socket any more."""
        ...

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        ...


def has_word(descriptor: int) -> bool:
    """Whether there is something to read: on a line at rest, its other side's farewell."""
    looked = select.poll()
    looked.register(descriptor, select.POLLIN)
    return bool(looked.poll(0))


def cut(descriptor: int) -> None:
    """End the line both ways, so that whatever waits on it fails."""
    # A second descriptor of the same socket: the library's own stays the library's to close.
    with socket.socket(fileno=os.dup(descriptor)) as wire:
        try:
            wire.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other side was quicker


@contextmanager
def cut_after(line: Line, seconds: float | None) -> Iterator[None]:
    """Cut the line if the block takes longer (`None`: never): what waits on it then fails.

    A server's own time-outs end what it executes. This is for a server, or a network, that fell
    silent: neither a cancelled task nor a closed pool would be free of that by itself.
    """
    if seconds is None:
        yield
        return
    alarm = asyncio.get_running_loop().call_later(seconds, _cut_if_open, line)
    try:
        yield
    finally:
        alarm.cancel()


def _cut_if_open(line: Line) -> None:
    if not line.closed:
        cut(line.fileno())
