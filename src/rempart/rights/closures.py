"""What is closed, as those whom it stops and the public are told it."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rempart.foundation.database import Database
from rempart.foundation.errors import OverloadedError, UnavailableError

_KEPT_S: Final = 5.0
"""What the public is told may be so old: so that no crowd reaches the database."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What stops one account's questions: platform, portal, site or account; never why."""

    scope: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PublicClosure:
    """What is closed for everybody: platform, a channel, an insurer (``name``) or a grade."""

    scope: str
    value: str
    name: str
    reason: str
    since: datetime
    until: datetime | None


class Closures:
    """Reads what is closed; it can open and close nothing."""

    def __init__(self, database: Database) -> None:
        """Take a database as ``rempart_edge``."""
        self._database = database
        self._looking = asyncio.Lock()
        self._known: list[PublicClosure] | None = None
        self._looked_at = float("-inf")

    async def of(self, token: str) -> Closure | None:
        """Return what stops a session's own questions, the widest of it; None when nothing does."""
        rows = await self._database.call("guard.closed_for", token)
        return Closure(**rows[0]) if rows else None

    async def public(self) -> list[PublicClosure] | None:
        """Return what is closed for everybody, at most five seconds old.

        None: the database cannot be reached, or could not be within those seconds. However many
        ask, one look at a time is under way.
        """
        async with self._looking:
            if time.monotonic() - self._looked_at >= _KEPT_S:
                try:
                    rows = await self._database.call("guard.list_public")
                    self._known = [PublicClosure(**row) for row in rows]
                except (UnavailableError, OverloadedError):
                    self._known = None
                self._looked_at = time.monotonic()
            return self._known
