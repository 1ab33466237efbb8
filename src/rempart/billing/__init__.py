"""Payment guarantees, and what follows from them."""

from rempart.billing.number import engagement_number, read_engagement_number

__all__ = ["engagement_number", "read_engagement_number"]
