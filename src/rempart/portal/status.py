"""GET /status: what is open and closed, for everybody; GET /portal/closed: for who is signed in."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from rempart.identity import Session
from rempart.portal.page import pages
from rempart.rights import Closures

_WAYS: Final = (
    ("channel", "portal"),
    ("channel", "software"),
    ("grade", "typed"),
    ("grade", "scan"),
    ("grade", "exception"),
)
_AWAY: Final = 503


async def status(request: Request) -> Response:
    """Say what is open and closed, since when and why; 503 when it cannot be known."""
    closures: Closures = request.state.closures
    found = await closures.public()
    if found is None:
        answer = pages(request).show(request, "status", status=_AWAY, away=True)
        answer.headers["Retry-After"] = "10"
        return answer
    by = {(one.scope, one.value): one for one in found}
    return pages(request).show(
        request,
        "status",
        away=False,
        platform=by.get(("platform", "")),
        ways=[(f"{scope}.{value}", by.get((scope, value))) for scope, value in _WAYS],
        insurers=[one for one in found if one.scope == "insurer"],
    )


async def closed(request: Request, session: Session, _token: str) -> Response:
    """Say what is closed for the session's own account, what still works, and the way back."""
    return pages(request).show(request, "closed", session)
