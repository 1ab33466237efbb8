"""Days as people in Paris know them, whatever day it is in UTC."""

from datetime import datetime

import pytest

from rempart.cli.days import day_of, minute_of
from rempart.cli.demo_entry import shown_entry
from rempart.journal import Entry


def test_an_hour_after_midnight_is_the_new_day() -> None:
    """A payment confirmed then is on that day's statement, and is shown with the same day."""
    assert day_of(datetime.fromisoformat("2027-03-31T22:30:00+00:00")) == "2027-04-01"
    assert day_of(datetime.fromisoformat("2027-02-28T22:30:00+00:00")) == "2027-02-28"


def test_the_hour_that_comes_twice_says_which() -> None:
    first = minute_of(datetime.fromisoformat("2026-10-25T00:30:00+00:00"))
    second = minute_of(datetime.fromisoformat("2026-10-25T01:30:00+00:00"))
    assert (first, second) == ("2026-10-25 02:30 CEST", "2026-10-25 02:30 CET")


@pytest.mark.parametrize(
    "noted, shown",
    [
        ("2027-01-05T17:12:03.004999+00:00", "2027-01-05 18:12:03.004 CET"),
        ("2027-07-05T23:12:03+00:00", "2027-07-06 01:12:03.000 CEST"),
    ],
)
def test_the_demonstrations_entry_says_when_it_is_in_paris(noted: str, shown: str) -> None:
    payload = dict.fromkeys(
        (
            "professional", "site", "domain", "care_on", "evidence", "outcome", "insurer",
            "member_reference",
        ),
        "x",
    )  # fmt: skip
    fields = {"entry_no": 1, "recorded_at": noted, "leaf_hash": "\\x00"}
    assert shown_entry(Entry(fields, payload))["recorded_at"] == shown
