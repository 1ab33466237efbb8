"""What the dialog that bills holds, on every page that opens it: templates/bill_part.html."""

from collections.abc import Iterable
from typing import Any

from rempart.billing import CATEGORIES, ClaimRefusal


def bill_part(domains: Iterable[str] = CATEGORIES) -> dict[str, Any]:
    """Return the categories of these kinds of care, and every refusal, which has its own text."""
    told = [(domain, category) for domain in domains for category in CATEGORIES[domain]]
    return {"categories": told, "refusals": [reason.value for reason in ClaimRefusal]}
