"""GET /portal/account: one's own sessions and passkeys, and where the portal begins."""

from starlette.requests import Request
from starlette.responses import Response

from rempart.identity import Session, Sessions
from rempart.portal.guards import see_other
from rempart.portal.menu import MENU
from rempart.portal.page import pages


async def home(_request: Request, _session: Session, _token: str) -> Response:
    """Lead to the first page of the menu."""
    return see_other(MENU[0].path)


async def account(request: Request, session: Session, token: str) -> Response:
    """Show an account's sessions and passkeys to its owner."""
    sessions: Sessions = request.state.sessions
    return pages(request).show(
        request,
        "account",
        session,
        sessions=await sessions.sessions(token),
        passkeys=await sessions.passkeys(token),
    )
