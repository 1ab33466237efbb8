"""What a site's administrator sees of it: what is closed or open, and how much each one asked."""

from dataclasses import dataclass
from datetime import date, datetime

from rempart.foundation.database import Database
from rempart.identity import PortalRefusal, Proved, refusal


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to know; ``about`` names a colleague or a software, or is empty."""

    kind: str
    about: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many questions a colleague asked on one whole day (in Paris), by class of outcome."""

    on_day: date
    rpps: str
    name: str
    answered: int
    nothing_found: int
    better_evidence: int
    refused: int


class Oversight:
    """Reads a site for its administrator; about no insured person."""

    def __init__(self, database: Database) -> None:
        """Take a database as ``rempart_edge``."""
        self._database = database

    async def alerts(self, token: str) -> list[Alert]:
        """List what concerns the site, newest first; nothing to who is no administrator."""
        return [Alert(**row) for row in await self._database.call("guard.list_alerts", token)]

    async def counts(self, by: Proved) -> list[DayCount] | PortalRefusal:
        """Count the last seven whole days; refused: `SESSION`, `PROOF_REPEATED`, ….

        `NOT_ADMINISTRATOR` for everybody else: only an administrator sees his colleagues' work.
        """
        rows = await self._database.call("journal.count_site", by.token, by.jkt, by.jti)
        if rows and (refused := refusal({"refused_because": rows[0]["denied"]})) is not None:
            return refused
        return [DayCount(**{k: v for k, v in row.items() if k != "denied"}) for row in rows]
