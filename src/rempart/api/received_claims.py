"""/v1/received-claims: an insurer's software lists the claims on it, reads one, answers them."""

import base64
import re
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.claim_messages import ClaimLine
from rempart.api.parts import IntakeParts
from rempart.api.problems import ProblemError
from rempart.api.received_messages import (
    AnswersRequest,
    AnswersTaken,
    AnswerTaken,
    ClaimSaid,
    ReceivedClaims,
    ReceivedClaimsRequest,
    SealedLines,
)
from rempart.api.received_messages import ReceivedClaim as Told
from rempart.api.rights_questions import due_json
from rempart.api.strict_json import read
from rempart.billing import (
    Answer,
    InsurerSoftware,
    Received,
    ReceivedClaim,
    ReceivedRefusal,
    Rejection,
    Taken,
)
from rempart.rights import Presented

_CLAIM: Final = re.compile(r"[0-9a-f]{32}")
_LARGEST: Final = 65_536
"""Bytes of a request: 200 answers take a third of it. The intake's own limit is a feed's."""


async def list_received(request: Request, presented: Presented) -> Response:
    """List the claims that wait for the insurer's answer, a page at a time."""
    wire = read(_body(request, presented), ReceivedClaimsRequest)
    after = None if wire.after is None else bytes.fromhex(wire.after)
    found = await _received(request).waiting(_who(presented), after, wire.at_most)
    if isinstance(found, ReceivedRefusal):
        raise ProblemError(found.value)
    claims, has_more = found
    following = claims[-1].claim_id.hex() if has_more else None
    return _json(ReceivedClaims(claims=[_told(one) for one in claims], next=following))


async def read_received(request: Request, presented: Presented) -> Response:
    """Tell one claim on the insurer, whatever became of it."""
    name = str(request.path_params["claim"])
    if not _CLAIM.fullmatch(name):
        raise ProblemError("bad_format", "claim")
    if presented.body:
        raise ProblemError("bad_format", "body")
    found = await _received(request).read(_who(presented), bytes.fromhex(name))
    if isinstance(found, ReceivedRefusal):
        raise ProblemError(found.value)
    return _json(_told(found))


async def answer_claims(request: Request, presented: Presented) -> Response:
    """Take the insurer's answers; each is told as it is on record, or why it was not taken."""
    wire = read(_body(request, presented), AnswersRequest)
    answers = [_answer(one) for one in wire.answers]
    found = await _received(request).answer(_who(presented), answers)
    if isinstance(found, ReceivedRefusal):
        raise ProblemError(found.value)
    return _json(AnswersTaken(answers=[_taken(one) for one in found]))


def _body(request: Request, presented: Presented) -> bytes:
    due_json(request)
    if len(presented.body) > _LARGEST:
        raise ProblemError("body_too_large")
    return presented.body


def _received(request: Request) -> Received:
    found: object = request.state.parts
    if not isinstance(found, IntakeParts):
        raise TypeError
    return found.received


def _who(presented: Presented) -> InsurerSoftware:
    return InsurerSoftware(presented.token, presented.jkt, presented.proof_jti)


def _answer(said: ClaimSaid) -> Answer:
    """A rejection has a reason, an acceptance has none; raises `ProblemError`."""
    if (said.answer == "rejected") != (said.because is not None):
        raise ProblemError("bad_format", "answers")
    because = None if said.because is None else Rejection(said.because)
    return Answer(bytes.fromhex(said.claim), because)


def _told(found: ReceivedClaim) -> Told:
    lines = None if found.lines is None else [ClaimLine(**line) for line in found.lines]
    return Told(
        claim=found.claim_id.hex(),
        state=found.state,  # type: ignore[arg-type]  # the table's check has the same words
        member_reference=found.member_reference.hex(),
        site=found.site,
        domain=found.domain,
        care_date=found.care_on,
        claimed_at=found.claimed_at,
        amount_cents=found.amount_cents,
        lines=lines,
        sealed_lines=_sealed(found),
        answer_by=found.answer_by,
        answer=found.answer,  # type: ignore[arg-type]  # likewise
        because=found.because,  # type: ignore[arg-type]  # likewise
        answered_at=found.answered_at,
        settled=found.settled,  # type: ignore[arg-type]  # likewise
        settled_at=found.settled_at,
    )


def _sealed(found: ReceivedClaim) -> SealedLines | None:
    if found.key_id is None or found.sealed is None:
        return None
    return SealedLines(key=found.key_id.hex(), sealed=base64.b64encode(found.sealed).decode())


def _taken(found: Taken) -> AnswerTaken:
    because = found.not_taken_because
    return AnswerTaken(
        claim=found.claim_id.hex(),
        answer=found.answer,  # type: ignore[arg-type]  # likewise
        because=found.because,  # type: ignore[arg-type]  # likewise
        answered_at=found.answered_at,
        refused_because=None if because is None else because.value,
    )


def _json(answer: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
