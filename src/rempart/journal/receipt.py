"""Receipts: one signature over the small tree of a batch's leaves, and a path for each leaf."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rempart.foundation.errors import RempartError
from rempart.journal.packing import NODE_PREFIX, pack

_CONTEXT = b"rempart/receipt/v1"


class ReceiptError(RempartError):
    """A receipt does not hold. Says which check failed."""


@dataclass(frozen=True, slots=True)
class SignedLeaf:
    """A leaf's place in a signed batch: path of 32-byte hashes from the leaf up (RFC 6962)."""

    index: int
    size: int
    path: tuple[bytes, ...]
    signature: bytes
    key_id: str


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two below ``size`` (RFC 6962 section 2.1)."""
    return 1 << (size - 1).bit_length() - 1


def _tree(leaves: Sequence[bytes]) -> tuple[bytes, list[tuple[bytes, ...]]]:
    """Return the root, and each leaf's path from it up; every node is hashed once."""
    if len(leaves) == 1:
        return leaves[0], [()]
    split = _split(len(leaves))
    left, left_paths = _tree(leaves[:split])
    right, right_paths = _tree(leaves[split:])
    paths = [(*path, right) for path in left_paths] + [(*path, left) for path in right_paths]
    return _node(left, right), paths


class ReceiptSigner:
    """Signs batches of leaves with the operator's receipt key (Ed25519, RFC 8032)."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32-byte seed."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self.public_key = public
        self.key_id = base64.urlsafe_b64encode(hashlib.sha256(public).digest()[:6]).decode()

    def sign(self, leaves: Sequence[bytes]) -> list[SignedLeaf]:
        """Sign the root of the leaves once; one path a leaf."""
        root, paths = _tree(leaves)
        signature = self._key.sign(pack([_CONTEXT, len(leaves).to_bytes(4, "big"), root]))
        return [
            SignedLeaf(index, len(leaves), path, signature, self.key_id)
            for index, path in enumerate(paths)
        ]


def check_signed_leaf(leaf: bytes, signed: SignedLeaf, public_key: bytes) -> None:
    """Check a path and its signature. Raises `ReceiptError`; returns nothing to be ignored."""
    if not 0 <= signed.index < signed.size:
        raise ReceiptError("the index lies outside the batch")
    computed = _climb(leaf, signed.index, signed.size, list(signed.path))
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            signed.signature, pack([_CONTEXT, signed.size.to_bytes(4, "big"), computed])
        )
    except InvalidSignature:
        raise ReceiptError("the signature is not the operator's over this leaf") from None


def _climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    if size == 1:
        if path:
            raise ReceiptError("the path is too long")
        return leaf
    if not path:
        raise ReceiptError("the path is too short")
    sibling, split = path[-1], _split(size)
    if index < split:
        return _node(_climb(leaf, index, split, path[:-1]), sibling)
    return _node(sibling, _climb(leaf, index - split, size - split, path[:-1]))
