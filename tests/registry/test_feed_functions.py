"""What a hostile intake may try with the feed's functions: it holds five of them and no table."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.registry.feeds import AMC, line
from tests.registry.platform import Platform
from tests.support.database import Connection, DatabaseUnderTest

ROW = (b"i" * 32, b"r" * 16, date(2026, 1, 1), date(2026, 12, 31))


TOKEN = b"t" * 32
OPEN = "select * from registry.open_feed(%s, 'full', now(), %s, %s, sha256(%s))"


def opened_by(
    platform: Platform, due: int = 2, amc: str = AMC, token: bytes = TOKEN
) -> tuple[Connection, dict[str, Any]]:
    intake = platform.db.connect("rempart_intake", autocommit=False)
    row = intake.execute(OPEN, (amc, bytes(32), due, token)).fetchone()
    assert row is not None
    return intake, dict(row)


def stage(intake: Connection, feed: int, plan: int, before: int = 0, /, **changes: object) -> None:
    row = dict(zip(("index", "reference", "begins", "ends"), ROW, strict=True)) | changes
    intake.execute(
        "select registry.stage_coverage(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '{}')",
        (
            feed,
            changes.get("token", TOKEN),
            before,
            [row["index"]],
            [row["reference"]],
            [plan],
            [row["begins"]],
            [row["ends"]],
            [row.get("rank", 1)],
            [b""],
        ),
    )


def swap(intake: Connection, feed: int, token: bytes = TOKEN) -> object:
    found = intake.execute(
        "select * from registry.swap_feed(%s, %s, false, false, false, true)", (feed, token)
    )
    return found.fetchall()[0]["refused_because"]


@pytest.mark.parametrize(
    "table",
    [
        "insurer",
        "plan",
        "feed",
        "feed_work",
        "coverage",
        "staged_coverage",
        "former_reference",
        "departed",
        "staged_reference",
    ],
)
def test_it_reads_and_writes_no_table(platform: Platform, table: str) -> None:
    intake = platform.db.connect("rempart_intake")
    for statement in (f"select from registry.{table}", f"delete from registry.{table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            intake.execute(statement)


def test_the_other_functions_are_not_for_it(platform: Platform) -> None:
    intake = platform.db.connect("rempart_intake")
    for call in (
        "refuse_feed(1, 1, 1, true)",
        "refuse_references(1, 1, true, 1)",
        "rename_references(1, 1, 1)",
        "current_reference(1, '')",
        "foresee_feed(1, 1, true)",
        "work_on_feed(1, '')",
        "match(1, '{}', '{}', '', '', now()::date)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            intake.execute(f"select * from registry.{call}")


def test_a_transaction_has_one_insurer(platform: Platform) -> None:
    platform.add_insurer("990002")
    intake, _ = opened_by(platform)
    with pytest.raises(psycopg.errors.UniqueViolation):
        intake.execute(OPEN, ("990002", bytes(32), 1, TOKEN))


def test_a_feed_is_worked_on_with_its_token_alone(platform: Platform) -> None:
    platform.add_insurer("990002")
    intake, ours = opened_by(platform, 1)
    intake.commit()
    other, theirs = opened_by(platform, 1, "990002", b"u" * 32)
    other.commit()
    feed, plan = ours["feed_id"], ours["plan_ids"][0]
    attempts: list[Callable[[], object]] = [
        lambda: stage(other, feed, plan, token=b"u" * 32),
        lambda: stage(other, theirs["feed_id"], plan),
        lambda: stage(other, feed, plan, token=None),
        lambda: swap(other, feed, b"u" * 32),
        lambda: swap(other, feed + 100),
        lambda: other.execute("select registry.leave_feed(%s, %s)", (feed, b"u" * 32)),
    ]
    for attempt in attempts:
        with pytest.raises(psycopg.Error) as caught:
            attempt()
        assert caught.value.sqlstate == "RP021"
        other.rollback()
    stage(intake, feed, plan)
    assert swap(intake, feed) is None


def test_a_feed_in_force_is_worked_on_no_more(platform: Platform) -> None:
    intake, opened = opened_by(platform, 1)
    feed, plan = opened["feed_id"], opened["plan_ids"][0]
    stage(intake, feed, plan)
    assert swap(intake, feed) is None
    with pytest.raises(psycopg.Error) as caught:
        stage(intake, feed, plan, 1)
    assert caught.value.sqlstate == "RP021"


@pytest.mark.parametrize("before", [0, 2])
def test_a_batch_is_taken_once_and_in_its_turn(platform: Platform, before: int) -> None:
    intake, opened = opened_by(platform, 3)
    feed, plan = opened["feed_id"], opened["plan_ids"][0]
    stage(intake, feed, plan)
    intake.commit()
    with pytest.raises(psycopg.Error) as caught:
        stage(intake, feed, plan, before, index=b"j" * 32)
    assert caught.value.sqlstate == "RP022"
    intake.rollback()
    left = platform.db.owner.execute("select person_index from registry.staged_coverage")
    assert len(left.fetchall()) == 1


def test_an_insurers_feed_reaches_no_other_insurer(platform: Platform) -> None:
    platform.add_insurer("990002")
    platform.put(line("1"), amc="990002")
    owner = platform.db.owner
    owner.execute("begin")
    owner.execute("set local role rempart_def_intake")
    owner.execute(OPEN, (AMC, bytes(32), 1, TOKEN))
    assert owner.execute("select from registry.coverage").fetchall() == []
    changed = owner.execute("update registry.coverage set valid_to = valid_from").rowcount
    assert changed == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        owner.execute(
            "insert into registry.staged_coverage select f.feed_id, f.insurer_id + 1, %s, %s,"
            " 1, now(), now(), 1 from registry.feed_work f",
            (b"i" * 32, b"r" * 16),
        )
    owner.execute("rollback")


def test_what_arrives_short_or_foreign_is_refused(platform: Platform) -> None:
    platform.add_insurer("990002")
    theirs = platform.db.owner.execute(
        "select p.plan_id from registry.plan p join registry.insurer i using (insurer_id)"
        " where i.amc_number = '990002'"
    ).fetchone()
    assert theirs is not None
    intake, opened = opened_by(platform)
    stage(intake, opened["feed_id"], opened["plan_ids"][0])
    assert swap(intake, opened["feed_id"]) == "count_differs"
    stage(intake, opened["feed_id"], theirs["plan_id"], 1, index=b"j" * 32)
    assert swap(intake, opened["feed_id"]) == "plan_unknown"


def test_two_covers_at_once_are_refused(platform: Platform) -> None:
    intake, opened = opened_by(platform)
    for before, begins in enumerate((date(2026, 1, 1), date(2026, 12, 31))):
        stage(
            intake,
            opened["feed_id"],
            opened["plan_ids"][0],
            before,
            begins=begins,
            ends=begins + timedelta(days=364),
        )
    assert swap(intake, opened["feed_id"]) == "covers_overlap"


@pytest.mark.parametrize("changes", [{"index": b"j" * 32}, {"reference": b"s" * 16, "rank": 2}])
def test_a_reference_is_one_persons(platform: Platform, changes: dict[str, Any]) -> None:
    intake, opened = opened_by(platform)
    stage(intake, opened["feed_id"], opened["plan_ids"][0])
    stage(intake, opened["feed_id"], opened["plan_ids"][0], 1, **changes)
    assert swap(intake, opened["feed_id"]) == "references_not_one_to_one"


def test_a_reference_is_one_persons_however_far_apart_two_stand(platform: Platform) -> None:
    intake, opened = opened_by(platform, 3)
    for before, (index, reference) in enumerate(((b"i", b"r"), (b"j", b"s"), (b"k", b"r"))):
        row = {"index": index * 32, "reference": reference * 16}
        stage(intake, opened["feed_id"], opened["plan_ids"][0], before, **row)
    assert swap(intake, opened["feed_id"]) == "references_not_one_to_one"


def test_a_second_import_is_refused_not_mixed_in(platform: Platform) -> None:
    intake, opened = opened_by(platform, 1)
    intake.commit()
    second = platform.db.connect("rempart_intake")
    for digest in (bytes(32), b"d" * 32):
        row = second.execute(OPEN, (AMC, digest, 1, b"u" * 32)).fetchone()
        assert row is not None
        assert row["refused_because"] == "feed_under_way"
    # Whoever is silent for long is replaced, and finds his token worth nothing.
    platform.db.owner.execute(
        "update registry.feed_work set worked_at = worked_at - interval '16 seconds'"
    )
    row = second.execute(OPEN, (AMC, b"d" * 32, 1, b"u" * 32)).fetchone()
    assert row is not None
    assert row["refused_because"] is None
    with pytest.raises(psycopg.Error) as caught:
        stage(intake, opened["feed_id"], opened["plan_ids"][0])
    assert caught.value.sqlstate == "RP021"


def test_while_a_swap_runs_nobody_opens_beside_it(platform: Platform) -> None:
    intake, opened = opened_by(platform, 1)
    intake.commit()
    platform.db.owner.execute("update registry.feed_work set worked_at = '-infinity'")
    stage(intake, opened["feed_id"], opened["plan_ids"][0])  # and does not commit
    second = platform.db.connect("rempart_intake")
    second.execute("set lock_timeout = '1s'")
    row = second.execute(OPEN, (AMC, bytes(32), 1, b"u" * 32)).fetchone()
    assert row is not None
    assert row["refused_because"] == "feed_under_way"


def test_what_an_open_feed_needs_is_not_cleared(platform: Platform) -> None:
    intake, opened = opened_by(platform, 1)
    stage(intake, opened["feed_id"], opened["plan_ids"][0])
    intake.commit()
    cleaner = platform.db.connect("rempart_intake")
    for still in (1, 0):
        cleaner.execute("select registry.clear_staged(100)")
        left = platform.db.owner.execute("select from registry.staged_coverage").fetchall()
        assert len(left) == still
        platform.db.owner.execute("delete from registry.feed_work")


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer that feeds nothing yet."""
    return Platform(db, tmp_path)
