"""Feeds in force on the real database: whole or not at all, one insurer at a time."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.registry import FeedProblem, Imported, import_feed, member_reference
from tests.registry.feeds import AMC, KEYS, SECRET, day, line
from tests.registry.platform import BORN, Platform
from tests.support.database import DatabaseUnderTest


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer that feeds nothing yet."""
    return Platform(db, tmp_path)


def test_who_is_in_a_feed_is_covered(platform: Platform) -> None:
    assert platform.put(line("1"), line("2", card_secret="")) == Imported(2, 0)
    found = platform.match("1")
    assert found["fits"]
    assert found["member_reference"] == member_reference(KEYS.reference, AMC, "1", BORN, 1)
    assert platform.covered("1", card=SECRET)
    assert not platform.covered("1", card=SECRET[::-1])
    assert platform.covered("2")
    assert not platform.covered("2", card=SECRET)
    assert not platform.covered("3")


def test_many_batches_arrive_whole(platform: Platform) -> None:
    assert platform.put(*(line(str(n)) for n in range(1, 5001))) == Imported(5000, 0)
    assert platform.covered("5000")


def test_nothing_in_plain_is_in_the_feed_or_the_registry(platform: Platform) -> None:
    path = platform.feed(line("CANARY77"))
    platform.take(path)
    kept = path.read_bytes() + repr(platform.content()).encode()
    for plain in ("CANARY77", "1985-05-17", SECRET):
        assert plain.encode() not in kept
    digest = hashlib.sha256(path.read_bytes().split(b"\n", 1)[1]).digest()
    row = platform.db.owner.execute("select state, accepted, file_digest from registry.feed")
    assert row.fetchall() == [{"state": "in_force", "accepted": 1, "file_digest": digest}]
    left = platform.db.owner.execute("select from registry.staged_coverage").fetchall()
    assert left == []


def test_the_next_feed_replaces_the_last(platform: Platform) -> None:
    platform.put(line("1"), line("2"), line("3", valid_from=day(5)))
    assert platform.put(line("1", valid_to=day(10)), line("4")) == Imported(2, 2)
    assert platform.covered("1", on=10)
    assert not platform.covered("1", on=11)
    assert platform.covered("4")
    # Somebody left out is covered until yesterday: care of last week may still be asked about.
    assert not platform.covered("2")
    assert platform.covered("2", on=-1)
    # What had not begun never will.
    assert not platform.covered("3", on=6)


def test_of_somebody_who_stays_only_what_the_feed_says_holds(platform: Platform) -> None:
    platform.put(line("1"), line("1", cover_rank="2"))
    assert platform.put(line("1", valid_from=day(-20))) == Imported(1, 2)
    assert platform.covered("1", on=-20)
    assert not platform.covered("1", on=-21)


def test_the_same_feed_again_changes_nothing(platform: Platform) -> None:
    path = platform.feed(line("1"), line("2"))
    platform.take(path)
    before = platform.db.owner.execute("select xmin, * from registry.coverage").fetchall()
    assert platform.take(path) == Imported(2, 0)
    after = platform.db.owner.execute("select xmin, * from registry.coverage").fetchall()
    assert before == after


def test_covers_that_nobody_may_ask_about_are_erased(platform: Platform) -> None:
    platform.put(line("1"), line("2", valid_to=day(-32)), line("3", valid_to=day(-31)))
    assert platform.put(line("1")) == Imported(1, 0)
    left = platform.db.owner.execute("select valid_to::text as d from registry.coverage").fetchall()
    assert {row["d"] for row in left} == {day(400), day(-31)}


def test_another_insurers_covers_are_untouched(platform: Platform) -> None:
    platform.add_insurer("990002")
    platform.put(line("1"), amc="990002")
    platform.put(line("1"), line("2"))
    assert platform.put(line("2")) == Imported(1, 1)
    assert platform.covered("1", amc="990002")
    assert not platform.covered("1")


def refused(platform: Platform, path: Path) -> tuple[int, str]:
    """Import a feed that must be refused and change nothing; where the problem is."""
    before = platform.content()
    found = platform.take(path)
    assert isinstance(found, FeedProblem), found
    assert platform.content() == before
    return found.line, found.column


def test_an_unknown_insurer_or_plan_is_refused(platform: Platform) -> None:
    assert refused(platform, platform.feed(line(), amc="990009")) == (0, "insurer")
    path = platform.feed(line("1"), line("2", plan="GOLD"))
    assert refused(platform, path) in {(2, "plan"), (3, "plan")}


def test_a_closed_insurer_is_refused(platform: Platform) -> None:
    platform.db.owner.execute("update registry.insurer set closed_at = now()")
    assert refused(platform, platform.feed(line())) == (0, "insurer")


def test_an_older_feed_is_refused(platform: Platform) -> None:
    old = platform.feed(line("1")).rename(platform.folder / "old.feed")
    platform.put(line("2"))
    assert refused(platform, old) == (0, "made_at")


@pytest.mark.parametrize("what", ["cut", "changed"])
def test_a_file_that_is_not_whole_is_refused(platform: Platform, what: str) -> None:
    path = platform.feed(line("1"), line("2"), line("3"))
    text = path.read_text()
    path.write_text(text[: text.rindex("\n", 0, -1) + 1] if what == "cut" else text[:-3] + "00\n")
    assert refused(platform, path) == (1, "count" if what == "cut" else "sha256")


def test_blinding_that_fails_leaves_everything_as_it_was(platform: Platform) -> None:
    platform.put(line("1"))
    path = platform.feed(line("2"))
    before = platform.content()

    async def no_keys(
        indexes: Sequence[bytes], cards: Sequence[bytes], generation: int
    ) -> tuple[list[bytes], list[bytes]]:
        raise UnavailableError("the blinding process does not answer")

    async def take() -> None:
        async with await Database.open(platform.db.dsn("rempart_intake"), max_size=1) as database:
            with path.open("rb") as file:
                await import_feed(database, no_keys, file, datetime.now(UTC))

    with pytest.raises(UnavailableError):
        asyncio.run(take())
    assert platform.content() == before


def test_a_second_large_feed_takes_no_longer_than_the_first(platform: Platform) -> None:
    # Without statistics on the staged rows a planner may choose a loop in a loop.
    path = platform.feed(*(line(str(n)) for n in range(1, 4001)))
    began = time.monotonic()
    platform.take(path)
    first = time.monotonic() - began
    platform.take(path)
    assert time.monotonic() - began - first < 2 * first + 0.5
