"""POST /v1/authorizations/look-ups and /cancellations: a prise en charge, by its number."""

from collections.abc import Awaitable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.parts import edge_parts
from rempart.api.problems import ProblemError
from rempart.api.quote_messages import AuthorizationAnswer, AuthorizationRequest
from rempart.api.rights_questions import due_json
from rempart.api.strict_json import read
from rempart.billing import Authorization, AuthorizationRefusal, Claimant, NotHeard
from rempart.identity import Session
from rempart.rights import Presented


async def read_authorization(request: Request, presented: Presented) -> Response:
    """Tell what became of a prise en charge of one's own site."""
    who, number = _asked(request, presented)
    return await _told(request, presented, edge_parts(request).authorizations.read(who, number))


async def cancel_authorization(request: Request, presented: Presented) -> Response:
    """Cancel a prise en charge that nothing is claimed of."""
    who, number = _asked(request, presented)
    return await _told(request, presented, edge_parts(request).authorizations.cancel(who, number))


async def withdraw_from_portal(
    request: Request, presented: Presented, _session: Session
) -> Response:
    """Cancel one for a session: the same message and answer as for software."""
    return await cancel_authorization(request, presented)


def _asked(request: Request, presented: Presented) -> tuple[Claimant, str]:
    due_json(request)
    number = read(presented.body, AuthorizationRequest).authorization
    return Claimant(presented.token, presented.jkt, presented.proof_jti), number


async def _told(
    request: Request,
    presented: Presented,
    work: Awaitable[Authorization | AuthorizationRefusal | NotHeard],
) -> Response:
    room = edge_parts(request).asker.room
    with room.place(presented.jkt):
        found = await work
    if not isinstance(found, Authorization):
        raise ProblemError(found.value)
    room.vouch(presented.jkt)
    answer = AuthorizationAnswer(
        state=found.state,  # type: ignore[arg-type]  # billing.authorization_told has these words
        amount_cents=found.amount_cents,
        lines=None if found.line_cents is None else list(found.line_cents),
        given_at=found.given_at,
        expires_on=found.expires_on,
    )
    return Response(msgspec.json.encode(answer), media_type="application/json")
