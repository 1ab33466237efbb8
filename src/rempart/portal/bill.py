"""What the dialog that bills holds, on every page that opens it: templates/bill_part.html."""

from typing import Final

from rempart.billing import CATEGORIES, ClaimRefusal

CATEGORIES_TOLD: Final = tuple(
    (domain, category) for domain, categories in CATEGORIES.items() for category in categories
)
REFUSALS: Final = tuple(reason.value for reason in ClaimRefusal)
"""Each has a text of its own: what to do, for whoever sits at the page."""

BILL: Final = {"categories": CATEGORIES_TOLD, "refusals": REFUSALS}
