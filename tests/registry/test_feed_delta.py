"""Deltas state some people anew and end others; whoever is not in one stays as he is."""

import asyncio
import time
from datetime import date
from pathlib import Path

import pytest

from rempart.foundation.database import Database
from rempart.registry import FeedKeys, FeedProblem, Imported, end_member, member_reference
from tests.registry.feeds import AMC, DELTA_HEADER, KEYS, SECRET, day, end, line, prepare, put
from tests.registry.platform import BORN, Platform
from tests.support.database import DatabaseUnderTest


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer with twenty members."""
    made = Platform(db, tmp_path)
    made.put(*(line(str(n)) for n in range(20)))
    return made


def ended(platform: Platform, number: str, last_day: str, amc: str = AMC) -> int | FeedProblem:
    async def work() -> int | FeedProblem:
        async with await Database.open(platform.db.dsn("rempart_intake"), max_size=1) as database:
            reference = member_reference(KEYS.reference, amc, number, BORN, 1)
            return await end_member(database, amc, reference, date.fromisoformat(last_day))

    return asyncio.run(work())


def others(platform: Platform) -> list[tuple[object, ...]]:
    """Covers of those whom no test touches."""
    rows = platform.db.owner.execute(
        "select xmin, person_index from registry.coverage"
        " where feed_id = (select min(feed_id) from registry.feed) order by 2"
    ).fetchall()
    return [tuple(row.values()) for row in rows]


def test_a_delta_puts_and_ends_and_leaves_the_rest(platform: Platform) -> None:
    before = others(platform)
    path = platform.delta(put("1", valid_to=day(5)), put("99"), end("2"), end("77"))
    found = platform.take(path, confirm=False)
    assert isinstance(found, Imported)
    assert (found.accepted, found.before, found.ended, found.after) == (4, 20, 1, 20)
    assert platform.covered("1", on=5)
    assert not platform.covered("1", on=6)
    assert platform.covered("99", card=SECRET)
    assert not platform.covered("2")
    assert platform.covered("2", on=-1)
    assert platform.covered("3")
    # 1 and 2 were written anew; nobody else.
    assert set(others(platform)) < set(before)
    assert len(others(platform)) == 18


def test_of_somebody_put_only_what_the_delta_says_holds(platform: Platform) -> None:
    platform.take(platform.delta(put("1"), put("1", cover_rank="2")))
    found = platform.take(platform.delta(put("1", cover_rank="2")))
    assert isinstance(found, Imported)
    assert (found.ended, found.after) == (1, 20)
    assert platform.covered("1")


def test_an_end_may_be_retroactive_or_to_come(platform: Platform) -> None:
    platform.take(platform.delta(end("1", day(-30)), end("2", day(30)), end("3", day(-500))))
    for number, last in (("1", -30), ("2", 30)):
        assert platform.covered(number, on=last)
        assert not platform.covered(number, on=last + 1)
    assert not platform.covered("3", on=-400)


def test_a_delta_that_ends_many_must_be_confirmed(platform: Platform) -> None:
    path = platform.delta(*(end(str(n)) for n in range(3)))
    assert isinstance(platform.take(path, confirm=False), FeedProblem)
    assert platform.covered("1")
    # One line is one person: that is never many, and is urgent.
    platform.db.owner.execute("update registry.insurer set ending_share_bp = 0")
    assert platform.take(platform.delta(end("1")), confirm=False) == Imported(1, 1)


def test_a_full_feed_from_before_does_not_undo_a_delta(platform: Platform) -> None:
    old = platform.feed(*(line(str(n)) for n in range(20))).rename(platform.folder / "old.feed")
    platform.take(platform.delta(end("1")))
    found = platform.take(old)
    assert isinstance(found, FeedProblem)
    assert found.column == "made_at"
    assert not platform.covered("1")


def test_other_references_in_a_delta_are_refused(platform: Platform) -> None:
    path = platform.delta(put("1"), keys=FeedKeys(KEYS.feed, b"o" * 32))
    found = platform.take(path)
    assert isinstance(found, FeedProblem)
    assert found.column == "reference"


@pytest.mark.parametrize(
    "lines, told",
    [
        ([end("1"), put("1")], [(3, "action")]),
        ([put("1"), end("1", day(500))], [(3, "action")]),
        ([end("1"), end("1", day(5))], [(3, "action")]),
        ([end("1", plan="FULL")], [(2, "plan")]),
        ([end("1", card_secret=SECRET)], [(2, "card_secret")]),
        ([put("1").replace(",put", ",stop")], [(2, "action")]),
        ([put("1", plan="")], [(2, "plan")]),
    ],
)
def test_a_delta_that_contradicts_itself_is_not_written(
    tmp_path: Path, lines: list[str], told: list[tuple[int, str]]
) -> None:
    attempt = prepare(tmp_path, *lines, header=DELTA_HEADER, is_delta=True)
    assert not attempt.done.is_written
    assert [column for _, column in attempt.told] == [column for _, column in told]


def test_a_full_feed_has_no_actions_and_a_delta_must(tmp_path: Path) -> None:
    assert prepare(tmp_path, put("1"), header=DELTA_HEADER).told == [(1, "column 9")]
    assert prepare(tmp_path, line("1"), is_delta=True).told == [(1, "action")]


def test_one_member_is_ended_at_once_by_reference(platform: Platform) -> None:
    before = others(platform)
    assert ended(platform, "1", day(-1)) == 1
    assert not platform.covered("1")
    assert platform.covered("1", on=-1)
    assert set(others(platform)) < set(before)
    assert len(others(platform)) == 19
    assert isinstance(ended(platform, "1", day(-1)), FeedProblem)
    assert isinstance(ended(platform, "777", day(-1)), FeedProblem)
    assert isinstance(ended(platform, "1", day(-1), "990009"), FeedProblem)


def test_a_member_is_found_by_reference_without_reading_everybody(platform: Platform) -> None:
    platform.put(*(line(str(n)) for n in range(3000)))
    owner = platform.db.owner
    owner.execute("analyze registry.coverage")

    def reads() -> dict[str, int]:
        owner.execute("select pg_stat_clear_snapshot()")
        (row,) = owner.execute(
            "select t.seq_scan + t.idx_scan as scans, t.seq_tup_read + t.idx_tup_fetch as rows,"
            " i.idx_scan as by_reference from pg_stat_user_tables t, pg_stat_user_indexes i"
            " where t.relid = 'registry.coverage'::regclass"
            " and i.indexrelid = 'registry.coverage_reference'::regclass"
        ).fetchall()
        return dict(row)

    before = reads()
    assert ended(platform, "2999", day(-1)) == 1
    # A connection tells its statistics when it ends, which may be a moment later.
    deadline = time.monotonic() + 10
    while reads()["scans"] == before["scans"] and time.monotonic() < deadline:
        time.sleep(0.05)
    after = reads()
    assert after["by_reference"] - before["by_reference"] == 2  # what goes, and what ends
    assert after["scans"] - before["scans"] == 2
    assert after["rows"] - before["rows"] <= 4


def test_a_staged_feed_from_before_does_not_undo_an_end(platform: Platform) -> None:
    path = platform.feed(*(line(str(n)) for n in range(20)), line("21"))
    assert isinstance(platform.take(path, only_look=True), Imported)
    assert ended(platform, "1", day(-1)) == 1  # the feed under way does not keep it waiting
    found = platform.take(path)
    assert isinstance(found, FeedProblem)
    assert found.column == "made_at"
    assert not platform.covered("1")


def test_ending_reaches_no_other_insurer(platform: Platform) -> None:
    platform.add_insurer("990002")
    platform.put(line("1"), amc="990002")
    reference = member_reference(KEYS.reference, "990002", "1", BORN, 1)
    intake = platform.db.connect("rempart_intake")
    row = intake.execute(
        "select * from registry.end_member(%s, %s, current_date)", (AMC, reference)
    ).fetchone()
    assert row is not None
    assert row["refused_because"] == "nobody_ended"
    assert platform.covered("1", amc="990002", on=30)
