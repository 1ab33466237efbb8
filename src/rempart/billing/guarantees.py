"""What became of a site's guarantees, for its people: what waits to be billed, and to be paid."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from rempart.billing.claims import CLAIMING, Claimant, ClaimRefusal, NotHeard, hidden
from rempart.billing.number import engagement_number, read_engagement_number
from rempart.billing.trying import Line
from rempart.foundation.database import Database, Row
from rempart.foundation.keyring import FileKeyring

SHOWN = 100
"""Most guarantees of each kind in one list."""

_SESSION_ENDED = "session_ended"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee and what became of it; nothing of it says for whom, or what was delivered.

    ``state``: to_bill, expired, cancelled, replaced, or its claim's. Cents; a rate in basis points.
    ``because`` says what keeps a claim from being paid: no_bank_detail, bank_returned, or nothing;
    one that is ``disputed`` by the insurer is paid all the same.
    """

    number: str
    authorized: bool
    domain: str
    care_on: date
    expires_on: date
    rate_bp: int | None
    amount_cents: int | None
    ceiling_cents: int | None
    state: str
    claim: bytes | None
    claimed_at: datetime | None
    claimed_cents: int | None
    because: str | None
    batched_on: date | None
    reason: str | None
    disputed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One guarantee that was looked up by its number.

    ``remittance``, ``paid_at`` and ``last_four`` are of its last payment that the bank has.
    ``lines`` are those of a prise en charge with what is promised for each, while they are kept.
    """

    guarantee: Guarantee
    remittance: str | None
    paid_at: datetime | None
    last_four: str | None
    lines: tuple[tuple[Line, int], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """What waits to be billed, soonest over first; what is claimed and not paid, newest first."""

    to_bill: list[Guarantee]
    claimed: list[Guarantee]
    has_more: bool


class Guarantees:
    """Shows a site's people their guarantees, for one edge process, as rempart_edge."""

    def __init__(self, database: Database, hiding_key: bytes, engagement_key: bytes) -> None:
        """Take the database, what hides a proof's id, and what numbers are made with."""
        self._database = database
        self._hiding_key, self._engagement_key = hiding_key, engagement_key

    @classmethod
    def of(cls, database: Database, keyring: FileKeyring) -> Self:
        """Take its keys from an edge's keyring; raises `KeyMissingError`."""
        return cls(database, keyring.secret("met_inner"), keyring.secret("engagement"))

    async def waiting(self, who: Claimant) -> Listed | NotHeard:
        """List what one may see of one's site, by a live session's proof."""
        rows = await self._call("billing.list_guarantees", who)
        if rows and (refused := _not_heard(rows[0])) is not None:
            return refused
        found = [self._read(row) for row in rows]
        to_bill = [one for one in found if one.state == "to_bill"]
        claimed = [one for one in found if one.state != "to_bill"]
        has_more = max(len(to_bill), len(claimed)) > SHOWN
        return Listed(to_bill[:SHOWN], claimed[:SHOWN], has_more)

    async def find(self, who: Claimant, number: str) -> Found | ClaimRefusal | NotHeard:
        """Return one of one's own site; `BadInputError` for a number that can't be one."""
        plain = read_engagement_number(number)
        digest = hashlib.sha256(plain.encode()).digest()
        (row,) = await self._call("billing.find_guarantee", who, digest)
        if (refused := _not_heard(row)) is not None:
            return refused
        if row["refused_because"] is not None:
            return ClaimRefusal(row["refused_because"])
        last = row["remittance"], row["paid_at"], row["last_four"]
        return Found(self._read(row), *last, _lines(row))

    async def _call(self, function: str, who: Claimant, *args: object) -> list[Row]:
        jti = hidden(self._hiding_key, CLAIMING, who.proof_jti)
        return await self._database.call(function, who.token, who.jkt, jti, *args)

    def _read(self, row: Row) -> Guarantee:
        return Guarantee(
            number=engagement_number(self._engagement_key, row["engagement_id"]),
            claim=row["claim_id"],
            **{name: row[name] for name in _AS_THEY_ARE},
        )


_AS_THEY_ARE = [name for name in Guarantee.__slots__ if name not in {"number", "claim"}]
_COLUMNS = ("categories", "quantities", "prices", "bases", "obligatories", "agreed")


def _not_heard(row: Row) -> NotHeard | None:
    because = row["refused_because"]
    if because == _SESSION_ENDED:
        return NotHeard.INVALID_TOKEN
    return NotHeard(because) if because in tuple(NotHeard) else None


def _lines(row: Row) -> tuple[tuple[Line, int], ...]:
    columns = [row[name] or () for name in _COLUMNS]
    return tuple((Line(*stated), agreed) for *stated, agreed in zip(*columns, strict=True))
