"""What /v1/remittances answers, as JSON: the types that the docs come from."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rempart.api.rights_messages import Hex16

EndToEnd = Annotated[str, Meta(pattern="^RP[0-9a-f]{32}$")]


class RemittanceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One payment to the site, as its bank statement shows it."""

    remittance: EndToEnd
    state: Literal["paid", "returned"]
    paid_at: dt.datetime
    insurer: str
    amount_cents: int
    claims: int
    account: Annotated[str, Meta(pattern="^[0-9A-Z]{4}$")]
    returned_because: str | None


class RemittancesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Payments, newest first; `has_more`: there are others before them."""

    remittances: list[RemittanceAnswer]
    has_more: bool


class RemittanceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One claim that was paid, whether its insurer disputes it or not."""

    claim: Hex16
    engagement: str
    care_date: dt.date
    claimed_at: dt.datetime
    amount_cents: int
    disputed: bool


class RemittanceNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A payment and every claim in it; their amounts add up to its amount."""

    remittance: RemittanceAnswer
    lines: list[RemittanceLine]
