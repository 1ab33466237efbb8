"""Who left is remembered: nobody comes back under another reference without the operator's word."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from rempart.registry import Imported
from tests.registry.departing import LONG_AGO, all_but, ended_before_it_began, listed, sent
from tests.registry.feeds import AMC, day, end, line, put
from tests.registry.platform import Platform
from tests.registry.rekeying import OTHER, PEOPLE, reference, sealed
from tests.support.database import DatabaseUnderTest
from tests.support.purging import counts, limit, number, purged

KEY_SHAPED = (bytes(32), bytes(32))


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer with thirty members."""
    made = Platform(db, tmp_path)
    made.put(*map(line, PEOPLE))
    return made


def ended_long_ago_and_erased(platform: Platform) -> None:
    assert sent(platform, platform.delta(end("1", day(-60)))) == Imported(1, 1)
    assert counts(purged(platform.db))["cover"] == 1


def left_out_and_erased(platform: Platform) -> None:
    """Left out of a full feed he is covered until yesterday; nights later that goes too."""
    assert sent(platform, platform.feed(*all_but("1"))) == Imported(29, 1)
    owner = platform.db.owner
    owner.execute("update registry.coverage set valid_to = valid_to - 40 where valid_to < now()")
    assert counts(purged(platform.db))["cover"] == 1


def left_out_before_it_began(platform: Platform) -> None:
    """A cover to come takes the place of his, and is left out again."""
    to_come = line("1", valid_from=day(30))
    assert isinstance(sent(platform, platform.feed(*all_but("1"), to_come)), Imported)
    assert isinstance(sent(platform, platform.feed(*all_but("1"))), Imported)


def left_out_again_when_it_was_over(platform: Platform) -> None:
    """A full feed erases what ended over a month ago of whoever is not in it."""
    over = line("1", valid_to=day(-40))
    assert isinstance(sent(platform, platform.feed(*all_but("1"), over)), Imported)
    assert isinstance(sent(platform, platform.feed(*all_but("1"))), Imported)


WAYS_OUT = [
    ended_before_it_began,
    ended_long_ago_and_erased,
    left_out_and_erased,
    left_out_before_it_began,
    left_out_again_when_it_was_over,
]


@pytest.mark.parametrize("is_delta", [True, False], ids=["delta", "full"])
@pytest.mark.parametrize("leave", WAYS_OUT, ids=lambda way: way.__name__)
def test_whoever_was_taken_out_does_not_come_back_as_somebody_new(
    platform: Platform, leave: object, is_delta: bool
) -> None:
    """The insurer's key alone: out by one feed, back by the next under another reference."""
    assert callable(leave)
    leave(platform)
    gone = platform.match("1")
    assert gone["member_reference"] is None  # nothing in force knows him
    if is_delta:
        path = platform.delta(put("1"), keys=OTHER)
    else:
        path = platform.feed(*all_but("1"), line("1"))
        lines = path.read_bytes().replace(
            reference("1").hex().encode(), reference("1", OTHER).hex().encode()
        )
        path = sealed(path, lines.splitlines(keepends=True))
    assert isinstance(sent(platform, path), str)
    assert platform.match("1")["member_reference"] is None


def test_with_his_own_reference_he_comes_back_unasked(platform: Platform) -> None:
    ended_before_it_began(platform)
    assert listed(platform) == [reference("1")]
    assert sent(platform, platform.delta(put("1"))) == Imported(1, 0)
    assert platform.match("1")["member_reference"] == reference("1")
    assert listed(platform) == []


def test_the_operators_word_lets_him_come_back_under_another(platform: Platform) -> None:
    """In a full feed a few are their own map; it is still somebody known who is renamed."""
    ended_before_it_began(platform)
    path = platform.feed(*map(line, PEOPLE))
    changed = path.read_bytes().replace(
        reference("1").hex().encode(), reference("1", OTHER).hex().encode()
    )
    sealed(path, changed.splitlines(keepends=True))
    before = platform.content()
    assert "go-ahead" in str(sent(platform, path))
    assert platform.content() == before
    found = platform.take(path)
    assert isinstance(found, Imported)
    assert found.renamed == 1
    assert platform.match("1")["member_reference"] == reference("1", OTHER)
    former = platform.db.owner.execute("select former, current from registry.former_reference")
    assert [tuple(row.values()) for row in former] == [(reference("1"), reference("1", OTHER))]
    assert listed(platform) == []


def test_ending_whoever_left_changes_nothing(platform: Platform) -> None:
    ended_before_it_began(platform)
    assert sent(platform, platform.delta(end("1"), keys=OTHER)) == Imported(1, 0)
    assert listed(platform) == [reference("1")]


