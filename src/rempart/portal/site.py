"""GET /portal/site: a site's alerts, software and activity, for its administrator."""

from starlette.requests import Request
from starlette.responses import Response

from rempart.identity import Session, Sessions
from rempart.portal.guards import see_other
from rempart.portal.menu import MENU
from rempart.portal.page import pages
from rempart.rights import Oversight


async def site(request: Request, session: Session, token: str) -> Response:
    """Show the site to its administrator; lead everybody else to the first page."""
    if not session.is_administrator:
        return see_other(MENU[0].path)
    sessions: Sessions = request.state.sessions
    oversight: Oversight = request.state.oversight
    return pages(request).show(
        request,
        "site",
        session,
        alerts=await oversight.alerts(token),
        devices=await sessions.devices(token),
        colleagues=await sessions.colleagues(token),
    )
