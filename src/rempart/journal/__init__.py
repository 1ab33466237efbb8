"""What was disclosed: entries, receipts, verification."""

from rempart.journal.budgets import BudgetCheck, Worst, check_budgets
from rempart.journal.certificate import (
    Certificate,
    check_certificate,
    make_certificate,
    read_certificate,
)
from rempart.journal.charges import Bucket, Charge, ChargesError, Kind, read_charges
from rempart.journal.entry import Entry, commitment_a, read_entries
from rempart.journal.looking_up import LookedUp, look_up
from rempart.journal.months import make_months
from rempart.journal.orders import (
    Order,
    OrderError,
    OrderSignature,
    check_order_signature,
    key_id,
    read_statement,
)
from rempart.journal.packing import PackingError, leaf_hash, pack, packed_hash, unpack
from rempart.journal.purge_schedule import is_due
from rempart.journal.purges import PurgeError, PurgeItem, PurgeStatement, read_purge_statement
from rempart.journal.receipt import ReceiptError, ReceiptSigner, SignedLeaf, check_signed_leaf
from rempart.journal.restores import Restore
from rempart.journal.verification import Problem, Verification, verify

__all__ = [
    "Bucket",
    "BudgetCheck",
    "Certificate",
    "Charge",
    "ChargesError",
    "Entry",
    "Kind",
    "LookedUp",
    "Order",
    "OrderError",
    "OrderSignature",
    "PackingError",
    "Problem",
    "PurgeError",
    "PurgeItem",
    "PurgeStatement",
    "ReceiptError",
    "ReceiptSigner",
    "Restore",
    "SignedLeaf",
    "Verification",
    "Worst",
    "check_budgets",
    "check_certificate",
    "check_order_signature",
    "check_signed_leaf",
    "commitment_a",
    "is_due",
    "key_id",
    "leaf_hash",
    "look_up",
    "make_certificate",
    "make_months",
    "pack",
    "packed_hash",
    "read_certificate",
    "read_charges",
    "read_entries",
    "read_purge_statement",
    "read_statement",
    "unpack",
    "verify",
]
