"""Days that a command is given as `--from` and `--to`, in Paris."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from rempart.foundation.errors import BadInputError

PARIS: Final = ZoneInfo("Europe/Paris")
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


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInputError(option, "is a day: 2027-03-01") from None
