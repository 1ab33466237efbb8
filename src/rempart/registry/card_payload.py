"""What a card says to a scanner, version 1: insurer, member number, people, secret, and a check.

docs/card.md states the grammar in words, vectors/card.json in examples, which a second program in
another language checks. Insurers write it on their own premises; whoever scans a card reads it.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rempart.foundation.errors import BadInputError
from rempart.registry.normalisation import (
    normalise_amc,
    normalise_date,
    normalise_member,
    normalise_rank,
    normalise_secret,
)

VERSION = "RP1"
"""First field of a payload."""

MOST_PEOPLE = 20
"""People on one card."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DRAWN = 15  # x 5 = 75 random bits; a check character makes it 16
_GROUP = 4
_CHECK_CHARACTERS = 4
_LONGEST = 320
_PERSON = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([1-9])")


@dataclass(frozen=True, slots=True)
class CardPayload:
    """What a card says: one secret for all of its people, each a birth date and a birth rank.

    Normalised; people in order, none twice.
    """

    insurer: str
    member_number: str
    people: tuple[tuple[date, int], ...]
    secret: str


def draw_secret() -> str:
    """Draw a card secret: 75 random bits and a check character, 16 of ``A-Z2-7``."""
    drawn = base64.b32encode(secrets.token_bytes(10)).decode()[:_DRAWN]
    return drawn + check_character(drawn)


def check_character(symbols: str) -> str:
    """Return the Luhn mod 32 check of base32 symbols: finds any one that was mistyped."""
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        addend = _ALPHABET.index(symbol) * (1 if place % 2 else 2)
        total += addend // 32 + addend % 32
    return _ALPHABET[-total % 32]


def in_groups(secret: str) -> str:
    """Write a secret as it is printed: ``XXXX-XXXX-XXXX-XXXX``."""
    return "-".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))


def write_card_payload(
    insurer: str, member_number: str, people: Iterable[tuple[date, int]], secret: str
) -> str:
    """Return the text of a card's QR code. Raises `BadInputError`."""
    listed = sorted(set(people))
    if not 1 <= len(listed) <= MOST_PEOPLE:
        raise BadInputError("member_number", f"1 to {MOST_PEOPLE} people are due on a card")
    told = "+".join(f"{born:%Y%m%d}{normalise_rank(rank)}" for born, rank in listed)
    fields = (normalise_amc(insurer), normalise_member(member_number), told)
    body = ":".join((VERSION, *fields, normalise_secret(secret)))
    return f"{body}:{_check(body)}"


def read_card_payload(text: str, field: str = "card") -> CardPayload:
    """Read what a scanner gave; case and blanks around it are forgiven, nothing else.

    Raises `BadInputError`: never with what was read. A misread code fails its check, so nobody is
    asked about by mistake.
    """
    body, _, check = text.strip().upper().rpartition(":")
    parts = body.split(":")
    if len(text) > _LONGEST or not text.isascii() or len(parts) != 5:
        raise BadInputError(field, "not the code of a card")
    version, insurer, member_number, told, secret = parts
    if version != VERSION:
        raise BadInputError(field, f"not the code of a card, or of another version than {VERSION}")
    if check != _check(body):
        raise BadInputError(field, "misread: scan it again")
    people = tuple(_person(one, field) for one in told.split("+"))
    read = CardPayload(
        normalise_amc(insurer, field),
        normalise_member(member_number, field),
        people,
        normalise_secret(secret, field),
    )
    if (
        write_card_payload(read.insurer, read.member_number, people, read.secret)
        != f"{body}:{check}"
    ):
        raise BadInputError(field, "not written as the format has it")
    return read


def _person(told: str, field: str) -> tuple[date, int]:
    found = _PERSON.fullmatch(told)
    if found is None:
        raise BadInputError(field, "not written as the format has it")
    year, month, day, rank = found.groups()
    return normalise_date(f"{year}-{month}-{day}", field), int(rank)


def _check(body: str) -> str:
    digest = hashlib.sha256(body.encode("ascii")).digest()
    return base64.b32encode(digest).decode()[:_CHECK_CHARACTERS]
