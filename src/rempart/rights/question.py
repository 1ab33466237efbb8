"""A question as it is asked: what the card says, and who presented it."""

from dataclasses import dataclass, field
from datetime import date

DOMAINS = (
    "PHAR", "LABO", "OPTI", "AUDI", "DESO", "DEPR", "HOSP", "MED", "RADL", "AUXM", "TRAN",
)  # fmt: skip
"""Kinds of care that may be asked about."""

EVIDENCE = ("typed", "scan")
"""Grades of evidence that the platform takes today."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one person. Holds plain identifiers: lives as long as its request.

    ``repr`` leaves out what names the person.
    """

    insurer: str
    member_number: str = field(repr=False)
    birth_date: date = field(repr=False)
    birth_rank: int = field(repr=False)
    domain: str
    care_on: date
    evidence: str
    card_secret: str | None = field(repr=False)
    reference: str
    professional: str
    site: str


@dataclass(frozen=True, slots=True)
class Presented:
    """How a question was presented: the live token, its proof, the body that the proof covers.

    ``jkt`` is the 32-byte thumbprint of the proof's key, ``network`` the address of the peer.
    """

    token: str = field(repr=False)
    jkt: bytes
    proof_jti: str
    proof_jwt: str = field(repr=False)
    body: bytes = field(repr=False)
    network: str
