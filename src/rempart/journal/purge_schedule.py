"""When erasing is due: each night once, and at once after a night that was slept through."""

from datetime import datetime, time, timedelta

from rempart.foundation.clock import PARIS


def last_night(now: datetime, hour: int) -> datetime:
    """Return the newest instant, not after ``now``, at which a clock in Paris shows this hour.

    An hour that the change to summer time leaves out is the one after it; of one that comes twice
    the first is meant.
    """
    day = now.astimezone(PARIS).date()
    at = datetime.combine(day, time(hour), PARIS)
    # Compared as instants: two aware times of one zone would be compared by their clocks.
    if at.timestamp() > now.timestamp():
        at = datetime.combine(day - timedelta(days=1), time(hour), PARIS)
    return at


def is_due(now: datetime, hour: int, last: datetime) -> bool:
    """Tell whether a night has passed since ``last``, when the last run began or all began."""
    return last.timestamp() < last_night(now, hour).timestamp()
