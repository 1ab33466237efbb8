"""Lines of claims that are paid, sealed to their insurer: the operator's side of docs/lines.md."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from rempart.billing.line_format import bound_to, write_lines
from rempart.billing.line_keys import PublicKey, write_sealed
from rempart.billing.trying import Line
from rempart.foundation.database import Database
from rempart.foundation.sealing import SealError, seal

# A batch is one transaction: some hundred milliseconds of sealing before it, a few within it.
_BATCH: Final = 100
_PAGE: Final = 500


class LineKeyRefusal(StrEnum):
    """Why an insurer's key was not stated."""

    INSURER_UNKNOWN = "insurer_unknown"
    KEY_NOT_VALID = "key_not_valid"
    KEY_RETIRED = "key_retired"
    AUTHOR_NOT_VALID = "author_not_valid"
    CHANGE_WAITS = "change_waits"


@dataclass(frozen=True, slots=True)
class LinesOf:
    """How an insurer's lines of paid claims stand: claims in clear, and sealed.

    ``key_id`` is the key in force, 32 bytes; None: it stated none, and they stay in clear.
    """

    amc: str
    key_id: bytes | None
    stated_at: datetime | None
    author: str | None
    in_clear: int
    sealed: int


async def set_line_key(
    database: Database, amc: str, key: PublicKey, author: str
) -> datetime | LineKeyRefusal:
    """State an insurer's public key as rempart_desk; return since when it is in force.

    The fingerprint was compared before (`read_public`). Former keys stay beside what was sealed to
    them, and are never in force again.
    """
    (row,) = await database.call("billing.set_line_key", amc, key.key_id, key.public, author)
    if row["refused_because"] is not None:
        return LineKeyRefusal(row["refused_because"])
    stated_at: datetime = row["stated_at"]
    return stated_at


async def seal_lines(database: Database) -> int:
    """Seal every line that is due, as rempart_jobs; return of how many claims.

    May be cut off at any moment, and several may work at once: each batch puts what is sealed in
    the place of what is clear in one transaction. Insurers without a key are passed over. Raises
    `SealError` for a key that is none, once all others' lines are sealed.
    """
    total, fault = 0, None
    for key in await database.call("billing.list_line_keys"):
        try:
            while kept := await _seal_batch(database, key["amc"], key["key_id"], key["public"]):
                total += kept
        except SealError as error:
            fault = fault or error
    if fault is not None:
        raise fault
    return total


async def _seal_batch(database: Database, amc: str, key_id: bytes, public: bytes) -> int:
    rows = await database.call("billing.lines_to_seal", key_id, _BATCH)
    if not rows:
        return 0
    claims, sealed = [], []
    for row in rows:
        plain = write_lines(row["made_on"], [Line(**one) for one in row["lines"]])
        claims.append(row["claim_id"])
        sealed.append(seal(public, bound_to(amc, row["claim_id"], key_id), plain))
    (done,) = await database.call("billing.keep_sealed", claims, key_id, sealed)
    return int(done["kept"])


async def list_lines(database: Database) -> list[LinesOf]:
    """List insurers with lines of paid claims, or with a key. As rempart_jobs."""
    return [LinesOf(**row) for row in await database.call("billing.list_lines")]


async def read_sealed(
    database: Database, amc: str, first: date, last: date
) -> AsyncIterator[bytes]:
    """Yield the lines of the file for an insurer: what was sealed on these days in Paris."""
    after = b""
    while rows := await database.call("billing.read_sealed", amc, first, last, after, _PAGE):
        for row in rows:
            after = row["claim_id"]
            yield write_sealed(amc, row["claim_id"], row["key_id"], row["sealed"])
