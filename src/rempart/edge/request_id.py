"""Gives each request a random id of ours, told in X-Request-Id and found again in the logs."""

import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEY = "rempart.request_id"
_HEADER = b"x-request-id"


def request_id(scope: Scope) -> str:
    """Return the id given to this request: 16 hexadecimal digits."""
    found = scope.get(_KEY)
    return found if isinstance(found, str) else "0" * 16


class RequestId:
    """Outermost layer. An id that the client sends is not read: it would write in our logs."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Draw the id and add it to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        drawn = secrets.token_hex(8)
        scope[_KEY] = drawn

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [pair for pair in message.get("headers", ()) if pair[0] != _HEADER]
                message["headers"] = [*others, (_HEADER, drawn.encode())]
            await send(message)

        await self._app(scope, receive, send_with_id)
