"""How an insurer and the platform write the same person the same way, and hash that.

Insurers run this file on their own premises and the platform runs it on each question, so a
change in what it returns is a new `VERSION` and a new feed of every insurer. `docs/feed.md`
states the rules in words; `vectors/normalisation.json` holds them as examples, which a second
program in another language checks.
"""

import hmac
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Final

from rempart.foundation.errors import BadInputError

VERSION = 1
"""Version of everything below; part of every hash."""

_VERSION_TEXT = str(VERSION)

KEY_BYTES = 32
INDEX_BYTES = 32
REFERENCE_BYTES = 16

_LONGEST_RAW = 64  # checked first: NFKC can make one character into eighteen
_LONGEST_MEMBER_NUMBER = 24
_LONGEST_AMC_NUMBER = 10
_SHORTEST_BASE32 = 13  # 13 x 5 = 65 random bits
_SHORTEST_HEX = 16  # 16 x 4 = 64 random bits
_LONGEST_SECRET = 64
_FEWEST_DIFFERENT = 4

_SEPARATORS = str.maketrans("", "", " .-/\u2010\u2012\u2013\u2014\u2212")
_MEMBER_NUMBER = re.compile(r"0|[1-9A-Z][0-9A-Z]{0,23}")
_AMC_NUMBER = re.compile(r"[0-9A-Z]{1,10}")
_ALPHANUMERIC = re.compile(r"[0-9A-Z]+")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HEX = re.compile(r"[0-9A-F]+")
_BASE32 = re.compile(r"[A-Z2-7]+")
_PLAIN_BASE32 = re.compile(r"[A-Z2-7]{1,64}")


def normalise_member(raw: str, field: str = "member_number") -> str:
    """Return a member number as it is hashed: 1 to 24 of ``0-9A-Z``, no leading zero but ``0``.

    Spaces, dots, dashes and slashes go, compatibility forms become plain (NFKC), letters become
    capitals, leading zeros go. Idempotent. Raises `BadInputError`.
    """
    if _MEMBER_NUMBER.fullmatch(raw):
        return raw
    number = _plain(raw, field).lstrip("0") or "0"
    if len(number) > _LONGEST_MEMBER_NUMBER:
        raise BadInputError(field, f"longer than {_LONGEST_MEMBER_NUMBER} characters")
    return number


def normalise_amc(raw: str, field: str = "insurer") -> str:
    """Return an AMC number: 1 to 10 of ``0-9A-Z``, its leading zeros kept. Idempotent."""
    if _AMC_NUMBER.fullmatch(raw):
        return raw
    number = _plain(raw, field)
    if len(number) > _LONGEST_AMC_NUMBER:
        raise BadInputError(field, f"longer than {_LONGEST_AMC_NUMBER} characters")
    return number


def normalise_date(raw: str, field: str = "birth_date") -> date:
    """Read a date written ``yyyy-mm-dd``, from 1880 to 2199; nothing else is a date here."""
    if not _ISO_DATE.fullmatch(raw):
        raise BadInputError(field, "not a date written yyyy-mm-dd")
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        raise BadInputError(field, "not a day of the calendar") from None
    if not 1880 <= day.year <= 2199:
        raise BadInputError(field, "not between 1880 and 2199")
    return day


def normalise_rank(raw: str | int, field: str = "birth_rank") -> int:
    """Read a birth rank: one digit, 1 to 9; more than 1 for a twin born later."""
    text = str(raw)
    if len(text) != 1 or text not in "123456789":
        raise BadInputError(field, "not a digit from 1 to 9")
    return int(text)


STAND_IN_SECRET: Final = "STANDSINFORACARDSCODE"  # noqa: S105 - no card has it, and nothing opens
"""What a question without a secret is read with: it takes as long as one that has one."""


