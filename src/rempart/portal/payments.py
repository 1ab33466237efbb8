"""GET /portal/payments: where what is owed and paid is listed, by fetches that are proved."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from rempart.identity import Session
from rempart.portal.bill import bill_part
from rempart.portal.page import pages

LOOKS: Final = {
    "to_bill": ("info", "request"),
    "expired": ("bad", "bad"),
    "cancelled": ("", "none"),
    "replaced": ("", "none"),
    "accepted": ("info", "request"),
    "accepted-no_bank_detail": ("warn", "warning"),
    "accepted-bank_returned": ("warn", "warning"),
    "batched": ("info", "request"),
    "paid": ("good", "check"),
    "returned": ("info", "again"),
    "returned-no_bank_detail": ("warn", "warning"),
    "returned-bank_returned": ("warn", "warning"),
}
"""What may have become of a guarantee (billing.became), and how that looks beside its word."""


async def payments(request: Request, session: Session, _token: str) -> Response:
    """Show where payments are looked for: a guarantee hangs on a person, so it is fetched."""
    return pages(request).show(request, "payments", session, looks=LOOKS, bill=bill_part())
