"""Days as people in Paris know them, whatever day it is in UTC."""

from datetime import datetime

from rempart.cli.days import day_of, minute_of


def test_an_hour_after_midnight_is_the_new_day() -> None:
    """A payment confirmed then is on that day's statement, and is shown with the same day."""
    assert day_of(datetime.fromisoformat("2027-03-31T22:30:00+00:00")) == "2027-04-01"
    assert day_of(datetime.fromisoformat("2027-02-28T22:30:00+00:00")) == "2027-02-28"


def test_the_hour_that_comes_twice_says_which() -> None:
    first = minute_of(datetime.fromisoformat("2026-10-25T00:30:00+00:00"))
    second = minute_of(datetime.fromisoformat("2026-10-25T01:30:00+00:00"))
    assert (first, second) == ("2026-10-25 02:30 CEST", "2026-10-25 02:30 CET")