def test_only_the_last_cover_that_goes_makes_one_leave(platform: Platform) -> None:
    twice = (put("1", cover_rank="2", valid_from=day(-10)), put("1", valid_to=day(-40)))
    assert isinstance(sent(platform, platform.delta(*twice)), Imported)
    assert counts(purged(platform.db))["cover"] == 1
    assert listed(platform) == []
    # Other days and another rank: a renewal is no leaving, within one statement or two.
    assert isinstance(sent(platform, platform.delta(put("1", valid_from=day(-9)))), Imported)
    assert listed(platform) == []
    assert isinstance(sent(platform, platform.delta(end("1", day(LONG_AGO)))), Imported)
    assert listed(platform) == [reference("1")]


def test_whoever_the_operator_ends_is_remembered_too(platform: Platform) -> None:
    intake = platform.db.connect("rempart_intake")
    row = intake.execute(
        "select ended from registry.end_member(%s, %s, current_date - 500)", (AMC, reference("1"))
    ).fetchone()
    assert row == {"ended": 1}
    assert listed(platform) == [reference("1")]


def test_each_insurer_has_its_own_list(platform: Platform) -> None:
    platform.add_insurer("990002")
    platform.put(line("1"), amc="990002")
    path = platform.delta(end("1", day(LONG_AGO)), amc="990002")
    assert platform.take(path) == Imported(1, 1)
    ended_before_it_began(platform)
    # Who works on a feed of one sees, renames and deletes the rows of that one.
    owner = platform.db.owner
    with owner.transaction(force_rollback=True):
        owner.execute("select registry.open_feed(%s, 'full', now(), %s, 1, %s)", (AMC, *KEY_SHAPED))
        owner.execute("set local role rempart_def_intake")
        seen = owner.execute("select member_reference as r from registry.departed").fetchall()
        assert [bytes(row["r"]) for row in seen] == [reference("1")]
        assert owner.execute("delete from registry.departed").rowcount == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(
                "insert into registry.departed select insurer_id, %s, %s, current_date"
                " from registry.insurer where amc_number = '990002'",
                (b"i" * 32, b"r" * 16),
            )
    with owner.transaction(force_rollback=True):
        owner.execute("set local role rempart_def_intake")
        assert owner.execute("select from registry.departed").fetchall() == []
    assert len(listed(platform)) == 2


def test_the_list_forgets_after_fourteen_months(platform: Platform) -> None:
    assert platform.take(platform.delta(*(end(n, day(LONG_AGO)) for n in ("1", "2")))) == Imported(
        2, 2
    )
    aged = "update registry.departed set left_on = %s where member_reference = %s"
    before = limit(platform.db, "departed")
    assert limit(platform.db, "met") - before >= timedelta(days=28)
    platform.db.owner.execute(aged, (before, reference("1")))
    platform.db.owner.execute(aged, (before - timedelta(days=1), reference("2")))
    foreseen = "select due from journal.foresee_purge(36) where what = 'departed'"
    assert number(platform.db, foreseen) == 1
    # Whatever a run says, what is younger stays.
    jobs = platform.db.connect("rempart_jobs")
    jobs.execute("select * from journal.open_purge('console', 36)")
    platform.db.owner.execute("update journal.purge_part set before = current_date + 9")
    assert counts(purged(platform.db))["departed"] == 1
    assert listed(platform) == [reference("1")]
    # By then nobody is left who knows the other: he is a newcomer.
    assert sent(platform, platform.delta(put("2"), keys=OTHER)) == Imported(1, 0)


def test_erasing_and_a_swap_never_meet_at_one_insurers_covers(platform: Platform) -> None:
    """Each would see the cover that the other takes, and neither would remember who left."""
    platform.add_insurer("990002")
    platform.put(line("1", valid_to=day(-40)), amc="990002")
    twice = (put("1", cover_rank="2", valid_from=day(-10)), put("1", valid_to=day(-40)))
    assert isinstance(sent(platform, platform.delta(*twice)), Imported)
    jobs, feed = platform.db.connect("rempart_jobs"), platform.db.connect("rempart_migrator")
    jobs.execute("select * from journal.open_purge('console', 36)")
    with feed.transaction():
        feed.execute("select registry.end_member(%s, %s, current_date - 20)", (AMC, reference("1")))
        erased = jobs.execute("select * from registry.erase_covers(5000)").fetchone()
        assert erased == {"erased": 1, "done": False, "held": True}  # the other insurer's
    erased = jobs.execute("select * from registry.erase_covers(5000)").fetchone()
    assert erased == {"erased": 1, "done": True, "held": False}
    assert reference("1") in listed(platform)
