"""Recognises a NIR where a member number is due: the platform must never hold one, even hashed."""

import re
from datetime import date

from stdnum.fr import nir

# Sex, year, month of a complete civil status, department, commune, order; without the key.
_WITHOUT_KEY = re.compile(
    r"[1-478]([0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[1-9][0-9]|2[AB])(?!000)[0-9]{3}(?!000)[0-9]{3}"
)


def looks_like_nir(member_number: str, birth_date: date) -> bool:
    """Say whether a normalised member number is a NIR, as far as can be told.

    Fifteen characters: its key decides. Thirteen have no key, and one number in fifteen has the
    shape of a NIR, so the year and month must also be those of the person's birth date.
    """
    if len(member_number) == 15:
        return bool(nir.is_valid(member_number))
    shaped = _WITHOUT_KEY.fullmatch(member_number)
    return shaped is not None and shaped.group(1, 2) == (
        f"{birth_date.year % 100:02d}",
        f"{birth_date.month:02d}",
    )
