"""Reads signed tokens (RFC 7515, compact form) one way only, so that two readers never disagree."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final, Never

LIMIT: Final = 4_096
"""Characters of a whole token; ours have some 700."""


class MalformedError(Exception):
    """Not a token in the one form that is read. Says nothing of what it held."""


@dataclass(frozen=True, slots=True)
class Compact:
    """A token taken apart, nothing of it believed yet."""

    header: object
    claims: object
    signed: bytes
    """What the signature is over: the first two parts, as they came."""
    signature: bytes


def encode(value: bytes) -> str:
    """Write base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Read base64url without padding, in its canonical spelling only: one value, one text."""
    try:
        value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise MalformedError from None
    # The library skips foreign characters and stray last bits; writing it again shows them.
    if encode(value) != text:
        raise MalformedError
    return value


def strict_json(value: bytes) -> object:
    """Read JSON in UTF-8; refuses a repeated member, NaN, infinities and endless depth."""
    try:
        return _JSON.decode(value.decode())
    except (ValueError, RecursionError):
        raise MalformedError from None


def split(token: str) -> tuple[str, str, bytes, bytes]:
    """Split a compact token: header and claims as they came, what is signed, the signature.

    Raises `MalformedError` for any other spelling.
    """
    if len(token) > LIMIT or not token.isascii():
        raise MalformedError
    parts = token.split(".")
    if len(parts) != 3:
        raise MalformedError
    header, claims, signature = parts
    return header, claims, token[: len(header) + 1 + len(claims)].encode(), decode(signature)


def read_part(text: str) -> object:
    """Decode a token's header or claims; raises `MalformedError`."""
    return strict_json(decode(text))


def take_apart(token: str) -> Compact:
    """Split and decode a compact token; raises `MalformedError` for any other spelling."""
    header, claims, signed, signature = split(token)
    return Compact(
        header=read_part(header), claims=read_part(claims), signed=signed, signature=signature
    )


def _members_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError
    return members


def _no_constant(_name: str) -> Never:
    raise MalformedError


_JSON: Final = json.JSONDecoder(object_pairs_hook=_members_once, parse_constant=_no_constant)
