"""A server that starts is taken up by whoever shows the mark; one that went back is not."""

from pathlib import Path

import psycopg
import pytest

from rempart.foundation.continuity import Mark, MarkError, keep_mark_once
from tests.support.asking import Site, one
from tests.support.copies import copied, restore
from tests.support.database import DatabaseUnderTest


def refused(db: DatabaseUnderTest, mark: Mark) -> str | None:
    return keep_mark_once(db.dsn("rempart_jobs"), mark)


def start_again(db: DatabaseUnderTest) -> None:
    """Make the server's start another than the one that was taken up."""
    db.owner.execute("update guard.clock set boot = boot - interval '1 hour'")


def test_a_server_that_starts_answers_once_it_shows_what_was_known(
    site: Site, tmp_path: Path
) -> None:
    mark = Mark(tmp_path / "mark")
    assert refused(site.db, mark) is None
    site.ask(site.question())
    start_again(site.db)
    with pytest.raises(psycopg.Error) as raised:
        site.ask(site.question())
    assert raised.value.sqlstate == "RP503"
    with pytest.raises(psycopg.Error) as raised:
        site.db.connect("rempart_jobs").execute("select guard.beat(1)")
    assert raised.value.sqlstate == "RP503"
    assert refused(site.db, mark) is None
    site.connection = None
    assert site.outcome(site.question("bob")) == "covered"


def test_a_database_that_went_back_is_not_taken_up(site: Site, tmp_path: Path) -> None:
    mark, copy_of_mark = Mark(tmp_path / "mark"), tmp_path / "copied" / "mark"
    with copied(site) as copy:
        site.ask(site.question())
        assert refused(copy.db, mark) == "no_mark"
        assert refused(site.db, mark) is None
        assert refused(copy.db, mark) == "entry_missing"
        # A copy of the mark is none, even in the folder of a database that fits it.
        copy_of_mark.parent.mkdir()
        copy_of_mark.write_bytes(mark.path.read_bytes())
        assert Mark(copy_of_mark).read() is None
        mark.path.write_text("{}")
        assert refused(copy.db, mark) == "no_mark"
        with pytest.raises(psycopg.Error) as raised:
            copy.ask(copy.question())
        assert raised.value.sqlstate == "RP503"
        restore(copy.db)
        assert refused(copy.db, mark) is None
        # From now on the database that was believed lost is the one that does not fit.
        start_again(site.db)
        assert refused(site.db, mark) == "another_epoch"


def test_a_leaf_that_is_another_is_not_the_entry(site: Site) -> None:
    start_again(site.db)
    jobs = site.db.connect("rempart_jobs")
    row = one(jobs, "select epoch, entry_no, leaf_hash from foundation.read_mark()")
    take_up = "select foundation.take_up(%s, %s, %s) as refused"
    assert one(jobs, take_up, row["epoch"], row["entry_no"], bytes(32))["refused"] is not None
    assert one(jobs, take_up, row["epoch"], row["entry_no"], None)["refused"] is not None
    assert one(jobs, take_up, row["epoch"], None, row["leaf_hash"])["refused"] is not None
    assert one(jobs, take_up, *row.values())["refused"] is None


def test_a_mark_that_cannot_be_written_is_said(site: Site, tmp_path: Path) -> None:
    with pytest.raises(MarkError):
        refused(site.db, Mark(tmp_path / "no such folder" / "mark"))
