"""What a desk may write about a gate: a reason that names no person, and an officer's name."""

import pytest

from rempart.foundation.errors import BadInputError
from rempart.guard import read_officer, read_reason

UNREADABLE = "must have 1 to 200 printable characters"
NUMBERED = "may hold no seven digits: they could name a person"


@pytest.mark.parametrize("text", ["x", "Vol du poste n° 123456", "é" * 200, "12A 345 / 678B 90"])
def test_a_plain_reason_is_kept_as_it_is(text: str) -> None:
    assert read_reason(f"  {text}\n") == text


@pytest.mark.parametrize(
    "text, why",
    [
        ("", UNREADABLE),
        (" \n ", UNREADABLE),
        ("x" * 201, UNREADABLE),
        ("Vol\ndu poste", UNREADABLE),
        ("Vol\x00", UNREADABLE),
        ("membre 1234567", NUMBERED),
        ("1 85 05 78 006 084", NUMBERED),
        ("1-2.3/4 5_6:7", NUMBERED),
        ("1 85 05 2A 006", NUMBERED),
        ("2-85-05-2b-006", NUMBERED),
    ],
)
def test_a_reason_that_could_name_a_person_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadInputError) as raised:
        read_reason(text)
    assert (raised.value.field, raised.value.reason) == ("--reason", why)


@pytest.mark.parametrize("name", ["a", "Alice", "alice.martin", "A-1_b", "a" * 40])
def test_an_officers_name_is_one_word(name: str) -> None:
    assert read_officer(name) == name


@pytest.mark.parametrize("name", ["", " Alice", "Alice\n", "1alice", "élise", "a b", "a" * 41])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(BadInputError) as raised:
        read_officer(name)
    assert raised.value.field == "--by"
