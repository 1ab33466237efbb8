"""The exceptions of a site, as its administrator is told of them; never about whom."""

from dataclasses import dataclass
from datetime import datetime

from rempart.foundation.database import Database
from rempart.rights.question import ExceptionReason


@dataclass(frozen=True, slots=True)
class ListedException:
    """One answer that was given under an exception. ``name`` is None for who left the site."""

    at: datetime
    rpps: str
    name: str | None
    reason: ExceptionReason


class Exceptions:
    """What the edge's pages call about exceptions; it can take none."""

    def __init__(self, database: Database) -> None:
        """Take a database as ``rempart_edge``."""
        self._database = database

    async def of_site(self, token: str) -> list[ListedException]:
        """List those of the last 30 days at an administrator's site, the latest first.

        ``token`` is the session's cookie; for anybody who is no administrator there are none.
        """
        rows = await self._database.call("rights.list_exceptions", token)
        return [
            ListedException(row["at"], row["rpps"], row["name"], ExceptionReason(row["reason"]))
            for row in rows
        ]
