"""Payment guarantees, and what follows from them."""

from rempart.billing.number import engagement_number, read_engagement_number
from rempart.billing.trying import Line, LineAmount, try_plan

__all__ = ["Line", "LineAmount", "engagement_number", "read_engagement_number", "try_plan"]
