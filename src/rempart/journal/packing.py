"""The bytes of entries: fields one after another, each behind its length (docs/entry.md)."""

import hashlib
from collections.abc import Sequence

from rempart.foundation.errors import RempartError

_ABSENT = b"\xff\xff\xff\xff"
_ABSENT_LENGTH = -1
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"


def pack(fields: Sequence[bytes | None]) -> bytes:
    """Join fields, each behind its length in 4 bytes; an absent one is the length -1."""
    return b"".join(
        [_ABSENT if field is None else len(field).to_bytes(4, "big") + field for field in fields]
    )


class PackingError(RempartError):
    """Bytes are not packed fields."""


def unpack(raw: bytes) -> list[bytes | None]:
    """Take packed fields apart. Raises `PackingError` when they are cut short."""
    fields: list[bytes | None] = []
    at = 0
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 4], "big", signed=True)
        at += 4
        if length < _ABSENT_LENGTH or at + max(length, 0) > len(raw):
            raise PackingError("packed fields are cut short")
        fields.append(None if length == _ABSENT_LENGTH else raw[at : at + length])
        at += max(length, 0)
    return fields


def packed_hash(*fields: bytes | None) -> bytes:
    """SHA-256 of the packed fields."""
    return hashlib.sha256(pack(fields)).digest()


def leaf_hash(receipt: bytes, head: bytes, a: bytes, m: bytes, b: bytes) -> bytes:
    """Hash a leaf as RFC 6962 section 2.1 does, over the receipt number, the head and A, M, B."""
    return hashlib.sha256(LEAF_PREFIX + pack([b"rempart/leaf/v1", receipt, head, a, m, b])).digest()
