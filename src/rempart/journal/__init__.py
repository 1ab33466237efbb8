"""What was disclosed: entries, receipts, verification."""

from rempart.journal.packing import leaf_hash, pack, packed_hash
from rempart.journal.receipt import ReceiptError, ReceiptSigner, SignedLeaf, check_signed_leaf

__all__ = [
    "ReceiptError",
    "ReceiptSigner",
    "SignedLeaf",
    "check_signed_leaf",
    "leaf_hash",
    "pack",
    "packed_hash",
]
