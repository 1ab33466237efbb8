"""POST /v1/quotes: a question with lines, asked on the same path; its answer, in one size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.claim_messages import ClaimLine
from rempart.api.parts import edge_parts
from rempart.api.problems import ProblemError
from rempart.api.quote_messages import QuoteAnswer, QuoteLine, QuoteRequest
from rempart.api.rights_messages import written
from rempart.api.rights_questions import due_json, read_question, refused
from rempart.api.strict_json import read
from rempart.billing import Line
from rempart.rights import Answer, Presented, QuotedLine, Quoting, Refusal

ANSWER_BYTES: Final = 8_192
"""Every answer's body is filled up with spaces to this, so that its size says nothing."""


async def ask_quote(request: Request, presented: Presented) -> Response:
    """Ask what lines come to, for an installation that has proved this very request."""
    return await edge_parts(request).release.hold(_ask(request, presented))


async def _ask(request: Request, presented: Presented) -> Response:
    # 1 read it: as a question is read, and its lines
    due_json(request)
    parts = edge_parts(request)
    wire = read(presented.body, QuoteRequest)
    question = read_question(wire, parts.clock.today())
    quoting = Quoting([stated(line) for line in wire.lines], wire.replaces)

    # 2 ask it: charged, recorded, promised and committed before anything comes back
    found = await parts.asker.ask(replace(question, quoting=quoting), presented)

    # 3 tell it
    if found is None:
        raise ProblemError("invalid_token")
    if isinstance(found, Refusal):
        raise refused(found)
    return Response(encoded(found, quoting.lines), media_type="application/json")


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
