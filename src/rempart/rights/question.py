"""A question as it is asked: what the card says, and who presented it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rempart.rights.quote import Quoting

DOMAINS = (
    "PHAR", "LABO", "OPTI", "AUDI", "DESO", "DEPR", "HOSP", "MED", "RADL", "AUXM", "TRAN",
)  # fmt: skip
"""Kinds of care that may be asked about."""

EVIDENCE = ("typed", "scan")
"""Grades of evidence that the platform takes today, apart from the exception."""


class ExceptionReason(StrEnum):
    """Why nothing better can be shown: the closed list, in the order that people are shown it."""

    CARD_MISSING = "card_missing"
    CARD_UNREADABLE = "card_unreadable"
    PATIENT_ABSENT = "patient_absent"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Excepted:
    """What makes a question an exception: its reason, and the salt of the digest that was touched.

    ``salt``: 16 random bytes of the browser's. SHA-256 of salt and body is what sign-in was told,
    what the passkey was touched for, and what commitment A of the entry holds.
    """

    reason: ExceptionReason
    salt: bytes = field(repr=False)


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
    excepted: Excepted | None = None
    quoting: Quoting | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """What is on record as evidence: the grade; for an exception that, and its reason."""
        if self.excepted is None:
            return self.evidence
        return f"exception:{self.excepted.reason}"


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
