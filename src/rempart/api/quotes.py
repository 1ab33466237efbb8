"""POST /v1/quotes: a question with lines, asked on the same path; its answer, in one size."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.claim_messages import ClaimLine
from rempart.api.parts import edge_parts
from rempart.api.portal_questions import TypedQuote, as_software_asks
from rempart.api.problems import ProblemError
from rempart.api.quote_messages import QuoteAnswer, QuoteLine, QuoteRequest
from rempart.api.rights_messages import RightsQuestion, written
from rempart.api.rights_questions import due_json, read_question, refused
from rempart.api.strict_json import read
from rempart.billing import Line
from rempart.identity import Session
from rempart.rights import Answer, Presented, QuotedLine, Quoting, Refusal

ANSWER_BYTES: Final = 8_192
"""Every answer's body is filled up with spaces to this, so that its size says nothing."""


Reader = Callable[[bytes], tuple[RightsQuestion, Quoting]]
"""Reads a body: who and what is asked about, and its lines."""


async def ask_quote(request: Request, presented: Presented) -> Response:
    """Ask what lines come to, for an installation that has proved this very request."""

    def reader(body: bytes) -> tuple[RightsQuestion, Quoting]:
        wire = read(body, QuoteRequest)
        return wire, _quoting(wire.lines, wire.replaces)

    return await edge_parts(request).release.hold(_ask(request, presented, reader))


async def quote_from_portal(request: Request, presented: Presented, session: Session) -> Response:
    """Ask what lines come to, for a session: what was typed is read forgivingly.

    There is no exception here: of what is counted, a card that is not there is told nothing.
    """

    def reader(body: bytes) -> tuple[RightsQuestion, Quoting]:
        wire = read(body, TypedQuote)
        if wire.exception is not None:
            raise ProblemError("bad_format", "exception")
        return as_software_asks(wire, session), _quoting(wire.lines, wire.replaces)

    return await edge_parts(request).release.hold(_ask(request, presented, reader))


async def _ask(request: Request, presented: Presented, reader: Reader) -> Response:
    # 1 read it: as a question is read, and its lines
    due_json(request)
    parts = edge_parts(request)
    wire, quoting = reader(presented.body)
    question = read_question(wire, parts.clock.today())

    # 2 ask it: charged, recorded, promised and committed before anything comes back
    found = await parts.asker.ask(replace(question, quoting=quoting), presented)

    # 3 tell it
    if found is None:
        raise ProblemError("invalid_token")
    if isinstance(found, Refusal):
        raise refused(found)
    return Response(encoded(found, quoting.lines), media_type="application/json")


def _quoting(lines: Sequence[ClaimLine], replaces: str | None) -> Quoting:
    return Quoting([stated(line) for line in lines], replaces)


def stated(line: ClaimLine) -> Line:
    """Return a line of a quote or a claim as it is counted."""
    return Line(
        line.category,
        line.quantity,
        line.price_cents,
        line.base_cents,
        line.obligatory_cents,
    )


def encoded(answer: Answer, lines: Sequence[Line]) -> bytes:
    """Encode an answer, every key there and in order, and fill it up (RFC 8259 allows spaces)."""
    body = msgspec.json.encode(
        QuoteAnswer(
            outcome=answer.outcome,
            rate_bp=answer.rate_bp,
            amount_cents=answer.amount_cents,
            ceiling_cents=answer.ceiling_cents,
            engagement=answer.engagement,
            expires_on=answer.expires_on,
            lines=None if answer.lines is None else tuple(map(_line, lines, answer.lines)),
            receipt=written(answer.receipt),
        )
    )
    return body + b" " * (-len(body) % ANSWER_BYTES)


def _line(asked: Line, told: QuotedLine) -> QuoteLine:
    return QuoteLine(
        amount_cents=told.amount_cents,
        patient_cents=asked.price_cents - asked.obligatory_cents - told.amount_cents,
        units_left=told.units_left,
        next_from=told.next_from,
    )
