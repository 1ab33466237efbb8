"""Refuses what another site made a browser send: a cookie comes along, the user's will does not."""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rempart.edge.refusal import WRONG_ORIGIN, Refuse

_CHANGES_NOTHING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OUR_SITES: Final = frozenset({"same-origin", "same-site"})
"""What a browser says of a request that the portal's own page made, to its own or another port."""

_BROWSERS_SEND: Final = frozenset({b"origin", b"cookie", b"sec-fetch-site", b"sec-fetch-mode"})


class OriginCheck:
    """Takes what may change something from a browser only when the portal's own page sent it.

    Software sends none of a browser's headers and is not touched: it has no cookie to be misused.
    """

    def __init__(self, app: ASGIApp, *, origin: str, refuse: Refuse) -> None:
        """Take the portal's origin, exactly as browsers write it."""
        self._app = app
        self._origin = origin
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] != "http" or scope["method"] in _CHANGES_NOTHING:
            await self._app(scope, receive, send)
            return
        is_browser = not _BROWSERS_SEND.isdisjoint([name for name, _ in scope["headers"]])
        if is_browser and not self._is_ours(Headers(scope=scope)):
            await self._refuse(scope, WRONG_ORIGIN)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        sites = headers.getlist("sec-fetch-site")
        return headers.getlist("origin") == [self._origin] and (
            not sites or (len(sites) == 1 and sites[0] in _OUR_SITES)
        )
