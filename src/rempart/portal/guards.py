"""Who may see a page: a cookie shows pages that hold nothing about any insured person."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from rempart.edge.cookie import cookie_token
from rempart.edge.guarded import Guarded
from rempart.foundation.demonstration import Demonstration
from rempart.identity import Session, Sessions
from rempart.rights import Closures

SIGN_IN = "/portal/sign-in"
LOCKED = "/portal/locked"

PageEndpoint = Callable[[Request, Session, str], Awaitable[Response]]
"""Given the request, the session, and the cookie's token to look further with."""


def cookie(handler: PageEndpoint) -> Guarded:
    """Show a page to whoever has a live session's cookie; lead everybody else to the sign-in.

    A look at a page proves nothing and keeps no session alive. While the session is locked there
    is the lock screen alone.
    """

    async def guarded(request: Request) -> Response:
        token = cookie_token(request)
        if token is None:
            return see_other(SIGN_IN)
        sessions: Sessions = request.state.sessions
        session = await sessions.find(token, None)
        if session is None:
            locked = await sessions.find_locked(token, None)
            return see_other(SIGN_IN if locked is None else LOCKED)
        request.state.is_demonstration = await is_demonstration(request)
        return await handler(request, session, token)

    return Guarded("cookie", guarded)


def asking(handler: PageEndpoint) -> Guarded:
    """As `cookie`, for a page that asks: it also says what is closed for this account, if anything.

    That is the account's own state and hangs on no insured person (closed_part.html).
    """

    async def with_closure(request: Request, session: Session, token: str) -> Response:
        closures: Closures = request.state.closures
        request.state.closure = await closures.of(token)
        return await handler(request, session, token)

    return cookie(with_closure)


async def is_demonstration(request: Request) -> bool:
    """Whether pages may speak of a demonstration; it opens nothing."""
    found: Demonstration = request.state.demonstration
    return await found.was_marked()


def see_other(path: str) -> Response:
    """Lead the browser to another of our pages; a path of ours, never something that was sent."""
    return Response(status_code=303, headers={"Location": path})
