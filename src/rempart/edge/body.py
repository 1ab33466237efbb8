"""Reads a request's whole body within a size and a time, whatever its headers announce."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rempart.edge.hangup import run_unless_gone
from rempart.edge.refusal import BODY_TOO_LARGE, BODY_TOO_SLOW, HUNG_UP, Refuse

BODY_LIMIT: Final = 16_384
"""Bytes; every request of ours fits many times over."""

BODY_SECONDS: Final = 5.0


class BodyLimit:
    """Counts bytes as they come, so that a missing or false Content-Length changes nothing."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        refuse: Refuse,
        limit: int = BODY_LIMIT,
        seconds: float = BODY_SECONDS,
    ) -> None:
        """Take the limit in bytes, and in how many seconds the body must be there."""
        self._app = app
        self._refuse = refuse
        self._limit = limit
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, refuse one that is too long or too slow, and pass the rest on.

        From then on nobody reads from the client, so this is also who notices when it leaves.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self._limit:
            await self._refuse(scope, BODY_TOO_LARGE)(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._read(receive)
        except TimeoutError:
            await self._refuse(scope, BODY_TOO_SLOW)(scope, receive, send)
            return
        if body is None:
            # Heard only by one who closed his own half of the connection too early.
            await self._refuse(scope, HUNG_UP)(scope, receive, send)
            return
        if len(body) > self._limit:
            await self._refuse(scope, BODY_TOO_LARGE)(scope, receive, send)
            return
        work = self._answer(scope, _replay(body, receive), send)
        if not await run_unless_gone(work, receive):
            await self._refuse(scope, HUNG_UP)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """Return the body, or its first bytes past the limit, or `None` if the client left."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._limit or not message.get("more_body", False):
                return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
