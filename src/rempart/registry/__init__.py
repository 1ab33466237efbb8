"""Insurers, plans and coverages: what the platform knows of who is covered, and how it comes in."""

from rempart.registry.nir import looks_like_nir
from rempart.registry.normalisation import (
    VERSION,
    feed_key_name,
    inner_card,
    inner_index,
    member_reference,
    normalise_amc,
    normalise_date,
    normalise_member,
    normalise_rank,
    normalise_secret,
)

__all__ = [
    "VERSION",
    "feed_key_name",
    "inner_card",
    "inner_index",
    "looks_like_nir",
    "member_reference",
    "normalise_amc",
    "normalise_date",
    "normalise_member",
    "normalise_rank",
    "normalise_secret",
]
