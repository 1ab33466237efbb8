"""A quote: a question with lines. What it states, and what it is told of each line."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import msgspec

from rempart.billing import Line, read_engagement_number
from rempart.foundation.database import hexed
from rempart.foundation.errors import UnavailableError
from rempart.journal import PackingError, pack, unpack

_FIELDS = 3


@dataclass(frozen=True, slots=True)
class Quoting:
    """What makes a question a quote: its lines, and the number of a prise en charge it amends."""

    lines: Sequence[Line]
    replaces: str | None = None

    def row(self) -> dict[str, Any]:
        """Return the fields that `rights.ask` reads beside the question's own.

        Raises `BadInputError` for a number that can't be one.
        """
        return {
            "lines": [asdict(line) for line in self.lines],
            "replaces": None if self.replaces is None else hexed(number_hash(self.replaces)),
        }

    def mark(self, key: bytes) -> bytes:
        """Return 32 bytes that tell the same quote from another.

        Keyed: what somebody needs could be guessed from a plain hash, long after it was erased.
        """
        plain = msgspec.json.encode(self.row())
        return hmac.digest(key, b"rempart/quote-sameness/" + plain, "sha256")


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """What is promised for one line, in cents.

    Where the plan counts how often: the units left after this, and the first day with more. They
    are told for a card that was scanned, and for no other.
    """

    amount_cents: int
    units_left: int | None = None
    next_from: date | None = None


def number_hash(raw: str, field: str = "replaces") -> bytes:
    """Return the hash by which the database knows a number; `BadInputError` when it is none."""
    return hashlib.sha256(read_engagement_number(raw, field).encode()).digest()


def read_told(told: bytes | None) -> tuple[QuotedLine, ...] | None:
    """Take apart what an entry says that a quote told (docs/entry.md); None for any other answer.

    Raises `UnavailableError` when it is not that: then nothing is told.
    """
    if told is None:
        return None
    try:
        fields = unpack(told)
        return tuple(_line(fields[at : at + _FIELDS]) for at in range(0, len(fields), _FIELDS))
    except (PackingError, ValueError):
        raise UnavailableError("rights.collect: a quote that nobody can read") from None


def write_told(lines: Sequence[QuotedLine]) -> bytes:
    """Write lines as an entry has them, for whoever checks one."""
    fields: list[bytes | None] = []
    for line in lines:
        left, day = line.units_left, line.next_from
        fields.append(line.amount_cents.to_bytes(4, "big", signed=True))
        fields.append(None if left is None else left.to_bytes(4, "big", signed=True))
        fields.append(None if day is None else day.isoformat().encode())
    return pack(fields)


def _line(fields: Sequence[bytes | None]) -> QuotedLine:
    amount, left, day = fields
    if amount is None:
        raise ValueError
    return QuotedLine(
        int.from_bytes(amount, "big", signed=True),
        None if left is None else int.from_bytes(left, "big", signed=True),
        None if day is None else date.fromisoformat(day.decode()),
    )
