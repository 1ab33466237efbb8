"""Whether this process can answer questions now: every part that a question needs, by name."""

import time
from collections.abc import Mapping
from typing import Final

from rempart.foundation.database import Database
from rempart.foundation.errors import MisuseError, UnavailableError
from rempart.intake import Receiving
from rempart.rights import BlindingClient

_KEPT_S: Final = 1.0
"""How long a result is told again: a flood of probes costs one look a second."""

_MONTHS_RED: Final = 1
"""Partitions are made three months ahead; with one left, somebody must act."""


class IntakeReadiness:
    """Looks at the database, its schema version, the spool and its worker."""

    def __init__(self, receiving: Receiving, migration: int) -> None:
        """Take the number of the last migration known here."""
        self._receiving = receiving
        self._migration = migration
        self._looked_at = float("-inf")
        self._parts: Mapping[str, bool] = {}

    async def look(self) -> Mapping[str, bool]:
        """Return each part's name, and whether it is well."""
        if time.monotonic() - self._looked_at > _KEPT_S:
            self._parts = await self._receiving.look(self._migration)
            self._looked_at = time.monotonic()
        return self._parts


class Readiness:
    """Looks at the database, its schema version, the journal's months, guard time, blinding.

    And whether this start of the database was taken up (docs/restore.md).
    """

    def __init__(self, database: Database, blinding: BlindingClient, migration: int) -> None:
        """Take the pool, the blinding client, and the number of the last migration known here."""
        self._database = database
        self._blinding = blinding
        self._migration = migration
        self._looked_at = float("-inf")
        self._parts: Mapping[str, bool] = {}

    async def look(self) -> Mapping[str, bool]:
        """Return each part's name, and whether it is well."""
        if time.monotonic() - self._looked_at > _KEPT_S:
            self._parts = {**await self._database_parts(), "blinding": await self._blinds()}
            self._looked_at = time.monotonic()
        return self._parts

    async def _database_parts(self) -> dict[str, bool]:
        try:
            rows = await self._database.call("foundation.ready")
        except (UnavailableError, MisuseError):
            rows = []
        row = rows[0] if len(rows) == 1 else {}
        months, strays = row.get("months_ahead"), row.get("stray_entries")
        return {
            "database": bool(rows),
            "migration": row.get("migration") == self._migration,
            "months": months is not None and months > _MONTHS_RED,
            "strays": strays == 0,
            "heart": row.get("guard_ok") is True,
            "taken_up": row.get("taken_up") is True,
        }

    async def _blinds(self) -> bool:
        try:
            await self._blinding.total()
        except UnavailableError:
            return False
        return True
