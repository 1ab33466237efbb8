"""Bounds how long a client may leave an answer unread: the system ends his connection then."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

WRITE_SECONDS: Final = 20.0
"""Time in which some of an answer must be taken; longer than any line is away by itself."""

_OPTION: Final[int | None] = getattr(socket, "TCP_USER_TIMEOUT", None)
"""Linux only (tcp(7)); elsewhere the proxy alone ends who reads nothing."""


class BoundedWrites:
    """Tells the sockets that this process listens on, once, as its first request comes.

    The web server bounds what it reads and leaves what it writes to the system, which waits for
    ever while the other side says that it is there and takes nothing. A connection has its
    listening socket's options from its beginning; those that came before the first request are
    told beside it.
    """

    def __init__(self, app: ASGIApp, *, seconds: float = WRITE_SECONDS) -> None:
        """Take the seconds that sent bytes may stay untaken."""
        self._app = app
        self._seconds = seconds
        self._is_set = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        if not self._is_set and scope["type"] == "http":
            self._is_set = True
            bound_writes(self._seconds)
        await self._app(scope, receive, send)


def bound_writes(seconds: float) -> int:
    """Bound this process's listening TCP sockets and their connections; how many there were."""
    if _OPTION is None:
        return 0
    with ExitStack() as held:
        found = [held.enter_context(one) for one in _streams()]
        # Its connections to the database are not ours to bound: they have other addresses.
        ours = {
            one.getsockname()[:2]
            for one in found
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        }
        bound = [one for one in found if one.getsockname()[:2] in ours]
        for one in bound:
            one.setsockopt(socket.IPPROTO_TCP, _OPTION, int(seconds * 1000))
        return len(bound)


def _streams() -> Iterator[socket.socket]:
    """Every TCP socket of this process, each by a descriptor of its own."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        try:
            if not entry.is_socket():
                continue
            one = socket.socket(fileno=os.dup(int(entry.name)))
        except OSError:
            # Closed meanwhile, the listing's own among them.
            continue
        if one.family in (socket.AF_INET, socket.AF_INET6) and one.type == socket.SOCK_STREAM:
            yield one
        else:
            one.close()
