"""Lets the portal's page, and no other, speak to the sign-in process when that has its own port."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALLOWED: Final = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "content-type, dpop",
    "Access-Control-Max-Age": "600",
}


class Cors:
    """Answers the browser's question whether the portal may, under one prefix of addresses."""

    def __init__(self, app: ASGIApp, *, origin: str, prefix: str) -> None:
        """Take the one origin that may, and where."""
        self._app = app
        self._origin = origin
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight of the portal's; tell the browser that it may read other answers."""
        if (
            scope["type"] != "http"
            or not scope["path"].startswith(self._prefix)
            or Headers(scope=scope).getlist("origin") != [self._origin]
        ):
            await self._app(scope, receive, send)
            return

        async def send_allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Access-Control-Allow-Origin"] = self._origin
                headers["Access-Control-Allow-Credentials"] = "true"
                headers["Access-Control-Expose-Headers"] = "DPoP-Nonce"
                headers.add_vary_header("Origin")
            await send(message)

        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_ALLOWED)(scope, receive, send_allowed)
            return
        await self._app(scope, receive, send_allowed)
