"""GET /portal/authorization: a prise en charge as one form. It holds nothing about anybody."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from rempart.foundation.clock import SystemClock
from rempart.identity import Session, Sessions
from rempart.portal.ask import LOOKS as ANSWERED
from rempart.portal.bill import bill_part
from rempart.portal.guards import see_other
from rempart.portal.menu import AGREED_TO, MENU
from rempart.portal.page import pages
from rempart.rights import Outcome

LOOKS: Final = {
    Outcome.AGREED.value: ("good", "check"),
    Outcome.NOTHING_AGREED.value: ("bad", "bad"),
    **{name: look for name, look in ANSWERED.items() if name != Outcome.COVERED_ON_REQUEST},
}
"""How each verdict looks beside its word: a quote comes to an agreement or to none."""


async def ask(request: Request, session: Session, token: str) -> Response:
    """Show where lines are agreed to; who agrees to nothing first is led to the first page."""
    sessions: Sessions = request.state.sessions
    may = await sessions.domains(token)
    domains = [domain for domain in AGREED_TO if domain in may]
    if not domains:
        return see_other(MENU[0].path)
    clock = SystemClock()
    return pages(request).show(
        request,
        "authorization",
        session,
        camera=True,
        bill=bill_part(domains),
        domains=domains,
        looks=LOOKS,
        today=f"{clock.today():%d/%m/%Y}",
        now_ms=int(clock.now().timestamp() * 1000),
    )
