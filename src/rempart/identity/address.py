"""Compares web addresses as RFC 9449 (4.3) asks: what a proof is for against where it arrived."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORT: Final = {"https": 443, "http": 80}
_UNWRITTEN: Final = re.compile(r"[^!-~]|\\")


class NoAddressError(Exception):
    """Not an absolute web address of the kind that ours are. Says nothing of what it held."""


@lru_cache(maxsize=1_024)
def without_query(url: str) -> tuple[str, str, int, str]:
    """Normalise to (scheme, host, port, path): case, default port; no query, no fragment.

    Paths are compared as written: ours hold nothing that needs escaping. Raises `NoAddressError`
    for another scheme, a user name, a blank, a backslash or anything outside ASCII.
    """
    if _UNWRITTEN.search(url):
        raise NoAddressError
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NoAddressError from None
    if parts.scheme not in _DEFAULT_PORT or not parts.hostname or "@" in parts.netloc:
        raise NoAddressError
    if port is None:
        port = _DEFAULT_PORT[parts.scheme]
    return parts.scheme, parts.hostname, port, parts.path or "/"
