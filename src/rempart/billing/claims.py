"""Claims: asking to be paid what a guarantee promised, for software and portal alike."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from rempart.billing.number import read_engagement_number
from rempart.billing.trying import Line
from rempart.foundation.database import Database, Row, hexed, json_argument


class ClaimRefusal(StrEnum):
    """Everything for which a claim may be refused: one reason, with what to do about it."""

    ENGAGEMENT_UNKNOWN = "engagement_unknown"
    ENGAGEMENT_USED = "engagement_used"
    ENGAGEMENT_CANCELLED = "engagement_cancelled"
    ENGAGEMENT_EXPIRED = "engagement_expired"
    CATEGORY_UNKNOWN = "category_unknown"
    AGREEMENT_NEEDED = "agreement_needed"
    AMOUNTS_DO_NOT_FIT = "amounts_do_not_fit"
    LINE_NOT_AGREED = "line_not_agreed"
    ABOVE_PROMISE = "above_promise"
    CLAIM_REFERENCE_REUSED = "claim_reference_reused"
    CLAIM_UNKNOWN = "claim_unknown"
    CLAIM_IN_PAYMENT = "claim_in_payment"


class NotHeard(StrEnum):
    """Why a request about claims was not looked at: it is not known to be its sender's own."""

    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a reason, not a secret
    PROOF_REPEATED = "proof_repeated"


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims, as his request shows: a token, its key's thumbprint (32 bytes), a proof's id."""

    token: str
    jkt: bytes
    proof_jti: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim on a guarantee. ``amount_cents`` None claims what was promised, to the cent.

    ``replaces`` is the 16 bytes of a claim on the same guarantee that this one takes the place of.
    """

    engagement: str
    reference: str
    lines: Sequence[Line]
    amount_cents: int | None = None
    replaces: bytes | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim as it stands. Amounts in cents; ``claim_id`` is 16 bytes.

    ``disputed``: its insurer rejected it. It is paid all the same; that is the insurer's debt.
    """

    claim_id: bytes
    state: str
    amount_cents: int
    promised_cents: int
    made_at: datetime
    disputed: bool


Answered = Claimed | ClaimRefusal | NotHeard


class Claims:
    """Takes claims for one edge process, as rempart_edge."""

    def __init__(self, database: Database, hiding_key: bytes) -> None:
        """Take the database, and the key that hides what a software chooses itself."""
        self._database = database
        self._key = hiding_key

    async def claim(self, who: Claimant, claim: Claim) -> Answered:
        """Claim; committed when this returns.

        Raises `UnavailableError` when nothing is known to be done (the same reference again finds
        out), `BadInputError` for a number that can't be one.
        """
        number = read_engagement_number(claim.engagement)
        stated = [asdict(line) for line in claim.lines]
        put = {
            "claim_id": hexed(secrets.token_bytes(16)),
            "engagement_hash": hexed(hashlib.sha256(number.encode()).digest()),
            "reference": hidden(self._key, "claim", claim.reference),
            "sameness": hexed(self._sameness(number, claim, stated)),
            "amount_cents": claim.amount_cents,
            "replaces": None if claim.replaces is None else hexed(claim.replaces),
        }
        return await self._call("billing.claim", who, json_argument(put), json_argument(stated))

    async def cancel(self, who: Claimant, claim_id: bytes) -> Answered:
        """Cancel a claim of one's own site that is not being paid yet."""
        return await self._call("billing.cancel_claim", who, claim_id)

    async def read(self, who: Claimant, claim_id: bytes) -> Answered:
        """Return a claim of one's own site as it stands."""
        return await self._call("billing.read_claim", who, claim_id)

    async def _call(self, function: str, who: Claimant, *args: object) -> Answered:
        jti = hidden(self._key, CLAIMING, who.proof_jti)
        (row,) = await self._database.call(function, who.token, who.jkt, jti, *args)
        return _answered(row)

    def _sameness(self, number: str, claim: Claim, stated: Sequence[object]) -> bytes:
        plain = msgspec.json.encode(
            (number, claim.amount_cents, claim.replaces and claim.replaces.hex(), stated)
        )
        # Keyed: what was delivered could be guessed from a plain hash, long after it was erased.
        return hmac.digest(self._key, b"rempart/claim-sameness/" + plain, "sha256")


CLAIMING: Final = "claiming-proof"
"""How what is not a question hides a proof's id.

A claim waits for a guarantee that a question may hold; it holds no id that a question waits for.
"""


def hidden(key: bytes, what: str, text: str) -> str:
    """Hide what a software chooses itself, as for questions: it may hold a person's number."""
    return hmac.digest(key, f"rempart/{what}/{text}".encode(), "sha256").hex()


def _answered(row: Row) -> Answered:
    because = row["refused_because"]
    if because in tuple(NotHeard):
        return NotHeard(because)
    if because is not None:
        return ClaimRefusal(because)
    return Claimed(
        row["claim_id"],
        row["state"],
        row["amount_cents"],
        row["promised_cents"],
        row["made_at"],
        row["disputed"],
    )
