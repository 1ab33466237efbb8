"""What an account asked, for its owner: its questions page by page, and a receipt told again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from rempart.billing import engagement_number
from rempart.foundation.database import Database, Row
from rempart.identity import PortalRefusal, Proved, refusal
from rempart.journal import ReceiptSigner, SignedLeaf
from rempart.rights.quote import read_told

PAGE = 50
"""Most questions of one page."""

DAYS = 93
"""Most days of one look."""

REFUSED = "refused"
"""Stands for every refusal where an outcome may be asked for."""


class Keys(Protocol):
    """A keyring: secrets by name."""

    def secret(self, name: str) -> bytes:
        """Return a secret, or raise `KeyMissingError`."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions: whole days in Paris, both included, a domain, an outcome, from where on.

    ``before`` is the last of the page before: its instant and the number of its receipt.
    """

    first_day: date
    last_day: date
    domain: str | None = None
    outcome: str | None = None
    before: tuple[datetime, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """One question as its asker's list has it; nothing of it says about whom.

    ``outcome`` is empty for a refusal; ``told_before``: the guarantee's number stands further down.
    """

    at: datetime
    entry: bytes
    kind: str
    domain: str
    outcome: str
    refused_because: str
    tally: int
    engagement: str | None
    told_before: bool


@dataclass(frozen=True, slots=True)
class Noticed:
    """One page, newest first, and whether older questions follow."""

    entries: list[Noted]
    has_more: bool


class Activity:
    """Reads one account's own questions, for the live session that proves each reading."""

    def __init__(self, database: Database, keys: Keys) -> None:
        """Take a database as ``rempart_edge`` and a keyring."""
        self._database = database
        self._engagement_key = keys.secret("engagement")
        self._signer = ReceiptSigner(keys.secret("receipt"))

    async def look(self, by: Proved, wanted: Wanted) -> Noticed | PortalRefusal:
        """List one page; refused: `SESSION`, `PROOF_REPEATED`."""
        rows = await self._database.call(
            "journal.list_own",
            *(by.token, by.jkt, by.jti, wanted.first_day, wanted.last_day),
            *(wanted.domain, wanted.outcome, *(wanted.before or (None, None))),
        )
        if rows and (refused := _denied(rows[0])) is not None:
            return refused
        return Noticed([self._noted(row) for row in rows[:PAGE]], len(rows) > PAGE)

    async def receipt(
        self, by: Proved, at: datetime, entry: bytes
    ) -> dict[str, Any] | PortalRefusal:
        """Return a receipt as `check_held` reads it, signed anew; `NOT_YOURS` when there is none.

        In place of the request, which nobody kept, it holds what commitment A says of it: the
        salted digest names no person, and whoever kept request and answer can compare.
        """
        rows = await self._database.call("journal.open_own", by.token, by.jkt, by.jti, at, entry)
        if not rows:
            return PortalRefusal.NOT_YOURS
        refused = _denied(rows[0])
        return self._opened(rows[0]) if refused is None else refused

    def _noted(self, row: Row) -> Noted:
        return Noted(
            at=row["recorded_at"],
            entry=row["receipt"],
            kind=row["kind"],
            domain=row["domain"],
            outcome=row["outcome"],
            refused_because=row["refused_because"],
            tally=row["tally"],
            engagement=self._number(row["engagement_id"]),
            told_before=row["told_before"],
        )

    def _number(self, engagement_id: bytes | None) -> str | None:
        if engagement_id is None:
            return None
        return engagement_number(self._engagement_key, engagement_id)

    def _opened(self, row: Row) -> dict[str, Any]:
        (signed,) = self._signer.sign([row["leaf_hash"]])
        expires_on: date | None = row["expires_on"]
        return {
            "record": {
                "professional": row["professional"],
                "site": row["site"],
                "domain": row["domain"],
                "care_date": row["care_on"].isoformat(),
                "evidence": row["evidence"],
                "refused_because": row["refused_because"],
                "digest": row["digest"].hex(),
            },
            "answer": {
                "outcome": row["outcome"],
                "rate_bp": row["rate_bp"],
                "amount_cents": row["amount_cents"],
                "ceiling_cents": row["ceiling_cents"],
                "engagement": self._number(row["engagement_id"]),
                "expires_on": expires_on and expires_on.isoformat(),
                **_lines(row["told"]),
                "receipt": _written(row, signed),
            },
            "receipt_key": self._signer.public_key.hex(),
        }


def _lines(told: bytes | None) -> dict[str, Any]:
    """What a quote told of its lines; nothing for a plain question."""
    lines = read_told(told)
    if lines is None:
        return {}
    return {
        "lines": [
            {
                "amount_cents": line.amount_cents,
                "units_left": line.units_left,
                "next_from": line.next_from and line.next_from.isoformat(),
            }
            for line in lines
        ]
    }


def _written(row: Row, signed: SignedLeaf) -> dict[str, Any]:
    return {
        "entry": row["receipt"].hex(),
        "leaf": row["leaf_hash"].hex(),
        "head": row["head_hash"].hex(),
        "salt": row["salt_a"].hex(),
        "commitment_m": row["commitment_m"].hex(),
        "commitment_b": row["commitment_b"].hex(),
        "signed": {
            "index": signed.index,
            "size": signed.size,
            "path": [node.hex() for node in signed.path],
            "signature": signed.signature.hex(),
            "key_id": signed.key_id,
        },
    }


def _denied(row: Row) -> PortalRefusal | None:
    return refusal({"refused_because": row["denied"]})
