"""Closes and opens scopes as the desk, and measures when every edge has seen it."""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError

EFFECTIVE_WITHIN_S: Final = 5.0
"""What P6 promises."""

_LOOK_EVERY_S: Final = 0.02
_LONGEST_REASON: Final = 200
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
# Seven digits however they are spaced, or the middle of a NIR from Corsica.
_NUMBER = re.compile(r"[0-9]{7}|[0-9]{5}2[AB][0-9]{3}", re.IGNORECASE)


class Scope(StrEnum):
    """What can be closed."""

    ACCOUNT = "account"
    PROFESSIONAL = "professional"
    SITE = "site"
    CLIENT = "client"
    INSURER = "insurer"
    CHANNEL = "channel"
    GRADE = "grade"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class GateRefusal:
    """A refusal of the desk's; ``because`` is the code that the SQL function gave."""

    because: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A scope that is closed now, by a gate or, if ``held``, by a hold. Instants are aware.

    ``eased``: it is an account that is open again, at a tenth of its caps.
    """

    scope: str
    value: str
    held: bool
    eased: bool
    reason: str
    author: str
    since: datetime
    until: datetime | None


async def close_gate(
    database: Database,
    scope: Scope,
    value: str,
    *,
    reason: str,
    author: str,
    until: datetime | None = None,
) -> datetime | GateRefusal:
    """Close a scope as rempart_desk; returns since when it is closed.

    ``value``: RPPS@SITE, RPPS, site number, installation's name, AMC number, ``software``,
    ``typed``, ``scan`` or ``exception``, or nothing for the platform. Raises `BadInputError`.
    """
    plain, name = read_reason(reason), read_officer(author)
    (row,) = await database.call("guard.close_gate", scope.value, value, plain, name, until)
    if row["refused_because"] is not None:
        return GateRefusal(row["refused_because"])
    closed_at: datetime = row["closed_at"]
    return closed_at


async def open_gate(
    database: Database, scope: Scope, value: str, *, reason: str, author: str
) -> datetime | GateRefusal:
    """Open a scope again as rempart_desk; returns when. A hold stays. Raises `BadInputError`."""
    plain, name = read_reason(reason), read_officer(author)
    (row,) = await database.call("guard.open_gate", scope.value, value, plain, name)
    if row["refused_because"] is not None:
        return GateRefusal(row["refused_because"])
    opened_at: datetime = row["opened_at"]
    return opened_at


async def list_gates(database: Database) -> list[Closed]:
    """List what is closed now, by gate or by hold, oldest first, as rempart_desk."""
    return [Closed(**row) for row in await database.call("guard.list_gates")]


async def wait_until_effective(database: Database, began: float) -> float | None:
    """Wait until every question must see what was just moved; seconds since ``began``.

    Every question reads gates and holds anew, so those of transactions that begin now see the
    move. What is waited for is the end of the edge's transactions, of every process, that began
    before. ``began`` is `time.monotonic` before the move; None after `EFFECTIVE_WITHIN_S`.
    """
    instant: datetime | None = None
    while True:
        (row,) = await database.call("foundation.edges_since_before", instant)
        instant = row["instant"]
        taken = time.monotonic() - began
        if row["running"] == 0:
            return round(taken, 3) if taken <= EFFECTIVE_WITHIN_S else None
        if taken > EFFECTIVE_WITHIN_S:
            return None
        await asyncio.sleep(_LOOK_EVERY_S)


def read_reason(text: str) -> str:
    """Return a reason of 1 to 200 characters that holds nobody's number. `BadInputError`."""
    plain = text.strip()
    if not 1 <= len(plain) <= _LONGEST_REASON or not plain.isprintable():
        raise BadInputError("--reason", "must have 1 to 200 printable characters")
    if _NUMBER.search(re.sub(r"[^0-9A-Za-z]+", "", plain)):
        raise BadInputError("--reason", "may hold no seven digits: they could name a person")
    return plain


def read_officer(name: str) -> str:
    """Return an officer's name: a letter, then letters, digits, _ . -. `BadInputError`."""
    if _NAME.fullmatch(name) is None:
        raise BadInputError("--by", "an officer's name has 1 to 40 letters, digits, _ . -")
    return name
