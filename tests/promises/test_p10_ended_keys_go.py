"""P10: what index keys leave that have ended is erased by a run, and stands in its certificate."""

from pathlib import Path

import msgspec
import pytest

from rempart.cli.purging import purge_from_now
from rempart.foundation.database import Database
from rempart.journal import check_certificate, make_certificate, read_certificate
from rempart.journal.purges import WHAT
from tests.registry.feeds import day, end, line
from tests.registry.platform import Platform
from tests.support import turning
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest
from tests.support.purging import SIGNER, as_role, assert_whole, counts, number, purged

STAY = [line(str(n)) for n in range(1, 21)]
FORESEEN = "select due from journal.foresee_purge(36) where what = %s"
ERASE = "select * from registry.erase_generation(1000)"


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """Of 22 members one left long ago; one is left out by the feed of a turn that has ended."""
    made = Platform(db, tmp_path)
    made.put(*STAY, line("98"), line("99"))
    made.take(made.delta(end("98", day(-40))))
    purged(db)
    turning.begin(db)
    made.put(*STAY)
    assert turning.mark_ended(db, now=True) is None
    return made


def test_a_certificate_says_what_ended_keys_left(platform: Platform) -> None:
    db = platform.db
    assert turning.under(db) == {1: 1, 2: len(STAY)}
    assert turning.under(db, "departed") == {1: 1}
    assert [number(db, FORESEEN, what) for what in WHAT[-2:]] == [1, 1]
    made = purged(db)
    assert counts(made) == dict.fromkeys(WHAT, 0) | {"turned_cover": 1, "turned_departed": 1}
    statement = check_certificate(read_certificate(msgspec.json.encode(made)), SIGNER.public_key)
    assert statement.erased("turned_cover") == 1
    assert turning.under(db) == {2: len(STAY)}
    assert turning.under(db, "departed") == {}
    assert set(counts(purged(db)).values()) == {0}
    assert_whole(db)


def test_a_run_that_was_cut_off_before_the_end_is_ended_first(platform: Platform) -> None:
    """It keeps its dates, of the day before; the certificate of the next one says what went."""
    db = platform.db
    db.connect("rempart_jobs").execute("select * from journal.open_purge('schedule', 36)")
    db.owner.execute("update journal.purge_part set before = before - 1")

    async def runs(database: Database) -> list[int]:
        told = []
        for closed in await purge_from_now(database, "console", 36):
            made = await make_certificate(database, closed, SIGNER)
            assert made is not None
            told.append(counts(made)["turned_cover"])
        return told

    assert as_role(db, "rempart_jobs", runs) == [0, 1]
    assert turning.under(db) == {2: len(STAY)}


def test_covers_whose_insurer_a_feed_holds_are_come_back_to(platform: Platform) -> None:
    jobs, feed = platform.db.connect("rempart_jobs"), platform.db.connect("rempart_migrator")
    jobs.execute("select * from journal.open_purge('console', 36)")
    with feed.transaction():
        feed.execute("select from registry.insurer for update")
        assert one(jobs, ERASE) == {"erased": 0, "done": False, "held": True}
    told = [one(jobs, ERASE) for _ in range(3)]
    assert [row["erased"] for row in told] == [1, 1, 0]
    assert [row["done"] for row in told] == [False, False, True]
