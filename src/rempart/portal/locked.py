"""GET /portal/locked: the lock screen. Whose counter it is, and nothing else."""

from starlette.requests import Request
from starlette.responses import Response

from rempart.edge.cookie import cookie_token
from rempart.edge.guarded import Guarded
from rempart.identity import LockedSession, Session, Sessions
from rempart.portal.guards import SIGN_IN, is_demonstration, see_other
from rempart.portal.page import pages


def lock_screen() -> Guarded:
    """Show the lock screen to whoever has a session's cookie; lead everybody else to the sign-in.

    Also to one that is not locked yet: a page that has emptied itself must not come back.
    """
    return Guarded("cookie", _locked)


async def _locked(request: Request) -> Response:
    token = cookie_token(request)
    whose = None if token is None else await _whose(request.state.sessions, token)
    if whose is None:
        return see_other(SIGN_IN)
    return pages(request).show(
        request, "locked", whose=whose, is_demonstration=await is_demonstration(request)
    )


async def _whose(sessions: Sessions, token: str) -> LockedSession | Session | None:
    return await sessions.find_locked(token, None) or await sessions.find(token, None)
