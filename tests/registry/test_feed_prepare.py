"""Preparing: what is hashed is what the platform asks for; repetitions, keys, order, memory."""

import io
import re
import stat
import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rempart.foundation.errors import BadInputError
from rempart.registry import (
    FeedHeader,
    FeedKeys,
    FeedProblem,
    Prepared,
    check_feed,
    inner_card,
    inner_index,
    make_keys,
    member_reference,
    prepare_feed,
    read_key,
    read_keys,
)
from rempart.registry import feed_prepare as preparation
from tests.registry.feeds import AMC, HEADER, KEYS, SECRET, TODAY, line, prepare

BORN = date(1985, 5, 17)


def check(path: Path) -> FeedHeader | FeedProblem:
    """Check a prepared feed."""
    with path.open("rb") as file:
        return check_feed(file, datetime.now(UTC))


def test_a_feed_holds_what_a_question_will_look_for(tmp_path: Path) -> None:
    made = prepare(tmp_path, line("0012 345.678"))
    assert made.done == Prepared(1, 0, is_written=True)
    header, cover, end = made.out.read_text().split("\n")
    assert end == ""
    cells = cover.split(",")
    assert cells[0] == inner_index(KEYS.feed, AMC, "12345678", BORN, 1).hex()
    assert cells[1] == member_reference(KEYS.reference, AMC, "12345678", BORN, 1).hex()
    assert cells[6] == inner_card(KEYS.feed, AMC, "12345678", SECRET).hex()
    found = check(made.out)
    assert isinstance(found, FeedHeader)
    assert (found.insurer, found.count, found.normalisation) == (AMC, 1, 1)
    assert re.fullmatch(r'\{"format":1,.*"made_at":"[^"]+Z"\}', header)


def test_it_is_its_owners_alone_and_leaves_nothing_beside(tmp_path: Path) -> None:
    made = prepare(tmp_path, line())
    assert stat.S_IMODE(made.out.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [made.out]


def test_the_order_of_the_source_is_not_that_of_the_feed(tmp_path: Path) -> None:
    lines = [line(str(n)) for n in range(1, 200)]
    forth = prepare(tmp_path, *lines).out.read_text().split("\n", 1)[1]
    back = prepare(tmp_path, *reversed(lines)).out.read_text().split("\n", 1)[1]
    assert forth == back


def test_runs_that_are_merged_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [*(line(str(n % 90 + 1)) for n in range(100)), line("7", cover_rank="2")]
    whole = prepare(tmp_path, *lines, skip_bad=True)
    body = whole.out.read_text().split("\n", 1)[1]
    monkeypatch.setattr(preparation, "_SORTED_AT_ONCE", 7)
    in_runs = prepare(tmp_path, *lines, skip_bad=True)
    assert in_runs.out.read_text().split("\n", 1)[1] == body
    assert in_runs.told == whole.told
    assert whole.done == Prepared(91, 10, is_written=True)


def test_repetitions_are_refused_at_the_later_line(tmp_path: Path) -> None:
    made = prepare(
        tmp_path,
        line("1"),
        line("2", valid_from="2024-01-01", valid_to="2024-12-31"),
        line("01"),
        line("2", valid_from="2024-12-31", valid_to="2025-12-31"),
        line("2", valid_from="2026-01-01", valid_to="2026-12-31"),
        line("2", valid_from="2024-06-01", valid_to="2024-12-31", cover_rank="2"),
        line("2", birth_rank="2"),
    )
    assert sorted(made.told) == [(4, "valid_from"), (5, "valid_from")]
    assert "line 2 already" in str(min(made.problems, key=lambda problem: problem.line))
    assert made.done == Prepared(5, 2, is_written=False)
    assert not made.out.exists()


def test_a_refused_line_keeps_the_last_feed(tmp_path: Path) -> None:
    before = prepare(tmp_path, line()).out.read_bytes()
    assert not prepare(tmp_path, line(), line("2", plan="?")).done.is_written
    assert (tmp_path / "out.feed").read_bytes() == before


@pytest.mark.parametrize("lines", [[], [line(plan="?")]])
def test_a_feed_of_nobody_is_not_written(tmp_path: Path, lines: list[str]) -> None:
    # It would end everybody's cover.
    assert not prepare(tmp_path, *lines, skip_bad=True).done.is_written


def test_a_wrong_amc_number_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="insurer: longer than 10"):
        prepare(tmp_path, line(), amc="9" * 11)


def test_memory_does_not_grow_with_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "_SORTED_AT_ONCE", 100)

    def peak(count: int) -> int:
        source = io.BytesIO("\n".join([HEADER, *(line(str(n)) for n in range(1, count))]).encode())
        tracemalloc.start()
        prepare_feed(source, tmp_path / "o", AMC, KEYS, today=TODAY, on_problem=lambda _: None)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    def least(count: int) -> int:
        """Leave out what else is at work in this process: it comes and goes."""
        return min(peak(count) for _ in range(3))

    peak(200)
    assert least(2000) < 1.5 * least(500)


def test_keys_are_made_for_their_owner_and_never_over_others(tmp_path: Path) -> None:
    feed, reference = make_keys("99 00 01", tmp_path / "keys")
    assert (feed.name, reference.name) == ("feed-990001.key", "reference-990001.key")
    assert stat.S_IMODE(feed.stat().st_mode) == stat.S_IMODE(reference.stat().st_mode) == 0o600
    keys = read_keys(feed, reference, AMC)
    assert len(keys.feed) == len(keys.reference) == 32
    with pytest.raises(BadInputError, match="holds a key"):
        make_keys("990001", tmp_path / "keys")
    assert read_keys(feed, reference, AMC) == keys
    same = tmp_path / "same"
    same.write_text(feed.read_text())
    same.chmod(0o600)
    with pytest.raises(BadInputError, match="--reference-key: the same"):
        read_keys(feed, same, AMC)


def test_a_key_that_is_named_as_another_is_refused(tmp_path: Path) -> None:
    feed, reference = make_keys(AMC, tmp_path)
    other, _ = make_keys("990002", tmp_path)
    for path, field in (
        (reference, "--feed-key"),
        (other, "--feed-key"),
        (feed, "--reference-key"),
    ):
        with pytest.raises(BadInputError, match=f"{field}: its name says"):
            read_key(path, field, AMC)
    # Whoever names his files otherwise is taken at his word.
    assert read_key(reference.rename(tmp_path / "mine"), "--old-reference-key", AMC)


@pytest.mark.parametrize(
    "text, mode", [("00" * 32, 0o640), ("00" * 31, 0o600), ("00" * 33, 0o600), ("zz" * 32, 0o600)]
)
def test_what_is_no_key_of_ones_own_is_refused(tmp_path: Path, text: str, mode: int) -> None:
    path = tmp_path / "k"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(BadInputError) as caught:
        read_key(path, "--feed-key", AMC)
    assert text not in str(caught.value)


def test_a_key_that_is_not_there_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BadInputError, match="--feed-key"):
            read_key(path, "--feed-key", AMC)


def test_keys_need_a_folder_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="--out"):
        make_keys(AMC, tmp_path / "file" / "keys")


def test_another_feed_key_makes_another_feed(tmp_path: Path) -> None:
    one = prepare(tmp_path, line()).out.read_text().split("\n")[1]
    two = prepare(tmp_path, line(), keys=FeedKeys(b"2" * 32, KEYS.reference)).out.read_text()
    assert one.split(",")[0] not in two
    assert one.split(",")[1] in two
