"""The operator's word on a feed that gives members other references, as the desk gives it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError

_FINGERPRINT_BYTES: Final = 10
_GROUP: Final = 4
_AUTHOR: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")


class RenamingRefusal(StrEnum):
    """Why the operator's word is not taken."""

    UNKNOWN = "feed_unknown"
    NOTHING = "nothing_waits"
    DIFFERS = "fingerprint_differs"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A feed that waits. Not its fingerprint: that is the insurer's people's to read out."""

    insurer: str
    id: str
    waits_since: datetime
    before: int
    ended: int
    after: int
    mapped: int | None
    renamed: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A feed that got the operator's word: go-ahead or refused. ``state``: what became of it."""

    insurer: str
    id: str
    state: str
    renamed: int
    word: str
    said_by: str
    said_at: datetime


def fingerprint_of(digest: bytes) -> str:
    """Write the first 80 bits of a file's SHA-256 as people read them out: five groups of four."""
    text = digest[:_FINGERPRINT_BYTES].hex()
    return " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


async def list_waiting(database: Database) -> list[Waiting]:
    """List the feeds that would give members other references. As rempart_desk."""
    rows = await database.call("intake.list_waiting")
    return [Waiting(row["amc"], row["name"], *(row[name] for name in _COUNTS)) for row in rows]


async def list_answered(database: Database, days: int) -> list[Answered]:
    """List the feeds that got the operator's word in the last days, newest first. As desk."""
    rows = await database.call("intake.list_answered", days)
    found = [
        Answered(
            row["amc"],
            row["name"],
            row["state"],
            row["renamed"],
            row["word"],
            row["said_by"],
            row["said_at"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.said_at, one.id), reverse=True)


async def answer_renaming(
    database: Database, insurer: str, name: str, fingerprint: str | None, author: str
) -> RenamingRefusal | None:
    """Let a waiting feed go ahead, or refuse it when there is no fingerprint. As rempart_desk.

    ``author`` is kept either way.

    `insurer` is normalised. Raises `BadInputError` for a fingerprint or an author not so written.
    """
    if not _AUTHOR.fullmatch(author):
        raise BadInputError("--by", "a name of 1 to 40 letters, digits, _ . - is due")
    told = b"" if fingerprint is None else _bytes(fingerprint)
    (row,) = await database.call(
        "intake.answer_renaming", insurer, name, fingerprint is not None, told, author
    )
    because = row["answer_renaming"]
    return None if because is None else RenamingRefusal(because)


_COUNTS: Final = ("waits_since", "before", "ended", "after", "mapped", "renamed")


def _bytes(fingerprint: str) -> bytes:
    try:
        found = bytes.fromhex(fingerprint)
    except ValueError:
        found = b""
    if len(found) != _FINGERPRINT_BYTES:
        raise BadInputError("--fingerprint", "five groups of four hex digits are due")
    return found
