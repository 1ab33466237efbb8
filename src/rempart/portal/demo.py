"""GET /demo, on a demonstration alone: what this is, six cards to try, links to enrol with."""

from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from rempart.identity import Session
from rempart.portal.guards import is_demonstration
from rempart.portal.page import pages
from rempart.simulation.stage import Order, Stage


async def demo(request: Request) -> Response:
    """Show where a demonstration begins; nowhere else is there such a page."""
    await _on_a_demonstration(request)
    stage: Stage = request.state.stage
    shown: dict[str, Any] = await stage.ask(Order("show"))

    def born(written: str) -> str:
        # As a card has it printed, in any language.
        return f"{date.fromisoformat(written):%d/%m/%Y}"

    return pages(request).show(request, "demo", born=born, **shown)


async def theft(request: Request, session: Session, _token: str) -> Response:
    """Show the button that has one's own account stolen."""
    await _on_a_demonstration(request)
    return pages(request).show(request, "theft", session)


async def _on_a_demonstration(request: Request) -> None:
    if not await is_demonstration(request):
        raise HTTPException(404)
