"""What comes back: an answer from the closed list of outcomes, or a refusal with its reason."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rempart.journal import SignedLeaf
from rempart.rights.quote import QuotedLine


class Outcome(StrEnum):
    """Everything that an answer may say."""

    COVERED = "covered"
    COVERED_ON_REQUEST = "covered_on_request"
    AGREED = "agreed"
    NOTHING_AGREED = "nothing_agreed"
    NO_RIGHT_FOUND = "no_right_found"
    BETTER_EVIDENCE_NEEDED = "better_evidence_needed"
    EXCEPTION_POSSIBLE = "exception_possible"
    INSURER_NOT_SERVED = "insurer_not_served"
    CLOSED = "closed"


class RefusedBecause(StrEnum):
    """Everything for which a question may be refused."""

    PROFESSIONAL_NOT_LINKED = "professional_not_linked"
    DOMAIN_NOT_ALLOWED = "domain_not_allowed"
    CARE_DATE_OUT_OF_WINDOW = "care_date_out_of_window"
    PROOF_REPEATED = "proof_repeated"
    REFERENCE_REUSED = "reference_reused"
    TOO_MANY_QUESTIONS = "too_many_questions"
    ACCOUNT_NOT_READY = "account_not_ready"
    TOUCH_REQUIRED = "touch_required"
    CATEGORY_UNKNOWN = "category_unknown"
    AMOUNTS_DO_NOT_FIT = "amounts_do_not_fit"
    AUTHORIZATION_UNKNOWN = "authorization_unknown"
    AUTHORIZATION_CLAIMED = "authorization_claimed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What lets the asker check his entry for ever (docs/entry.md).

    ``entry`` is random; ``leaf`` what was signed; ``body_salt`` with the request's body gives the
    digest, ``salt`` with the answer opens commitment A; ``head``, ``commitment_m`` and
    ``commitment_b`` are hashes that complete the leaf. All bytes.
    """

    entry: bytes
    leaf: bytes
    head: bytes
    salt: bytes
    body_salt: bytes
    commitment_m: bytes
    commitment_b: bytes
    signed: SignedLeaf


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome, and with ``covered`` what is promised. Amounts in cents, rate in basis points.

    ``lines`` is what a quote tells of each of its lines; None in any other answer.
    """

    outcome: Outcome
    rate_bp: int | None
    amount_cents: int | None
    ceiling_cents: int | None
    engagement: str | None
    expires_on: date | None
    receipt: Receipt
    lines: tuple[QuotedLine, ...] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question that was not put to the registry, and why."""

    because: RefusedBecause
    retry_after_s: int | None = None
