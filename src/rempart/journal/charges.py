"""What an entry says was charged: 34 bytes a key and bucket (docs/entry.md)."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from rempart.foundation.errors import RempartError

_CHARGE = struct.Struct(">hqhhiqq")


class ChargesError(RempartError):
    """The bytes of an entry's charges are not what docs/entry.md says."""


class Kind(IntEnum):
    """What a budget is kept for."""

    PLATFORM = 0
    INSTALLATION = 1
    ACCOUNT = 2
    PROFESSIONAL = 3
    SITE = 4


class Bucket(IntEnum):
    """What a budget counts."""

    ALL = 1
    NEW = 2
    FRESH = 3
    TYPED = 4
    MISS = 5
    EXCEPTION = 6


@dataclass(frozen=True, slots=True)
class Charge:
    """Units charged to one bucket of one key; B, 1/r and the arrival time after, in µs."""

    kind: Kind
    id: int
    bucket: Bucket
    units: int
    burst: int
    every_us: int
    tat_us: int

    @property
    def key(self) -> tuple[Kind, int, Bucket]:
        """The bucket charged."""
        return self.kind, self.id, self.bucket


def read_charges(raw: bytes) -> list[Charge]:
    """Decode the charges of an entry. Raises `ChargesError`."""
    if len(raw) % _CHARGE.size:
        raise ChargesError("the charges of an entry are cut short")
    try:
        return [
            Charge(Kind(kind), id_, Bucket(bucket), units, burst, every, tat)
            for kind, id_, bucket, units, burst, every, tat in _CHARGE.iter_unpack(raw)
        ]
    except ValueError:
        raise ChargesError("the charges of an entry name an unknown key or bucket") from None
