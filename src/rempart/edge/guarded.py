"""A handler inside its guard: what the URL table holds, whichever entry it comes from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A handler that can be served: its guard runs first. ``who.WHO`` is the guard's text."""

    who: str
    endpoint: Endpoint


def anyone(handler: Endpoint) -> Guarded:
    """Let everybody in: what is served says nothing about anybody."""
    return Guarded("anyone", handler)
