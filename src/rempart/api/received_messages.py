"""What /v1/received-claims is sent and answers, as JSON: the types that the docs come from."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rempart.api.claim_messages import ClaimLine
from rempart.api.rights_messages import Hex16

Reason = Literal[
    "member_unknown",
    "not_covered_then",
    "care_not_covered",
    "amount_too_high",
    "paid_already",
    "other_payer_first",
    "care_doubted",
]
Said = Literal["accepted", "rejected"]


class ReceivedClaimsRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Which page of the claims that wait: the first, or what comes after a claim of the last."""

    after: Hex16 | None = None
    at_most: Annotated[int, Meta(ge=1, le=200)] = 100


class SealedLines(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that were sealed to a key of the insurer's (docs/lines.md)."""

    key: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    sealed: str


class ReceivedClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim as its insurer sees it. It names nobody; every key is always there."""

    claim: Hex16
    state: Literal["accepted", "batched", "paid", "returned", "cancelled"]
    member_reference: Annotated[str, Meta(pattern="^[0-9a-f]+$")]
    site: str
    domain: str
    care_date: dt.date
    claimed_at: dt.datetime
    amount_cents: int
    lines: list[ClaimLine] | None
    sealed_lines: SealedLines | None
    answer_by: dt.datetime
    answer: Said | None
    because: Reason | None
    answered_at: dt.datetime | None
    settled: Literal["withdrawn", "upheld"] | None
    settled_at: dt.datetime | None


class ReceivedClaims(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the claims that wait for an answer, the most urgent first."""

    claims: list[ReceivedClaim]
    next: Hex16 | None


class ClaimSaid(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An answer to one claim."""

    claim: Hex16
    answer: Said
    because: Reason | None = None


class AnswersRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Answers to claims, each for itself."""

    answers: Annotated[tuple[ClaimSaid, ...], Meta(min_length=1, max_length=200)]


class AnswerTaken(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it is on record, or why it was not taken."""

    claim: Hex16
    answer: Said | None
    because: Reason | None
    answered_at: dt.datetime | None
    refused_because: (
        Literal[
            "received_claim_unknown", "claim_cancelled", "answered_otherwise", "answer_too_late"
        ]
        | None
    )


class AnswersTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each answer, in the order given."""

    answers: list[AnswerTaken]
