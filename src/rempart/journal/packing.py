"""The bytes of entries: fields one after another, each behind its length (docs/entry.md)."""

import hashlib
from collections.abc import Sequence

_ABSENT = b"\xff\xff\xff\xff"
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"


def pack(fields: Sequence[bytes | None]) -> bytes:
    """Join fields, each behind its length in 4 bytes; an absent one is the length -1."""
    return b"".join(
        _ABSENT if field is None else len(field).to_bytes(4, "big") + field for field in fields
    )


def packed_hash(*fields: bytes | None) -> bytes:
    """SHA-256 of the packed fields."""
    return hashlib.sha256(pack(fields)).digest()


def leaf_hash(receipt: bytes, head: bytes, a: bytes, m: bytes, b: bytes) -> bytes:
    """Hash a leaf as RFC 6962 section 2.1 does, over the receipt number, the head and A, M, B."""
    return hashlib.sha256(LEAF_PREFIX + pack([b"rempart/leaf/v1", receipt, head, a, m, b])).digest()
