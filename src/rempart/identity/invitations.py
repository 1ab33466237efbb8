"""Makes the two codes of an invitation: one in the link, one that travels by another way."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rempart.identity.codes import ALPHABET, code_hash, new_code, plain_code

INVITATION_LIVES: Final = timedelta(hours=48)
RECOVERY_LIVES: Final = timedelta(days=7)
"""Long enough for the post."""

_SPOKEN: Final = 8
_DOMAIN: Final = b"rempart second code v1\x00"


@dataclass(frozen=True, slots=True)
class Codes:
    """The two codes of one invitation, shown once each, and what is kept of them."""

    link: str
    """In the link: 100 random bits."""
    second: str
    """Told in person, or on paper: 40 random bits, five attempts."""

    @classmethod
    def new(cls) -> "Codes":
        """Draw both."""
        drawn = "".join(secrets.choice(ALPHABET) for _ in range(_SPOKEN))
        return cls(new_code(), f"{drawn[:4]}-{drawn[4:]}")

    @property
    def hashes(self) -> tuple[bytes, bytes]:
        """What the database keeps."""
        found = hashes_of(self.link, self.second)
        if found is None:
            raise ValueError("these are no codes")
        return found


def hashes_of(link: str, second: str) -> tuple[bytes, bytes] | None:
    """Hash both codes as typed; None if the link's is none.

    The second is hashed together with the first: short as it is, a dump alone cannot guess it.
    A second code out of form hashes to something that fits nothing, and costs an attempt.
    """
    first = code_hash(link)
    if first is None:
        return None
    said = plain_code(second[: 4 * _SPOKEN])
    return first, hashlib.sha256(_DOMAIN + plain_code(link).encode() + said.encode()).digest()
