"""What /v1/rights-questions is sent and answers, as JSON: the types that the docs come from."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rempart.rights import ExceptionReason, Outcome
from rempart.rights import Receipt as RightsReceipt

Domain = Literal[
    "PHAR", "LABO", "OPTI", "AUDI", "DESO", "DEPR", "HOSP", "MED", "RADL", "AUXM", "TRAN"
]
Evidence = Literal["typed", "scan"]
Hex16 = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Hex32 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Hex64 = Annotated[str, Meta(pattern="^[0-9a-f]{128}$")]


class RightsQuestion(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One question: one person, one domain, one date. No field may be added."""

    insurer: Annotated[str, Meta(pattern="^[A-Za-z0-9]{1,10}$", examples=["88100014"])]
    member_number: Annotated[str, Meta(min_length=1, max_length=30, examples=["0042 7718 03"])]
    birth_date: Annotated[dt.date, Meta(examples=["1985-05-19"])]
    birth_rank: Annotated[int, Meta(ge=1, le=9)] = 1
    domain: Domain
    care_date: Annotated[dt.date, Meta(examples=["2026-03-02"])]
    evidence: Evidence
    card_secret: Annotated[str, Meta(min_length=13, max_length=80)] | None = None
    reference: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,64}$", examples=["2026-03-02.0117"])]
    professional: Annotated[str, Meta(pattern="^[0-9]{11}$", examples=["10001234565"])]
    site: Annotated[str, Meta(pattern="^[0-9][0-9AB][0-9]{7}$", examples=["750012342"])]


class ExceptionAsked(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Why nothing better can be shown; and the salt of what a passkey was touched for."""

    reason: ExceptionReason
    salt: Hex16


class PortalQuestion(RightsQuestion, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The same question from a person at a browser, who may ask it under an exception."""

    exception: ExceptionAsked | None = None


class SignedLeaf(msgspec.Struct, frozen=True, kw_only=True):
    """The leaf's place in its signed batch: docs/entry.md says how to check it."""

    index: int
    size: int
    path: list[Hex32]
    signature: Hex64
    key_id: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What lets the asker check his entry for ever; bytes are written in hexadecimal."""

    entry: Hex16
    leaf: Hex32
    head: Hex32
    salt: Hex32
    body_salt: Hex16
    commitment_m: Hex32
    commitment_b: Hex32
    signed: SignedLeaf


class RightsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: the same keys in the same order whatever the outcome."""

    outcome: Outcome
    rate_bp: int | None
    amount_cents: int | None
    ceiling_cents: int | None
    engagement: str | None
    expires_on: dt.date | None
    receipt: Receipt


def written(receipt: RightsReceipt) -> Receipt:
    """Write a receipt's bytes in hexadecimal."""
    signed = receipt.signed
    return Receipt(
        entry=receipt.entry.hex(),
        leaf=receipt.leaf.hex(),
        head=receipt.head.hex(),
        salt=receipt.salt.hex(),
        body_salt=receipt.body_salt.hex(),
        commitment_m=receipt.commitment_m.hex(),
        commitment_b=receipt.commitment_b.hex(),
        signed=SignedLeaf(
            index=signed.index,
            size=signed.size,
            path=[node.hex() for node in signed.path],
            signature=signed.signature.hex(),
            key_id=signed.key_id,
        ),
    )
