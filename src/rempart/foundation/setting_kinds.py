"""What settings may hold: each reader takes the text given, or raises ValueError with why not."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from rempart.foundation.hsm import TokenPlace

_TELEPHONE = re.compile(r"\+?[0-9(][0-9 ().-]{2,28}[0-9]")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def read_path(text: str) -> Path:
    """Read a place on this machine."""
    return Path(text).expanduser().absolute()


def read_address(text: str) -> str:
    """Read an origin: https, but on this machine."""
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https address")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must hold a scheme, a host and a port, and nothing else")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must be https, unless the host is localhost")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def read_database(text: str) -> str:
    """Read a database without a login."""
    parts = _split(text)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("must begin with postgresql://")
    if "@" in parts.netloc or "user=" in parts.query or "password=" in parts.query:
        raise ValueError("must name no user: each role takes its password from the keyring")
    if not parts.path.strip("/"):
        raise ValueError("must name a database")
    return text


def read_mail_server(text: str) -> str:
    """Read a mail server, its user perhaps, never a password."""
    parts = _split(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts[2] or parts.password:
        raise ValueError("must be smtps:// or smtp://, then a user, a host, a port, no password")
    return text


def read_mail_address(text: str) -> str:
    """Read one plain e-mail address."""
    if _MAIL.fullmatch(text):
        return text
    raise ValueError("must be a plain e-mail address")


def read_hsm(text: str) -> str:
    """Read a PKCS#11 URI that names a token, its module and the file of its PIN."""
    TokenPlace.read(text)
    return text


def read_telephone(text: str) -> str:
    """Read a telephone number as people write it."""
    if _TELEPHONE.fullmatch(text):
        return text
    raise ValueError("must be a telephone number: digits, blanks, dots, dashes, + in front")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        # Reading the port is what checks it.
        _ = parts.port
    except ValueError:
        # The reason that urlsplit gives holds the text.
        raise ValueError("is not an address") from None
    return parts


def read_log_level(text: str) -> str:
    """Read a level."""
    if text.lower() not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return text.lower()


def read_number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most):
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read
