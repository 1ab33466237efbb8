"""GET /portal/ask: the page that asks. It holds nothing about anybody: what is asked is fetched."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from rempart.foundation.clock import SystemClock
from rempart.identity import Session, Sessions
from rempart.portal.page import pages
from rempart.rights import DOMAINS, ExceptionReason, Outcome, RefusedBecause

LOOKS: Final = {
    Outcome.COVERED.value: ("good", "check"),
    Outcome.COVERED_ON_REQUEST.value: ("info", "request"),
    Outcome.NO_RIGHT_FOUND.value: ("bad", "bad"),
    Outcome.BETTER_EVIDENCE_NEEDED.value: ("warn", "scan"),
    Outcome.EXCEPTION_POSSIBLE.value: ("warn", "warning"),
    Outcome.INSURER_NOT_SERVED.value: ("", "none"),
    Outcome.CLOSED.value: ("", "lock"),
    RefusedBecause.TOO_MANY_QUESTIONS.value: ("warn", "gauge"),
}
"""How each verdict looks beside its word: its colour, and its icon."""


async def ask(request: Request, session: Session, token: str) -> Response:
    """Show where a question is asked; its domains are the profession's, the likeliest first."""
    sessions: Sessions = request.state.sessions
    may = await sessions.domains(token)
    clock = SystemClock()
    return pages(request).show(
        request,
        "ask",
        session,
        camera=True,
        domains=[domain for domain in DOMAINS if domain in may],
        looks=LOOKS,
        reasons=[reason.value for reason in ExceptionReason],
        today=f"{clock.today():%d/%m/%Y}",
        # A workstation's clock may be wrong: the page reckons from ours.
        now_ms=int(clock.now().timestamp() * 1000),
    )
