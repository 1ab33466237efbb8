"""GET /v1/remittances, those before one, and one of them: what was paid, for which claims."""

import re
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.parts import edge_parts
from rempart.api.problems import ProblemError
from rempart.api.remittance_messages import (
    RemittanceAnswer,
    RemittanceLine,
    RemittanceNotice,
    RemittancesAnswer,
)
from rempart.billing import Claimant, Notice, PaidClaim, Remittance
from rempart.rights import Presented

_REMITTANCE: Final = re.compile(r"RP[0-9a-f]{32}")


async def list_remittances(request: Request, presented: Presented) -> Response:
    """List the last payments to the software's own site."""
    return await _list(request, presented, None)


async def list_earlier(request: Request, presented: Presented) -> Response:
    """List the payments to the software's own site before one of them."""
    return await _list(request, presented, _named(request))


async def _list(request: Request, presented: Presented, before: str | None) -> Response:
    if presented.body:
        raise ProblemError("bad_format", "body")
    parts = edge_parts(request)
    with parts.asker.room.place(presented.jkt):
        found = await parts.remittances.recent(_who(presented), before)
    if not isinstance(found, tuple):
        raise ProblemError(found.value)
    parts.asker.room.vouch(presented.jkt)
    return _json(remittances_told(*found))


async def read_remittance(request: Request, presented: Presented) -> Response:
    """Tell one payment to the software's own site, claim by claim."""
    name = _named(request)
    if presented.body:
        raise ProblemError("bad_format", "body")
    parts = edge_parts(request)
    with parts.asker.room.place(presented.jkt):
        found = await parts.remittances.read(_who(presented), name)
    if not isinstance(found, Notice):
        raise ProblemError(found.value)
    parts.asker.room.vouch(presented.jkt)
    lines = [notice_line(one) for one in found.lines]
    return _json(RemittanceNotice(remittance=remittance_told(found.head), lines=lines))


def _named(request: Request) -> str:
    name = str(request.path_params["remittance"])
    if not _REMITTANCE.fullmatch(name):
        raise ProblemError("bad_format", "remittance")
    return name


def _who(presented: Presented) -> Claimant:
    return Claimant(presented.token, presented.jkt, presented.proof_jti)


def remittances_told(found: list[Remittance], has_more: bool) -> RemittancesAnswer:  # noqa: FBT001 - of a pair
    """Return a site's last payments as it is told them."""
    told = [remittance_told(one) for one in found]
    return RemittancesAnswer(remittances=told, has_more=has_more)


def remittance_told(found: Remittance) -> RemittanceAnswer:
    """Return a payment as its site is told it."""
    return RemittanceAnswer(
        remittance=found.remittance,
        state="paid" if found.state == "paid" else "returned",
        paid_at=found.paid_at,
        insurer=found.insurer,
        amount_cents=found.amount_cents,
        claims=found.claims,
        account=found.last_four,
        returned_because=found.reason,
    )


def notice_line(found: PaidClaim) -> RemittanceLine:
    """Return a claim of a payment as its site is told it."""
    return RemittanceLine(
        claim=found.claim.hex(),
        engagement=found.engagement,
        care_date=found.care_on,
        claimed_at=found.claimed_at,
        amount_cents=found.amount_cents,
        disputed=found.disputed,
    )


def _json(answer: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
