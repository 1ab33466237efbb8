"""What is sent to and answered by /v1/rights-questions, as JSON: the types that the docs come from."""

import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Domain = Literal[
    "PHAR", "LABO", "OPTI", "AUDI", "DESO", "DEPR", "HOSP", "MED", "RADL", "AUXM", "TRAN"
]
Evidence = Literal["typed", "scan"]
Hex = Annotated[str, Meta(pattern="^[0-9a-f]+$")]


class RightsQuestion(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One question: one person, one domain, one date. No field may be added."""

    insurer: Annotated[str, Meta(pattern="^[A-Za-z0-9]{1,10}$", examples=["88100014"])]
    member_number: Annotated[str, Meta(min_length=1, max_length=30, examples=["0042 7718 03"])]
    birth_date: Annotated[datetime.date, Meta(examples=["1985-05-19"])]
    birth_rank: Annotated[int, Meta(ge=1, le=9)] = 1
    domain: Domain
    care_date: Annotated[datetime.date, Meta(examples=["2026-03-02"])]
    evidence: Evidence
    card_secret: Annotated[str, Meta(min_length=13, max_length=80)] | None = None
    reference: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,64}$", examples=["2026-03-02.0117"])]
    professional: Annotated[str, Meta(pattern="^[0-9]{11}$", examples=["10001234565"])]
    site: Annotated[str, Meta(pattern="^[0-9][0-9AB][0-9]{7}$", examples=["750012342"])]
