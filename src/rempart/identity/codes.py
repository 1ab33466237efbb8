"""Makes and reads one-time enrolment codes: short enough to type, too long to guess."""

import hashlib
import re
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 20
_CODE: Final = re.compile(f"[{ALPHABET}]{{{_LENGTH}}}")
_READ_ALIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code() -> str:
    """Draw a code: 100 random bits, as four groups of five characters (Crockford base32)."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    return "-".join(drawn[at : at + 5] for at in range(0, _LENGTH, 5))


def code_hash(code: str) -> bytes | None:
    """Hash a code as typed (case, blanks, dashes, O for 0, I or L for 1); None if it is none."""
    if len(code) > 4 * _LENGTH:
        return None
    plain = plain_code(code)
    if _CODE.fullmatch(plain) is None:
        return None
    return hashlib.sha256(plain.encode()).digest()


def plain_code(code: str) -> str:
    """Write a code one way: capitals, no blanks or dashes, O as 0, I and L as 1."""
    return code.upper().translate(_READ_ALIKE)
