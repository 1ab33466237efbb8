"""The theft that a demonstration shows its account's owner: begun and watched by proved fetches."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import read_json
from rempart.api.problems import ProblemError
from rempart.api.sessions import Nothing
from rempart.identity import DemonstrationAccount, Session, Sessions
from rempart.rights import Presented
from rempart.simulation.stage import Order, Stage


async def steal_account(request: Request, shown: Presented, _session: Session) -> Response:
    """Have this account stolen; refused while another theft is under way."""
    account = await _account(request, shown)
    stage: Stage = request.state.stage
    told = await stage.ask(Order("steal", account.rpps, account.site, account.profession))
    if told.get("begun") is not True:
        raise ProblemError("theft_under_way")
    return Response(msgspec.json.encode(told), media_type="application/json")


async def watch_theft(request: Request, shown: Presented, _session: Session) -> Response:
    """Show how far the theft of this account is, and at its end what it disclosed."""
    account = await _account(request, shown)
    stage: Stage = request.state.stage
    told = await stage.ask(Order("watch", account.rpps, account.site))
    return Response(msgspec.json.encode(told), media_type="application/json")


async def _account(request: Request, shown: Presented) -> DemonstrationAccount:
    await read_json(request, Nothing)
    sessions: Sessions = request.state.sessions
    found = await sessions.in_demonstration(shown.token, shown.jkt, shown.proof_jti)
    if isinstance(found, str):
        raise ProblemError(found)
    return found
