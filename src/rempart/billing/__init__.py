"""Payment guarantees, and what follows from them: claims, and being paid."""

from rempart.billing.claims import Claim, Claimant, Claimed, ClaimRefusal, Claims, NotHeard
from rempart.billing.ledger import LedgerCheck, check_ledger
from rempart.billing.number import engagement_number, read_engagement_number
from rempart.billing.trying import Line, LineAmount, try_plan
from rempart.billing.unbilled import Unbilled, asked_not_billed

__all__ = [
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
    "check_ledger",
    "engagement_number",
    "read_engagement_number",
    "try_plan",
]
