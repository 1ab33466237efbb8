"""Payment guarantees, and what follows from them: claims, and being paid."""

from rempart.billing.bank import (
    PRIVATE_KEY,
    PUBLIC_KEY,
    BankDetail,
    BankRefusal,
    cancel_bank,
    list_bank,
    make_payment_keys,
    open_iban,
    read_iban,
    seal_iban,
    set_bank,
)
from rempart.billing.claims import Claim, Claimant, Claimed, ClaimRefusal, Claims, NotHeard
from rempart.billing.ledger import LedgerCheck, check_ledger
from rempart.billing.number import engagement_number, read_engagement_number
from rempart.billing.trying import Line, LineAmount, try_plan
from rempart.billing.unbilled import Unbilled, asked_not_billed

__all__ = [
    "PRIVATE_KEY",
    "PUBLIC_KEY",
    "BankDetail",
    "BankRefusal",
    "Claim",
    "ClaimRefusal",
    "Claimant",
    "Claimed",
    "Claims",
    "LedgerCheck",
    "Line",
    "LineAmount",
    "NotHeard",
    "Unbilled",
    "asked_not_billed",
    "cancel_bank",
    "check_ledger",
    "engagement_number",
    "list_bank",
    "make_payment_keys",
    "open_iban",
    "read_engagement_number",
    "read_iban",
    "seal_iban",
    "set_bank",
    "try_plan",
]
