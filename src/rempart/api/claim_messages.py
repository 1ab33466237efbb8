"""What /v1/claims is sent and answers, as JSON: the types that the docs come from."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rempart.api.rights_messages import Hex16

Cents = Annotated[int, Meta(ge=0, le=10_000_000)]


class ClaimLine(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What was delivered, as a coarse category; amounts of the whole line."""

    category: Annotated[str, Meta(pattern="^[A-Z][A-Z0-9_]{1,19}$", examples=["PH7"])]
    quantity: Annotated[int, Meta(ge=1, le=999)] = 1
    price_cents: Cents
    base_cents: Cents
    obligatory_cents: Cents


class ClaimRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One claim on one guarantee. It names nobody, and has no room for a word."""

    engagement: Annotated[str, Meta(min_length=17, max_length=32)]
    reference: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,64}$", examples=["F-2026-0117"])]
    lines: Annotated[tuple[ClaimLine, ...], Meta(min_length=1, max_length=40)]
    amount_cents: Annotated[int, Meta(ge=1, le=400_000_000)] | None = None
    replaces: Hex16 | None = None


class ClaimAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A claim as it stands; one that is disputed is paid all the same."""

    claim: Hex16
    state: Literal["accepted", "batched", "paid", "returned", "cancelled"]
    amount_cents: int
    promised_cents: int
    made_at: dt.datetime
    disputed: bool
