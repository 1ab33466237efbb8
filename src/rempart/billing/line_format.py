"""The bytes of a claim's lines before they are sealed: of one length, whatever they say.

docs/lines.md writes them down; vectors/lines.json holds specimens.
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rempart.billing.trying import Line
from rempart.foundation.errors import RempartError

_VERSION: Final = 1
_HEAD: Final = struct.Struct(">BB10s")
_LINE: Final = struct.Struct(">20sHIII")
_MOST: Final = 40
_LENGTH: Final = _HEAD.size + _MOST * _LINE.size
_CATEGORY: Final = re.compile(rb"([A-Z][A-Z0-9_]{1,19})\0*")
_DAY: Final = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class LinesError(RempartError):
    """What was opened is no lines. Holds no value."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a claim says was delivered, and the claim's day in Paris."""

    made_on: date
    lines: tuple[Line, ...]


def bound_to(amc: str, claim: bytes, key_id: bytes) -> str:
    """Say what a sealed message is bound to: it opens for no other insurer, claim or key."""
    return f"claim-lines/{amc}/{claim.hex()}/{key_id.hex()}"


def write_lines(made_on: date, lines: Sequence[Line]) -> bytes:
    """Return the 1372 bytes that are sealed. ``lines``: 1 to 40, as a claim has them."""
    told = b"".join(
        _LINE.pack(
            one.category.encode("ascii"),
            one.quantity,
            one.price_cents,
            one.base_cents,
            one.obligatory_cents,
        )
        for one in lines
    )
    head = _HEAD.pack(_VERSION, len(lines), made_on.isoformat().encode("ascii"))
    return (head + told).ljust(_LENGTH, b"\0")


def read_lines(plain: bytes) -> Delivered:
    """Read what was sealed. Raises `LinesError` for anything that `write_lines` does not write."""
    if len(plain) != _LENGTH:
        raise LinesError("what was sealed has another length than lines")
    version, count, day = _HEAD.unpack_from(plain)
    end = _HEAD.size + count * _LINE.size
    if version != _VERSION or not 1 <= count <= _MOST or not _DAY.fullmatch(day):
        raise LinesError("what was sealed is no lines of this version")
    if plain[end:].strip(b"\0"):
        raise LinesError("what was sealed says more than its lines")
    try:
        made_on = date.fromisoformat(day.decode())
    except ValueError:
        raise LinesError("what was sealed is of a day that there is not") from None
    lines = tuple(_line(one) for one in _LINE.iter_unpack(plain[_HEAD.size : end]))
    return Delivered(made_on, lines)


def _line(fields: tuple[bytes, int, int, int, int]) -> Line:
    category = _CATEGORY.fullmatch(fields[0])
    if category is None:
        raise LinesError("what was sealed names no category")
    return Line(category[1].decode(), *fields[1:])
