"""Reads the numbers that name professionals and sites; they name no insured person."""

import re
from typing import Final

from stdnum import luhn

from rempart.foundation.errors import BadInputError

_RPPS: Final = re.compile(r"[0-9]{11}")
_SITE: Final = re.compile(r"[0-9][0-9AB][0-9]{7}")


def read_rpps(text: str, field: str = "professional") -> str:
    """Return an RPPS number: 11 digits, the last by Luhn; raises `BadInputError`."""
    if _RPPS.fullmatch(text) is None:
        raise BadInputError(field, "an RPPS number has 11 digits")
    if not luhn.is_valid(text):
        raise BadInputError(field, "the check digit of this RPPS number is wrong")
    return text


def read_site(text: str, field: str = "site") -> str:
    """Return a FINESS or AM number: 9 characters; raises `BadInputError`.

    The second may be A or B (Corsica). The check digit is not enforced: that every FINESS number
    has one by Luhn is likely, not certain, and a wrong refusal would close a real site.
    """
    if _SITE.fullmatch(text) is None:
        raise BadInputError(field, "a FINESS or AM number has 9 digits (2A, 2B in Corsica)")
    return text
