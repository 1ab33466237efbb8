"""GET /portal/activity: where one's own questions are listed, by a fetch that is proved."""

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from rempart.foundation.clock import SystemClock
from rempart.identity import Session
from rempart.portal.page import pages
from rempart.rights import DAYS, DOMAINS, REFUSED, Outcome, RefusedBecause

_SHOWN_AT_FIRST: Final = 7
"""Days, today included."""


async def activity(request: Request, session: Session, _token: str) -> Response:
    """Show the filters and an empty list: what was asked is nothing that a cookie alone shows."""
    today = SystemClock().today()
    return pages(request).show(
        request,
        "activity",
        session,
        first_day=today - timedelta(_SHOWN_AT_FIRST - 1),
        last_day=today,
        most_days=DAYS,
        domains=DOMAINS,
        outcomes=[*(one.value for one in Outcome), REFUSED],
        refusals=[one.value for one in RefusedBecause],
    )
