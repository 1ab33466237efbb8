"""Receipts: every leaf of every batch has a path; nothing else does."""

import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.journal import ReceiptError, ReceiptSigner, check_signed_leaf

SIGNER = ReceiptSigner(hashlib.sha256(b"seed").digest())
OTHER = ReceiptSigner(hashlib.sha256(b"another seed").digest())


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(str(n).encode()).digest() for n in range(count)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 33, 64, 100, 128])
def test_every_leaf_of_a_batch_holds(size: int) -> None:
    made = leaves(size)
    for leaf, signed in zip(made, SIGNER.sign(made), strict=True):
        check_signed_leaf(leaf, signed, SIGNER.public_key)
        assert len(signed.path) <= 7


@given(st.integers(1, 64), st.data())
def test_a_receipt_holds_for_its_own_leaf_place_and_key_only(
    size: int, data: st.DataObject
) -> None:
    made = leaves(size)
    at = data.draw(st.integers(0, size - 1))
    signed = SIGNER.sign(made)[at]
    forgeries = [
        (hashlib.sha256(b"another leaf").digest(), signed, SIGNER.public_key),
        (made[at], signed, OTHER.public_key),
        (made[at], dataclasses.replace(signed, size=size + 1), SIGNER.public_key),
        (made[at], dataclasses.replace(signed, index=size), SIGNER.public_key),
        (made[at], dataclasses.replace(signed, path=(*signed.path, bytes(32))), SIGNER.public_key),
        (made[at], dataclasses.replace(signed, signature=bytes(64)), SIGNER.public_key),
    ]
    if size > 1:
        moved = dataclasses.replace(signed, index=(at + 1) % size)
        shorter = dataclasses.replace(signed, path=signed.path[:-1])
        forgeries += [(made[at], moved, SIGNER.public_key), (made[at], shorter, SIGNER.public_key)]
    for leaf, forged, key in forgeries:
        with pytest.raises(ReceiptError):
            check_signed_leaf(leaf, forged, key)
