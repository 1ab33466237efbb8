"""My payments: what waits to be billed or paid, one guarantee by its number, and what was paid."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.parts import edge_parts
from rempart.api.payment_messages import (
    GuaranteeLine,
    GuaranteeRow,
    LookedUp,
    LookUpRequest,
    PaymentsAnswer,
)
from rempart.api.portal_answers import answered, read_json
from rempart.api.problems import ProblemError
from rempart.api.remittance_messages import EndToEnd, RemittanceNotice
from rempart.api.remittances import notice_line, remittance_told, remittances_told
from rempart.billing import (
    Claimant,
    ClaimRefusal,
    Found,
    Guarantee,
    Guarantees,
    NotHeard,
    RemittanceRefusal,
)
from rempart.identity import Session
from rempart.rights import Presented


class NoticeRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which payment: its name on the bank statement, which stands in no address."""

    remittance: EndToEnd


class PaidRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which payments: the last, or those before one of them."""

    before: EndToEnd | None = None


class NothingSaid(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Whose they are is the session's: there is nothing to say."""


async def list_payments(request: Request, shown: Presented, _session: Session) -> Response:
    """List what waits to be billed, what is claimed and not paid, and the last payments' heads."""
    await read_json(request, NothingSaid)
    found = await _guarantees(request).waiting(_who(shown))
    if isinstance(found, NotHeard):
        raise not_heard(found)
    return answered(
        PaymentsAnswer(
            to_bill=[_row(one) for one in found.to_bill],
            claimed=[_row(one) for one in found.claimed],
            has_more=found.has_more,
        )
    )


async def look_up(request: Request, shown: Presented, _session: Session) -> Response:
    """Tell what became of one guarantee of the session's own site."""
    asked = await read_json(request, LookUpRequest)
    found = await _guarantees(request).find(_who(shown), asked.engagement)
    if isinstance(found, NotHeard):
        raise not_heard(found)
    if isinstance(found, ClaimRefusal):
        raise ProblemError(found.value)
    return answered(_looked_up(found))


async def list_paid(request: Request, shown: Presented, _session: Session) -> Response:
    """List the last payments to the session's own site, or those before one of them."""
    asked = await read_json(request, PaidRequest)
    found = await edge_parts(request).remittances.recent(_who(shown), asked.before)
    if isinstance(found, NotHeard):
        raise not_heard(found)
    if isinstance(found, RemittanceRefusal):
        raise ProblemError(found.value)
    return answered(remittances_told(*found))


async def open_notice(request: Request, shown: Presented, _session: Session) -> Response:
    """Tell one payment to the session's own site, claim by claim."""
    asked = await read_json(request, NoticeRequest)
    found = await edge_parts(request).remittances.read(_who(shown), asked.remittance)
    if isinstance(found, NotHeard):
        raise not_heard(found)
    if isinstance(found, RemittanceRefusal):
        raise ProblemError(found.value)
    lines = [notice_line(one) for one in found.lines]
    return answered(RemittanceNotice(remittance=remittance_told(found.head), lines=lines))


def not_heard(because: NotHeard) -> ProblemError:
    """Return why a page was not heard: a session that ended meanwhile is told as such."""
    over = because is NotHeard.INVALID_TOKEN
    return ProblemError("session_over" if over else because.value)


def _who(shown: Presented) -> Claimant:
    return Claimant(shown.token, shown.jkt, shown.proof_jti)


def _guarantees(request: Request) -> Guarantees:
    found: Guarantees = request.state.guarantees
    return found


def _row(one: Guarantee) -> GuaranteeRow:
    return GuaranteeRow(
        engagement=one.number,
        is_authorization=one.authorized,
        domain=one.domain,
        care_date=one.care_on,
        expires_on=one.expires_on,
        rate_bp=one.rate_bp,
        amount_cents=one.amount_cents,
        ceiling_cents=one.ceiling_cents,
        state=one.state,
        claim=None if one.claim is None else one.claim.hex(),
        claimed_at=one.claimed_at,
        claimed_cents=one.claimed_cents,
        because=one.because,
        batched_on=one.batched_on,
        bank_reason=one.reason,
        disputed=one.disputed,
    )


def _looked_up(found: Found) -> LookedUp:
    return LookedUp(
        guarantee=_row(found.guarantee),
        remittance=found.remittance,
        paid_at=found.paid_at,
        account=found.last_four,
        lines=[
            GuaranteeLine(
                category=line.category,
                quantity=line.quantity,
                price_cents=line.price_cents,
                base_cents=line.base_cents,
                obligatory_cents=line.obligatory_cents,
                agreed_cents=agreed,
            )
            for line, agreed in found.lines
        ],
    )
