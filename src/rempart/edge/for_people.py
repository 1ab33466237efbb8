"""Shows a page where a browser that wanted a page would be given an error made for software."""

from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROBLEM: Final = "application/problem+json"

Page = Callable[[Scope, int], ASGIApp]
"""Given the request's scope and the error's status, an application that sends the page."""


class ForPeople:
    """Puts a page in an error's place: for who looks at an address under `prefix` in a browser.

    The status stays. Whatever sends no `text/html` in Accept, scripts among it, is told the error
    as it is.
    """

    def __init__(self, app: ASGIApp, *, prefix: str, page: Page) -> None:
        """Take where people look, and what they are shown."""
        self._app = app
        self._prefix = prefix
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and exchange the answer if it is an error."""
        if scope["type"] != "http" or not self._is_looked_at(scope):
            await self._app(scope, receive, send)
            return
        refused: int | None = None

        async def send_unless_refused(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                refused = message["status"] if kind.startswith(PROBLEM) else None
            if refused is None:
                await send(message)

        await self._app(scope, receive, send_unless_refused)
        if refused is not None:
            await self._page(scope, refused)(scope, receive, send)

    def _is_looked_at(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return (
            scope["method"] == "GET"
            and (path == self._prefix or path.startswith(f"{self._prefix}/"))
            and "text/html" in Headers(scope=scope).get("accept", "")
        )
