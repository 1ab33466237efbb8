"""The only place that reads the time, so that tests can say what time it is."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

# Care dates are dates of the French civil calendar, wherever the server is.
PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    """Tells the time: an instant in UTC, and the civil date in Paris."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def today(self) -> date:
        """Return the civil date in Paris at the present instant."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the civil date in Paris at the present instant."""
        return self.now().astimezone(PARIS).date()
