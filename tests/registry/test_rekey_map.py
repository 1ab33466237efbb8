"""The map of references: made of a source that does not contradict itself, hashes alone."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rempart.registry import FeedProblem, member_reference
from rempart.registry.rekey_map import read_rekey_map
from tests.registry.feeds import AMC, HEADER, KEYS, line
from tests.registry.rekeying import OTHER, PEOPLE, RENUMBERED, reference, rekey_map


@pytest.mark.parametrize(
    "lines, told",
    [
        # The same person, on two lines, says two things of before.
        ([line("1") + ",8", line("1", cover_rank="2") + ",9"], [(3, "former_member_number")]),
        # Two people were one.
        ([line("1") + ",9", line("2") + ",9"], [(3, "former_member_number")]),
        ([line("1") + ",", line("2") + ",1"], [(3, "former_member_number")]),
        ([line("1") + ",1_2"], [(2, "former_member_number")]),
        ([line("1", birth_date="1985-02-30") + ","], [(2, "birth_date")]),
    ],
)
def test_a_source_that_contradicts_itself_makes_no_map(
    tmp_path: Path, lines: list[str], told: list[tuple[int, str]]
) -> None:
    made = rekey_map(tmp_path, *lines, header=RENUMBERED, new=KEYS)
    assert made.told == told
    assert not made.path.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_corrected_birth_date_is_the_same_person(tmp_path: Path) -> None:
    header = HEADER + ",former_birth_date,former_birth_rank"
    made = rekey_map(tmp_path, line("1") + ",1985-01-01,2", header=header, new=KEYS)
    old = member_reference(KEYS.reference, AMC, "1", date(1985, 1, 1), 2)
    assert pairs(made.path) == [(old, reference("1"))]


def pairs(path: Path, insurer: str = AMC) -> list[tuple[bytes, bytes] | FeedProblem]:
    with path.open("rb") as file:
        return list(read_rekey_map(file, insurer, datetime.now(UTC)))


def test_a_map_holds_hashes_in_their_order_and_is_its_owners(tmp_path: Path) -> None:
    made = rekey_map(tmp_path, *map(line, PEOPLE), line("1", cover_rank="2"))
    found = pairs(made.path)
    assert found == sorted((reference(n), reference(n, OTHER)) for n in PEOPLE)
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert set(made.path.read_bytes().split(b"\n", 1)[1]) <= set(b"0123456789abcdef,\n")
    assert [one.name for one in tmp_path.iterdir()] == ["references.map"]
