"""Payment guarantees, and what follows from them: claims, and being paid."""

from rempart.billing.authorizations import Authorization, AuthorizationRefusal, Authorizations
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
from rempart.billing.credit_transfers import PaymentFileError
from rempart.billing.guarantees import Found, Guarantee, Guarantees, Listed
from rempart.billing.ledger import LedgerCheck, check_ledger
from rempart.billing.number import engagement_number, read_engagement_number
from rempart.billing.payer import Payer, read_payer
from rempart.billing.payment import (
    Batch,
    PaymentRefusal,
    Returned,
    Waiting,
    confirm_batch,
    list_batches,
    list_waiting,
    pay,
    pay_when_due,
    take_return,
)
from rempart.billing.remittances import (
    Debit,
    Notice,
    PaidClaim,
    Remittance,
    RemittanceRefusal,
    Remittances,
    read_notice,
    read_statement,
)
from rempart.billing.stopping import ResumeRefusal, Stopped, StopReason, read_stop, resume
from rempart.billing.trying import Line, LineAmount, try_plan
from rempart.billing.unbilled import Unbilled, asked_not_billed

__all__ = [
    "PRIVATE_KEY",
    "PUBLIC_KEY",
    "Authorization",
    "AuthorizationRefusal",
    "Authorizations",
    "BankDetail",
    "BankRefusal",
    "Batch",
    "Claim",
    "ClaimRefusal",
    "Claimant",
    "Claimed",
    "Claims",
    "Debit",
    "Found",
    "Guarantee",
    "Guarantees",
    "LedgerCheck",
    "Line",
    "LineAmount",
    "Listed",
    "NotHeard",
    "Notice",
    "PaidClaim",
    "Payer",
    "PaymentFileError",
    "PaymentRefusal",
    "Remittance",
    "RemittanceRefusal",
    "Remittances",
    "ResumeRefusal",
    "Returned",
    "StopReason",
    "Stopped",
    "Unbilled",
    "Waiting",
    "asked_not_billed",
    "cancel_bank",
    "check_ledger",
    "confirm_batch",
    "engagement_number",
    "list_bank",
    "list_batches",
    "list_waiting",
    "make_payment_keys",
    "open_iban",
    "pay",
    "pay_when_due",
    "read_engagement_number",
    "read_iban",
    "read_notice",
    "read_payer",
    "read_statement",
    "read_stop",
    "resume",
    "seal_iban",
    "set_bank",
    "take_return",
    "try_plan",
]
