"""Makes access tokens: random, told once, kept as a hash only."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

LIVES_S: Final = 300

LIVES: Final = timedelta(seconds=LIVES_S)

TOKEN_CHARACTERS: Final = 43


def new_token() -> str:
    """Draw a token: 256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Hash a token as the database does: SHA-256 of its UTF-8 text."""
    return hashlib.sha256(token.encode()).digest()
