"""POST /v1/claims, GET /v1/claims/{claim} and its cancellation: asking to be paid."""

import re
from collections.abc import Awaitable
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.claim_messages import ClaimAnswer, ClaimRequest
from rempart.api.parts import edge_parts
from rempart.api.problems import ProblemError
from rempart.api.quotes import stated
from rempart.api.rights_questions import due_json
from rempart.api.strict_json import read
from rempart.billing import Claim, Claimant, Claimed, ClaimRefusal, NotHeard
from rempart.identity import Session
from rempart.rights import Presented

_CLAIM: Final = re.compile(r"[0-9a-f]{32}")


async def claim(request: Request, presented: Presented) -> Response:
    """Claim what a guarantee promised, for an installation that has proved this very request."""
    due_json(request)
    wire = read(presented.body, ClaimRequest)
    told = Claim(
        engagement=wire.engagement,
        reference=wire.reference,
        lines=[stated(line) for line in wire.lines],
        amount_cents=wire.amount_cents,
        replaces=None if wire.replaces is None else bytes.fromhex(wire.replaces),
    )
    claims = edge_parts(request).claims
    return await _told(request, presented, claims.claim(_who(presented), told))


async def cancel_claim(request: Request, presented: Presented) -> Response:
    """Cancel a claim that is not being paid yet."""
    claim_id = _named(request, presented)
    claims = edge_parts(request).claims
    return await _told(request, presented, claims.cancel(_who(presented), claim_id))


async def read_claim(request: Request, presented: Presented) -> Response:
    """Tell what became of a claim."""
    claim_id = _named(request, presented)
    claims = edge_parts(request).claims
    return await _told(request, presented, claims.read(_who(presented), claim_id))


async def claim_from_portal(request: Request, presented: Presented, _session: Session) -> Response:
    """Claim for a session: the same message and answer as for software."""
    return await claim(request, presented)


async def cancel_from_portal(request: Request, presented: Presented, _session: Session) -> Response:
    """Cancel a claim for a session, likewise."""
    return await cancel_claim(request, presented)


async def _told(
    request: Request, presented: Presented, work: Awaitable[Claimed | ClaimRefusal | NotHeard]
) -> Response:
    room = edge_parts(request).asker.room
    with room.place(presented.jkt):
        found = await work
    if not isinstance(found, Claimed):
        raise ProblemError(found.value)
    room.vouch(presented.jkt)
    answer = ClaimAnswer(
        claim=found.claim_id.hex(),
        state=found.state,  # type: ignore[arg-type]  # the table's check has the same words
        amount_cents=found.amount_cents,
        promised_cents=found.promised_cents,
        made_at=found.made_at,
        disputed=found.disputed,
    )
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _who(presented: Presented) -> Claimant:
    return Claimant(presented.token, presented.jkt, presented.proof_jti)


def _named(request: Request, presented: Presented) -> bytes:
    name = str(request.path_params["claim"])
    if not _CLAIM.fullmatch(name):
        raise ProblemError("bad_format", "claim")
    if presented.body:
        raise ProblemError("bad_format", "body")
    return bytes.fromhex(name)
