"""The language of the pages: as the reader chose by the link in the head, else his browser."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from rempart.foundation.texts import Language, negotiate

CHOICE: Final = "lang"
"""The query's part that chooses; the page answers by leading to itself without it."""

_COOKIE: Final = "__Host-rempart-language"
_KEPT: Final = "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000"
_NAMES: Final = {Language.FRENCH: "Français", Language.ENGLISH: "English"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The link to the same page in the other language, named in that language."""

    code: str
    name: str
    link: str


def language_of(request: Request) -> Language:
    """Return the language that the reader chose, or his browser asks for; French if neither."""
    chosen = _known(request.cookies.get(_COOKIE))
    return chosen or negotiate(request.headers.get("accept-language"))


def other(request: Request, language: Language) -> Choice:
    """Return the way to this page in the other language."""
    there = Language.ENGLISH if language is Language.FRENCH else Language.FRENCH
    query = urlencode([*_without_choice(request), (CHOICE, there.value)])
    return Choice(there.value, _NAMES[there], f"?{query}")


def chosen(request: Request) -> Response | None:
    """Remember a choice just made, and lead to the page without it; None when none was made.

    The cookie holds two letters, the same for everybody who chose them: it follows nobody.
    """
    language = _known(request.query_params.get(CHOICE))
    if language is None:
        return None
    query = urlencode(_without_choice(request))
    path = quote(request.url.path) + (f"?{query}" if query else "")
    return Response(
        status_code=303,
        headers={"Location": path, "Set-Cookie": f"{_COOKIE}={language.value}; {_KEPT}"},
    )


def _without_choice(request: Request) -> list[tuple[str, str]]:
    return [pair for pair in request.query_params.multi_items() if pair[0] != CHOICE]


def _known(code: str | None) -> Language | None:
    return next((language for language in Language if language.value == code), None)
