"""GET /portal/people: who belongs to the site, for its administrator."""

from starlette.requests import Request
from starlette.responses import Response

from rempart.identity import Session, Sessions
from rempart.portal.guards import see_other
from rempart.portal.menu import MENU
from rempart.portal.page import pages
from rempart.rights import Exceptions


async def people(request: Request, session: Session, token: str) -> Response:
    """Show the site's people to its administrator; lead everybody else to the first page."""
    if not session.is_administrator:
        return see_other(MENU[0].path)
    sessions: Sessions = request.state.sessions
    exceptions: Exceptions = request.state.exceptions
    return pages(request).show(
        request,
        "people",
        session,
        colleagues=await sessions.colleagues(token),
        exceptions=await exceptions.of_site(token),
    )
