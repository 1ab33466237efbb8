"""POST /v1/rights-questions: a question read strictly, then asked; its answer, in one size."""

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from stdnum import luhn

from rempart.api.parts import edge_parts
from rempart.api.portal_questions import TypedQuestion, as_software_asks
from rempart.api.problems import ProblemError
from rempart.api.rights_messages import PortalQuestion, RightsAnswer, RightsQuestion, written
from rempart.api.strict_json import read
from rempart.foundation.errors import BadInputError
from rempart.identity import Session
from rempart.registry import (
    STAND_IN_SECRET,
    looks_like_nir,
    normalise_amc,
    normalise_member,
    normalise_secret,
)
from rempart.rights import Answer, Excepted, Presented, Question, Refusal

ANSWER_BYTES: Final = 2_048
"""Every answer's body is filled up with spaces to this, so that its size says nothing."""

_JSON: Final = re.compile(r"application/json(\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
_DAYS_BACK: Final = 8
_DAYS_BACK_IN_HOSPITAL: Final = 31
_DAYS_AHEAD: Final = 31
_OLDEST_BIRTH: Final = dt.date(1880, 1, 1)
_NUMBERS_KEPT: Final = 4_096


Reader = Callable[[bytes], RightsQuestion]
"""Reads a body as a question; raises `ProblemError`."""


async def ask_rights(request: Request, presented: Presented) -> Response:
    """Ask one question for an installation that has proved this very request."""

    def reader(body: bytes) -> RightsQuestion:
        return read(body, RightsQuestion)

    return await edge_parts(request).release.hold(_ask(request, presented, reader))


def due_json(request: Request) -> None:
    """Refuse a body that is not announced as JSON; raise `ProblemError`."""
    types = request.headers.getlist("content-type")
    if len(types) != 1 or not _JSON.fullmatch(types[0].strip()):
        raise ProblemError("not_json")


async def _ask(request: Request, presented: Presented, reader: Reader) -> Response:
    # 1 read it: nothing unknown, nothing twice, nothing out of form
    due_json(request)
    parts = edge_parts(request)
    question = read_question(reader(presented.body), parts.clock.today())

    # 2 ask it: charged, recorded and committed before anything comes back
    found = await parts.asker.ask(question, presented)

    # 3 tell it
    if found is None:
        raise ProblemError("invalid_token")
    if isinstance(found, Refusal):
        raise refused(found)
    return Response(_filled(found), media_type="application/json")


async def ask_from_portal(request: Request, presented: Presented, session: Session) -> Response:
    """Ask one question for a session: the same answer and record as for software.

    What was typed is read forgivingly. The account is the session's own: a question that names
    another one is refused (identity.who). A session alone may ask under an exception.
    """

    def reader(body: bytes) -> RightsQuestion:
        return as_software_asks(read(body, TypedQuestion), session)

    return await edge_parts(request).release.hold(_ask(request, presented, reader))


def read_question(wire: RightsQuestion, today: dt.date) -> Question:
    """Check what the types cannot say, and return the question; raise `ProblemError`.

    What names the card is normalised here, so that each hash finds it plain.
    """
    if not _fits(wire.professional):
        raise ProblemError("bad_check_digit", "professional")
    if not _OLDEST_BIRTH <= wire.birth_date <= today:
        raise ProblemError("bad_date", "birth_date")
    if wire.evidence == "scan" and wire.card_secret is None:
        raise ProblemError("card_secret_required", "card_secret")
    if wire.evidence == "typed" and wire.card_secret is not None:
        raise ProblemError("card_secret_forbidden", "card_secret")
    try:
        insurer = normalise_amc(wire.insurer)
        member = normalise_member(wire.member_number)
        # Typed data has none; a stand-in is read all the same, so that it takes as long.
        secret = normalise_secret(wire.card_secret or STAND_IN_SECRET)
    except BadInputError as error:
        raise ProblemError("bad_format", error.field) from None
    if looks_like_nir(member, wire.birth_date):
        raise ProblemError("looks_like_nir", "member_number")
    back = _DAYS_BACK_IN_HOSPITAL if wire.domain == "HOSP" else _DAYS_BACK
    if not -back <= (wire.care_date - today).days <= _DAYS_AHEAD:
        raise ProblemError("care_date_out_of_window", "care_date")
    return Question(
        insurer=insurer,
        member_number=member,
        birth_date=wire.birth_date,
        birth_rank=wire.birth_rank,
        domain=wire.domain,
        care_on=wire.care_date,
        evidence=wire.evidence,
        card_secret=secret if wire.card_secret is not None else None,
        reference=wire.reference,
        professional=wire.professional,
        site=wire.site,
        excepted=_excepted(wire),
    )


@lru_cache(maxsize=_NUMBERS_KEPT)
def _fits(professional: str) -> bool:
    """Whether a professional's number has its check digit: the same few ask all day."""
    return luhn.is_valid(professional)


def _excepted(wire: RightsQuestion) -> Excepted | None:
    """Return what makes it an exception: only typed data needs one. Raise `ProblemError`."""
    asked = wire.exception if isinstance(wire, PortalQuestion) else None
    if asked is None:
        return None
    if wire.evidence != "typed":
        raise ProblemError("bad_format", "exception")
    return Excepted(asked.reason, bytes.fromhex(asked.salt))


_FIELDS: Final = {
    "domain_not_allowed": "domain",
    "reference_reused": "reference",
    "care_date_out_of_window": "care_date",
}


def refused(refusal: Refusal) -> ProblemError:
    """Return a refusal as HTTP tells it."""
    wait = refusal.retry_after_s
    headers = {} if wait is None else {"Retry-After": str(max(1, wait))}
    return ProblemError(refusal.because, _FIELDS.get(refusal.because), headers=headers)


def _filled(answer: Answer) -> bytes:
    """Encode an answer, every key there and in order, and fill it up (RFC 8259 allows spaces)."""
    body = msgspec.json.encode(
        RightsAnswer(
            outcome=answer.outcome,
            rate_bp=answer.rate_bp,
            amount_cents=answer.amount_cents,
            ceiling_cents=answer.ceiling_cents,
            engagement=answer.engagement,
            expires_on=answer.expires_on,
            receipt=written(answer.receipt),
        )
    )
    return body + b" " * (-len(body) % ANSWER_BYTES)
