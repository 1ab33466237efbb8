"""GET /portal/budgets: what budgets are; how much is left is fetched, with a proof."""

from starlette.requests import Request
from starlette.responses import Response

from rempart.identity import Session
from rempart.portal.page import pages

_SHOWN = ("fresh", "typed", "new", "miss", "exception", "all")


async def budgets(request: Request, session: Session, _token: str) -> Response:
    """Say what each budget counts: how much of it is left is nothing that a cookie alone shows."""
    return pages(request).show(request, "budgets", session, buckets=_SHOWN)
