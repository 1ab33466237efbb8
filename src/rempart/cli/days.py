"""Days in Paris: those that a command is given as `--from` and `--to`, and those that it shows."""

from datetime import date, datetime, timedelta
from typing import Final

from rempart.foundation.clock import PARIS
from rempart.foundation.errors import BadInputError

_LATE: Final = timedelta(minutes=10)
"""What was begun on a day and is written a moment after midnight is that day's."""


def read_days(start: str, end: str) -> tuple[date, date]:
    """Read the first and the last day; raise `BadInputError`, which names the option."""
    first, last = _day("--from", start), _day("--to", end)
    if last < first:
        raise BadInputError("--to", "is before --from")
    return first, last


def are_over(last: date, now: datetime | None = None) -> bool:
    """Whether nothing more can come on a day and those before it. ``now``: aware, for tests."""
    return ((now or datetime.now(PARIS)).astimezone(PARIS) - _LATE).date() > last


def day_of(instant: datetime) -> str:
    """Write the day in Paris of an instant, whose day in UTC may be the one before."""
    return f"{instant.astimezone(PARIS):%Y-%m-%d}"


def minute_of(instant: datetime) -> str:
    """Write an instant to the minute in Paris, and which of the two times is meant."""
    return f"{instant.astimezone(PARIS):%Y-%m-%d %H:%M %Z}"


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError(option, "is a day: 2027-03-01") from None
