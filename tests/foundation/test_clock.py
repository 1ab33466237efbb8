"""Instants are in UTC, and care dates are those of Paris."""

from datetime import UTC, date, datetime

import pytest

from rempart.foundation.clock import Clock, SystemClock


class Stopped(SystemClock):
    def __init__(self, instant: str) -> None:
        self._instant = datetime.fromisoformat(instant)

    def now(self) -> datetime:
        return self._instant


@pytest.mark.parametrize(
    "instant,expected",
    [
        ("2027-01-31T22:59:59+00:00", date(2027, 1, 31)),
        ("2027-01-31T23:00:00+00:00", date(2027, 2, 1)),
        ("2027-06-30T21:59:59+00:00", date(2027, 6, 30)),
        ("2027-06-30T22:00:00+00:00", date(2027, 7, 1)),
    ],
)
def test_today_is_the_date_in_paris(instant: str, expected: date) -> None:
    assert Stopped(instant).today() == expected


def test_now_is_aware_and_in_utc() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    assert (clock.today() - clock.now().date()).days in {0, 1}
