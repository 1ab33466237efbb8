"""Security headers of every answer: nothing may be framed, sniffed, scripted or kept."""

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Fresh = Callable[[Scope], tuple[str, str] | None]
"""A header worked out for each answer (the proof nonce), or nothing."""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
STYLED_PAGE_POLICY: Final = CONTENT_SECURITY_POLICY + "; style-src 'self'"
"""For a page with our own style sheet: still no script, image, font or frame."""

Pair = tuple[bytes, bytes]
"""A header as ASGI has it: its name in lower case, its value."""

_ALWAYS: Final[tuple[Pair, ...]] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"server", b"rempart"),
)
PERMISSIONS: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
"""What a page may ask of its device: nothing."""

CAMERA_PERMISSIONS: Final = PERMISSIONS.replace("camera=()", "camera=(self)")
"""For a page that reads cards with the camera, and for no other."""

_UNLESS_GIVEN: Final[tuple[Pair, ...]] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"permissions-policy", PERMISSIONS.encode()),
)
_HSTS: Final[Pair] = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SecurityHeaders:
    """Sets the headers on whatever goes out, refusals and faults included."""

    def __init__(self, app: ASGIApp, *, public_url: str, fresh: Fresh | None = None) -> None:
        """Take the public URL: HSTS is sent only where it is https, for browsers keep it."""
        self._app = app
        https = urlsplit(public_url).scheme == "https"
        self._always = (*_ALWAYS, _HSTS) if https else _ALWAYS
        self._replaced = frozenset(name for name, _ in self._always)
        self._fresh = fresh

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and set the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._among(scope, message.get("headers", ()))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _among(self, scope: Scope, given: Iterable[Pair]) -> list[Pair]:
        fresh = None if self._fresh is None else self._fresh(scope)
        ours = self._always
        if fresh is not None:
            ours = (*ours, (fresh[0].lower().encode(), fresh[1].encode()))
        replaced = self._replaced if fresh is None else {*self._replaced, ours[-1][0]}
        kept = [pair for pair in given if pair[0] not in replaced]
        names = {name for name, _ in kept}
        return [*kept, *ours, *(pair for pair in _UNLESS_GIVEN if pair[0] not in names)]
