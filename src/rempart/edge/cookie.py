"""The one cookie: how a session's token comes and goes. Scripts never see it."""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

COOKIE: Final = "__Host-rempart"
"""Host-only by its name (RFC 6265bis): no other host and no sub-domain can set it."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_KEPT: Final = "Path=/; Secure; HttpOnly; SameSite=Strict"


def cookie_token(request: Request) -> str | None:
    """Return the token of the cookie; None if there is none, or several, or it is none of ours."""
    pairs = [
        part.strip().partition("=")
        for header in request.headers.getlist("cookie")
        for part in header.split(";")
    ]
    found = [value for name, _, value in pairs if name == COOKIE]
    if len(found) != 1 or not _TOKEN.fullmatch(found[0]):
        return None
    return found[0]


def set_cookie(response: Response, token: str) -> None:
    """Give the token to the browser, for as long as it is open."""
    response.headers["Set-Cookie"] = f"{COOKIE}={token}; {_KEPT}"


def clear_cookie(response: Response) -> None:
    """Take the cookie away."""
    response.headers["Set-Cookie"] = f"{COOKIE}=; {_KEPT}; Max-Age=0"
