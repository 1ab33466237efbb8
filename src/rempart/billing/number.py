"""Engagement numbers: what a professional reads out, writes on an invoice and is paid by."""

import hmac
import re

from rempart.foundation.errors import BadInputError

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_DIGITS = _DIGITS + "*~$=U"
_READ_AS = str.maketrans("OIL", "011", " -")
_SYMBOLS = 16
_SHAPE = re.compile(rf"[{_DIGITS}]{{{_SYMBOLS}}}[{re.escape(_CHECK_DIGITS)}]")


def engagement_number(key: bytes, engagement_id: bytes) -> str:
    """Derive the number of an engagement: 16 symbols of 5 bits, and a check character.

    Crockford's base32 with its modulo-37 check (https://www.crockford.com/base32.html), of the
    first 80 bits of HMAC-SHA256 of the random id: unguessable, and stored nowhere. Written in
    fours: ``XXXX-XXXX-XXXX-XXXX-C``.
    """
    digest = hmac.digest(key, b"rempart/engagement/v1" + engagement_id, "sha256")
    value = int.from_bytes(digest[: _SYMBOLS * 5 // 8], "big")
    symbols = "".join(_DIGITS[value >> shift & 31] for shift in range(5 * (_SYMBOLS - 1), -1, -5))
    groups = [symbols[at : at + 4] for at in range(0, _SYMBOLS, 4)]
    return "-".join([*groups, _CHECK_DIGITS[value % 37]])


def read_engagement_number(raw: str, field: str = "engagement") -> str:
    """Return the number without dashes, as it is hashed; forgives o, i, l, case and spaces.

    Raises `BadInputError` when the shape or the check character is wrong.
    """
    symbols = raw.upper().translate(_READ_AS) if len(raw) <= 2 * _SYMBOLS else ""
    if not _SHAPE.fullmatch(symbols):
        raise BadInputError(
            field, "not an engagement number: 16 letters or digits and a check character"
        )
    value = 0
    for symbol in symbols[:-1]:
        value = value * 32 + _DIGITS.index(symbol)
    if _CHECK_DIGITS[value % 37] != symbols[-1]:
        raise BadInputError(field, "the check character does not fit: one character was misread")
    return symbols