def normalise_secret(raw: str, field: str = "card_secret") -> str:
    """Return a card secret as it is hashed: base32 of 13 to 64 characters, or hex of 16 to 64.

    Shorter ones hold fewer than 64 random bits and could be guessed, so they are refused, as are
    those made of three different characters or fewer. Idempotent. Raises `BadInputError`.
    """
    secret = raw if _PLAIN_BASE32.fullmatch(raw) else _plain(raw, field)
    if len(secret) > _LONGEST_SECRET:
        raise BadInputError(field, f"longer than {_LONGEST_SECRET} characters")
    is_base32 = len(secret) >= _SHORTEST_BASE32 and _BASE32.fullmatch(secret) is not None
    is_hex = len(secret) >= _SHORTEST_HEX and _HEX.fullmatch(secret) is not None
    if not (is_base32 or is_hex):
        raise BadInputError(
            field,
            "under 64 random bits, or in neither alphabet: "
            f"base32 of {_SHORTEST_BASE32} characters or more, or hex of {_SHORTEST_HEX} or more",
        )
    if len(set(secret)) < _FEWEST_DIFFERENT:
        raise BadInputError(field, "not random: too few different characters")
    return secret


def inner_index(
    key: bytes, amc: str, member_number: str, birth_date: date, birth_rank: int
) -> bytes:
    """Return the 32-byte keyed hash of a person at an insurer.

    `key` is the insurer's feed key for the registry, the edge's own for what a site has met.
    Whatever the spelling, the same person gives the same hash. Raises `BadInputError`.
    """
    return _keyed(key, "rempart.person", _person(amc, member_number, birth_date, birth_rank))


def inner_card(key: bytes, amc: str, member_number: str, secret: str) -> bytes:
    """Return the 32-byte keyed hash of a card's secret, bound to its member number."""
    fields = (normalise_amc(amc), normalise_member(member_number), normalise_secret(secret))
    return _keyed(key, "rempart.card", fields)


def member_reference(
    key: bytes, amc: str, member_number: str, birth_date: date, birth_rank: int
) -> bytes:
    """Return the 16 bytes that name a member to its insurer alone.

    `key` is the insurer's own reference key, which never leaves it: the platform can neither
    make a reference nor read one.
    """
    fields = _person(amc, member_number, birth_date, birth_rank)
    return _keyed(key, "rempart.reference", fields)[:REFERENCE_BYTES]


def feed_key_name(amc: str) -> str:
    """Return the name under which the platform's keyring holds an insurer's feed key."""
    return f"feed.{normalise_amc(amc).lower()}"


def _person(amc: str, member_number: str, birth_date: date, birth_rank: int) -> Sequence[str]:
    return (
        normalise_amc(amc),
        normalise_member(member_number),
        birth_date.isoformat(),
        str(normalise_rank(birth_rank)),
    )


def _plain(raw: str, field: str) -> str:
    """Return ASCII capitals and digits alone, at least one, or raise."""
    if len(raw) > _LONGEST_RAW:
        raise BadInputError(field, f"longer than {_LONGEST_RAW} characters")
    text = unicodedata.normalize("NFKC", raw).translate(_SEPARATORS)
    if not text:
        raise BadInputError(field, "empty")
    # Before capitals are made: upper() would turn a sharp s into SS and a dotless i into I.
    if not text.isascii():
        raise BadInputError(field, "holds something other than letters A-Z and digits")
    text = text.upper()
    if not _ALPHANUMERIC.fullmatch(text):
        raise BadInputError(field, "holds something other than letters A-Z and digits")
    return text


def _keyed(key: bytes, domain: str, fields: Sequence[str]) -> bytes:
    """HMAC-SHA256 of the domain, the version and the fields, each after its length (2 bytes)."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key holds {KEY_BYTES} bytes")
    # Every text is short and ASCII, so its length fits the second byte.
    texts = (domain, _VERSION_TEXT, *fields)
    message = "".join([f"\0{chr(len(text))}{text}" for text in texts]).encode("latin-1")
    return hmac.digest(key, message, "sha256")
