"""What /v1/quotes and /v1/authorizations are sent and answer, as JSON."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rempart.api.claim_messages import ClaimLine
from rempart.api.rights_messages import Receipt, RightsQuestion
from rempart.rights import Outcome

Number = Annotated[str, Meta(min_length=17, max_length=32)]


class QuoteRequest(RightsQuestion, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A question with lines. Neither prescription nor correction is asked for."""

    lines: Annotated[tuple[ClaimLine, ...], Meta(min_length=1, max_length=40)]
    replaces: Number | None = None


class QuoteLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one line comes to, in cents, and what is left of how often it is paid."""

    amount_cents: int
    patient_cents: int
    units_left: int | None
    next_from: dt.date | None


class QuoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: the same keys in the same order whatever the outcome."""

    outcome: Outcome
    rate_bp: int | None
    amount_cents: int | None
    ceiling_cents: int | None
    engagement: str | None
    expires_on: dt.date | None
    lines: tuple[QuoteLine, ...] | None
    receipt: Receipt


class AuthorizationRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Which prise en charge: its number, which stands in no address."""

    authorization: Number


class AuthorizationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A prise en charge as it stands. It says neither for whom nor for what."""

    state: Literal["standing", "claimed", "cancelled", "replaced", "expired"]
    amount_cents: int | None
    lines: list[int] | None
    given_at: dt.datetime
    expires_on: dt.date
