"""A prepared feed that was cut, changed, reordered or made by another version is refused."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.registry import FeedHeader, FeedProblem, check_feed
from tests.registry.feeds import day, line, prepare

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three covers."""
    made = prepare(tmp_path_factory.mktemp("feed"), line("1"), line("2"), line("3"))
    return made.out.read_bytes()


def check(raw: bytes, folder: Path) -> FeedHeader | FeedProblem:
    """Check a feed of these bytes."""
    path = folder / "f"
    path.write_bytes(raw)
    with path.open("rb") as file:
        return check_feed(file, NOW + timedelta(minutes=1))


def sealed(whole: bytes, change: Callable[[list[bytes]], object]) -> bytes:
    """Change the lines and make the header fit them: what a bug would do, or a hand."""
    head, *lines = whole.splitlines(keepends=True)
    change(lines)
    header = json.loads(head)
    header |= {"count": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    return json.dumps(header).encode() + b"\n" + b"".join(lines)


def headed(whole: bytes, **changes: object) -> bytes:
    """Change the header alone."""
    head, body = whole.split(b"\n", 1)
    return json.dumps(json.loads(head) | changes).encode() + b"\n" + body


def test_a_whole_feed_passes(whole: bytes, tmp_path: Path) -> None:
    found = check(whole, tmp_path)
    assert isinstance(found, FeedHeader)
    assert found.count == 3


def test_one_made_over_by_hand_passes_too(whole: bytes, tmp_path: Path) -> None:
    assert isinstance(check(sealed(whole, list.pop), tmp_path), FeedHeader)


@pytest.mark.parametrize(
    "changes, column",
    [
        ({"format": 2}, "format"),
        ({"normalisation": 2}, "normalisation"),
        ({"made_at": (NOW + timedelta(days=1)).isoformat()}, "made_at"),
        ({"made_at": "2026-01-01T00:00:00"}, "made_at"),
        ({"count": 0}, "count"),
        ({"count": 4}, "count"),
        ({"sha256": "00" * 32}, "sha256"),
        ({"sha256": "x"}, "sha256"),
        ({"count": "3"}, ""),
        ({"made_at": "yesterday"}, ""),
        ({"name": "x"}, ""),
    ],
)
def test_a_header_that_does_not_fit_is_refused(
    whole: bytes, tmp_path: Path, changes: dict[str, Any], column: str
) -> None:
    found = check(headed(whole, **changes), tmp_path)
    assert isinstance(found, FeedProblem)
    assert (found.line, found.column) == (1, column)


def replaced(place: int, old: str, new: str) -> Callable[[list[bytes]], None]:
    """Return a change of one line."""

    def change(lines: list[bytes]) -> None:
        assert old.encode() in lines[place]
        lines[place] = lines[place].replace(old.encode(), new.encode(), 1)

    return change


def cut_hash(lines: list[bytes]) -> None:
    lines[1] = lines[1][1:]


def upper_hash(lines: list[bytes]) -> None:
    lines[1] = lines[1].upper()


@pytest.mark.parametrize(
    "change, place, column",
    [
        (lambda lines: lines.reverse(), 3, "index"),
        (lambda lines: lines.insert(1, lines[0]), 3, "index"),
        (cut_hash, 3, "index"),
        (upper_hash, 3, "index"),
        (replaced(2, ",FULL,", ",FU LL,"), 4, "plan"),
        (replaced(2, ",FULL,", ",,"), 4, "plan"),
        (replaced(2, ",FULL,", ",FULL,FULL,"), 4, ""),
        (replaced(0, day(400), "2026-02-30"), 2, "valid_from or valid_to"),
        (replaced(0, day(400), "2020-02-28"), 2, "valid_to"),
        (replaced(0, ",1,", ",0,"), 2, "cover_rank"),
        (replaced(0, "\n", "\r\n"), 2, "card"),
        (replaced(2, "\n", ""), 4, ""),
        (lambda lines: lines.append(b"\n"), 5, ""),
        (lambda lines: lines.append(b"x" * 2000 + b"\n"), 5, ""),
    ],
)
def test_a_line_that_does_not_fit_is_refused(
    whole: bytes,
    tmp_path: Path,
    change: Callable[[list[bytes]], object],
    place: int,
    column: str,
) -> None:
    found = check(sealed(whole, change), tmp_path)
    assert isinstance(found, FeedProblem)
    assert (found.line, found.column) == (place, column)


@given(data=st.data())
def test_any_change_of_any_byte_is_seen(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    body = whole.index(b"\n") + 1
    place = data.draw(st.integers(body, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    changed = whole[:place] + bytes([other]) + whole[place + 1 :]
    assert isinstance(check(changed, tmp_path_factory.getbasetemp()), FeedProblem)


@given(cut=st.integers(min_value=0))
def test_any_cut_is_seen(whole: bytes, tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    found = check(whole[: cut % len(whole)], tmp_path_factory.getbasetemp())
    assert isinstance(found, FeedProblem)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    assert isinstance(check(raw, tmp_path_factory.getbasetemp()), FeedProblem)
