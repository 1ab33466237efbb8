"""What the page My payments fetches, as JSON. None of it says for whom a guarantee is."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta


class LookUpRequest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which guarantee: its number, which stands in no address."""

    engagement: Annotated[str, Meta(max_length=32)]


class GuaranteeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee and what became of it (`rempart.billing.Guarantee`)."""

    engagement: str
    is_authorization: bool
    domain: str
    care_date: dt.date
    expires_on: dt.date
    rate_bp: int | None
    amount_cents: int | None
    ceiling_cents: int | None
    state: str
    claim: str | None
    claimed_at: dt.datetime | None
    claimed_cents: int | None
    because: str | None
    batched_on: dt.date | None
    bank_reason: str | None
    disputed: bool


class PaymentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What waits, first; then what is under way."""

    to_bill: list[GuaranteeRow]
    claimed: list[GuaranteeRow]
    has_more: bool


class GuaranteeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a prise en charge, as the site stated it, and what is promised for it."""

    category: str
    quantity: int
    price_cents: int
    base_cents: int
    obligatory_cents: int
    agreed_cents: int


class LookedUp(msgspec.Struct, frozen=True, kw_only=True):
    """One guarantee by its number; its last payment that the bank has; its lines if it has any."""

    guarantee: GuaranteeRow
    remittance: str | None
    paid_at: dt.datetime | None
    account: str | None
    lines: list[GuaranteeLine]
