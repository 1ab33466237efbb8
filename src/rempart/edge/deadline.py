"""Bounds how long a request may take: past it there is no answer, and it is said so."""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rempart.edge.refusal import UNAVAILABLE, Refuse

REQUEST_SECONDS: Final = 15.0
"""Longer than any step inside may take by its own limit, so that this one is the last resort."""


class Deadline:
    """Cancels the handler at the deadline."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, seconds: float = REQUEST_SECONDS) -> None:
        """Take the time a request has, in seconds."""
        self._app = app
        self._refuse = refuse
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; refuse with 503 if time is up before its answer began."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        deadline = asyncio.timeout(self._seconds)
        try:
            async with deadline:
                await self._app(scope, receive, send_noticed)
        except TimeoutError:
            # A TimeoutError of the application's own, or one after bytes went out, is a fault.
            if not deadline.expired() or begun:
                raise
            await self._refuse(scope, UNAVAILABLE)(scope, receive, send)
