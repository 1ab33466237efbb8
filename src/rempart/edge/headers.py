"""Security headers of every answer: nothing may be framed, sniffed, scripted or kept."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Fresh = Callable[[Scope], tuple[str, str] | None]
"""A header worked out for each answer (the proof nonce), or nothing."""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
STYLED_PAGE_POLICY: Final = CONTENT_SECURITY_POLICY + "; style-src 'self'"
"""For a page with our own style sheet: still no script, image, font or frame."""

_ALWAYS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "rempart",
}
PERMISSIONS: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
"""What a page may ask of its device: nothing."""

CAMERA_PERMISSIONS: Final = PERMISSIONS.replace("camera=()", "camera=(self)")
"""For a page that reads cards with the camera, and for no other."""

_HSTS: Final = "max-age=63072000; includeSubDomains"


class SecurityHeaders:
    """Sets the headers on whatever goes out, refusals and faults included."""

    def __init__(self, app: ASGIApp, *, public_url: str, fresh: Fresh | None = None) -> None:
        """Take the public URL: HSTS is sent only where it is https, for browsers keep it."""
        self._app = app
        self._https = urlsplit(public_url).scheme == "https"
        self._fresh = fresh

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and set the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._set(scope, MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _set(self, scope: Scope, headers: MutableHeaders) -> None:
        headers.update(_ALWAYS)
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        if self._https:
            headers["Strict-Transport-Security"] = _HSTS
        if self._fresh is not None and (header := self._fresh(scope)) is not None:
            headers[header[0]] = header[1]
