"""What a hostile intake may try with the feed's functions: it holds three of them and no table."""

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


def opened_by(platform: Platform, amc: str = AMC) -> tuple[Connection, dict[str, Any]]:
    intake = platform.db.connect("rempart_intake", autocommit=False)
    row = intake.execute(
        "select * from registry.open_feed(%s, now(), %s)", (amc, bytes(32))
    ).fetchone()
    assert row is not None
    return intake, dict(row)


def stage(intake: Connection, feed: int, plan: int, /, **changes: object) -> None:
    row = dict(zip(("index", "reference", "begins", "ends"), ROW, strict=True)) | changes
    intake.execute(
        "select registry.stage_coverage(%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            feed,
            [row["index"]],
            [row["reference"]],
            [plan],
            [row["begins"]],
            [row["ends"]],
            [row.get("rank", 1)],
            [b""],
        ),
    )


def swap(intake: Connection, feed: int, count: int) -> object:
    found = intake.execute("select * from registry.swap_feed(%s, %s, false)", (feed, count))
    return found.fetchall()[0]["refused_because"]


@pytest.mark.parametrize("table", ["insurer", "plan", "feed", "coverage", "staged_coverage"])
def test_it_reads_and_writes_no_table(platform: Platform, table: str) -> None:
    intake = platform.db.connect("rempart_intake")
    for statement in (f"select from registry.{table}", f"delete from registry.{table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            intake.execute(statement)


def test_refuse_feed_and_match_are_not_for_it(platform: Platform) -> None:
    intake = platform.db.connect("rempart_intake")
    for call in ("refuse_feed(1, 1, 1, true)", "match(1, '', '', '', '', now()::date)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            intake.execute(f"select * from registry.{call}")


def test_a_transaction_has_one_insurer(platform: Platform) -> None:
    platform.add_insurer("990002")
    intake, _ = opened_by(platform)
    with pytest.raises(psycopg.errors.UniqueViolation):
        intake.execute("select registry.open_feed('990002', now(), %s)", (bytes(32),))


def test_a_feed_ends_with_its_transaction(platform: Platform) -> None:
    intake, opened = opened_by(platform)
    intake.commit()
    attempts: list[Callable[[], object]] = [
        lambda: stage(intake, opened["feed_id"], opened["plan_ids"][0]),
        lambda: swap(intake, opened["feed_id"], 0),
    ]
    for attempt in attempts:
        with pytest.raises(psycopg.Error) as caught:
            attempt()
        assert caught.value.sqlstate == "RP021"
        intake.rollback()


def test_an_insurers_feed_reaches_no_other_insurer(platform: Platform) -> None:
    platform.add_insurer("990002")
    platform.put(line("1"), amc="990002")
    owner = platform.db.owner
    owner.execute("begin")
    owner.execute("set local role rempart_def_intake")
    owner.execute("select registry.open_feed(%s, now(), %s)", (AMC, bytes(32)))
    assert owner.execute("select from registry.coverage").fetchall() == []
    changed = owner.execute("update registry.coverage set valid_to = valid_from").rowcount
    assert changed == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        owner.execute(
            "insert into registry.staged_coverage select f.feed_id, f.insurer_id + 1, %s, %s,"
            " 1, now(), now(), 1 from registry.feed f where f.state = 'open'",
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
    assert swap(intake, opened["feed_id"], 2) == "count_differs"
    stage(intake, opened["feed_id"], theirs["plan_id"], index=b"j" * 32)
    assert swap(intake, opened["feed_id"], 2) == "plan_unknown"


def test_two_covers_at_once_are_refused(platform: Platform) -> None:
    intake, opened = opened_by(platform)
    for begins in (date(2026, 1, 1), date(2026, 12, 31)):
        stage(
            intake,
            opened["feed_id"],
            opened["plan_ids"][0],
            begins=begins,
            ends=begins + timedelta(days=364),
        )
    assert swap(intake, opened["feed_id"], 2) == "covers_overlap"


@pytest.mark.parametrize("changes", [{"index": b"j" * 32}, {"reference": b"s" * 16, "rank": 2}])
def test_a_reference_is_one_persons(platform: Platform, changes: dict[str, Any]) -> None:
    intake, opened = opened_by(platform)
    stage(intake, opened["feed_id"], opened["plan_ids"][0])
    stage(intake, opened["feed_id"], opened["plan_ids"][0], **changes)
    assert swap(intake, opened["feed_id"], 2) == "references_not_one_to_one"


def test_a_second_import_waits_for_the_first(platform: Platform) -> None:
    opened_by(platform)
    second = platform.db.connect("rempart_intake", autocommit=False)
    second.execute("set lock_timeout = '100ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        second.execute("select registry.open_feed(%s, now(), %s)", (AMC, bytes(32)))


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer that feeds nothing yet."""
    return Platform(db, tmp_path)
