"""Claims as their insurer receives them, and what it answers: for its own software."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from rempart.foundation.database import Database, Row

PAGE: Final = 200
"""How many claims a page has, and how many answers one request may give, at most."""


class Rejection(StrEnum):
    """Why an insurer rejects a claim: one closed list, ours, to be confirmed with insurers."""

    MEMBER_UNKNOWN = "member_unknown"
    NOT_COVERED_THEN = "not_covered_then"
    CARE_NOT_COVERED = "care_not_covered"
    AMOUNT_TOO_HIGH = "amount_too_high"
    PAID_ALREADY = "paid_already"
    OTHER_PAYER_FIRST = "other_payer_first"
    CARE_DOUBTED = "care_doubted"


class NotTaken(StrEnum):
    """Why one answer among several was not taken."""

    UNKNOWN = "received_claim_unknown"
    CANCELLED = "claim_cancelled"
    OTHERWISE = "answered_otherwise"
    TOO_LATE = "answer_too_late"


class ReceivedRefusal(StrEnum):
    """Why a whole request of an insurer's software is refused."""

    TOKEN = "invalid_token"  # noqa: S105 - a code
    PROOF = "proof_repeated"
    CLOSED = "answers_closed"
    UNKNOWN = "received_claim_unknown"


@dataclass(frozen=True, slots=True)
class InsurerSoftware:
    """What a request shows of who sends it, its proof checked: whether it is alive SQL says."""

    token: str
    jkt: bytes
    proof_jti: str


@dataclass(frozen=True, slots=True)
class ReceivedClaim:
    """A claim on an insurer. It names nobody but by the reference that this insurer made.

    Amounts in cents. ``lines`` is None once they are sealed (in ``sealed``, to the key ``key_id``)
    or erased. ``answer`` is None while nobody answered: from ``answer_by`` on that is acceptance.
    ``settled``: how a dispute over a rejection ended, "withdrawn" or "upheld"; None: it did not.
    """

    claim_id: bytes
    state: str
    member_reference: bytes
    site: str
    domain: str
    care_on: date
    claimed_at: datetime
    amount_cents: int
    lines: tuple[dict[str, Any], ...] | None
    key_id: bytes | None
    sealed: bytes | None
    answer_by: datetime
    answer: str | None
    because: str | None
    answered_at: datetime | None
    settled: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an insurer says of a claim: accepted, or rejected for a reason."""

    claim_id: bytes
    because: Rejection | None = None

    @property
    def answer(self) -> str:
        """The word that is kept."""
        return "accepted" if self.because is None else "rejected"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one answer: as it is on record, or why it was not taken."""

    claim_id: bytes
    answer: str | None
    because: str | None
    answered_at: datetime | None
    not_taken_because: NotTaken | None


class Received:
    """What insurers' software asks and answers about claims, as rempart_intake."""

    def __init__(self, database: Database) -> None:
        """Take a database as ``rempart_intake``."""
        self._database = database

    async def waiting(
        self, who: InsurerSoftware, after: bytes | None, at_most: int
    ) -> tuple[list[ReceivedClaim], bool] | ReceivedRefusal:
        """List claims that wait for an answer, most urgent first; and whether there are more.

        ``after`` is the last claim of the page before, ``at_most`` from 1 to `PAGE`.
        """
        rows = await self._call("billing.list_received", who, after, at_most + 1)
        if rows and rows[0]["refused_because"] is not None:
            return _refusal(rows[0])
        return [_received(row) for row in rows[:at_most]], len(rows) > at_most

    async def read(self, who: InsurerSoftware, claim_id: bytes) -> ReceivedClaim | ReceivedRefusal:
        """Return one of one's own claims, whatever became of it."""
        (row,) = await self._call("billing.read_received", who, claim_id)
        return _received(row) if row["refused_because"] is None else _refusal(row)

    async def answer(
        self, who: InsurerSoftware, answers: Sequence[Answer]
    ) -> list[Taken] | ReceivedRefusal:
        """Answer claims, 1 to `PAGE` of them; committed when this returns, in the order given.

        The same answer again is told as it is on record. Raises `UnavailableError` when nothing is
        known to be done: the same again finds out.
        """
        rows = await self._call(
            "billing.answer_claims",
            who,
            [one.claim_id for one in answers],
            [one.answer for one in answers],
            [one.because and one.because.value for one in answers],
        )
        if rows[0]["refused_because"] is not None:
            return _refusal(rows[0])
        return [_taken(row) for row in sorted(rows, key=lambda row: int(row["place"]))]

    async def _call(self, function: str, who: InsurerSoftware, *args: object) -> list[Row]:
        return await self._database.call(function, who.token, who.jkt, who.proof_jti, *args)


def _refusal(row: Row) -> ReceivedRefusal:
    because = row["refused_because"]
    return ReceivedRefusal.CLOSED if because == "closed" else ReceivedRefusal(because)


def _received(row: Row) -> ReceivedClaim:
    fields = {name: row[name] for name in ReceivedClaim.__slots__}
    lines = row["lines"]
    return ReceivedClaim(**fields | {"lines": None if lines is None else tuple(lines)})


def _taken(row: Row) -> Taken:
    because = row["not_taken_because"]
    return Taken(
        row["claim_id"],
        row["answer"],
        row["because"],
        row["answered_at"],
        None if because is None else NotTaken(because),
    )
