"""The 1st of the month at midnight, in virtual time: entries land in a month that was made.

The time is the only thing that is played: `clock_timestamp` and `now` cannot be set in PostgreSQL,
so the journal's rows are given instants of their own as the owner, and `journal.make_months` and
`foundation.ready` are made anew with `now()` replaced in their text by the instant of the test.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

import rempart.database
import rempart.foundation
import rempart.journal
from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.journal import make_months
from tests.support.asking import Site, one
from tests.support.database import DatabaseUnderTest

PARIS = ZoneInfo("Europe/Paris")
MONTHS = Path(rempart.database.__file__).with_name("months.sql")
GRANTS = MONTHS.with_name("grants.sql")
MAKE_MONTHS = Path(rempart.journal.__file__).parent / "sql" / "make_months.sql"
READY = Path(rempart.foundation.__file__).parent / "sql" / "ready.sql"
SECOND = timedelta(seconds=1)


def at(db: DatabaseUnderTest, file: Path, instant: datetime) -> None:
    """Make a function of ours anew as if it were another time; then months, as an upgrade does."""
    played = f"'{instant.isoformat()}'::timestamptz"
    function = MAKE_MONTHS if file == MONTHS else file
    text = function.read_text()
    assert text.count("now()") == 1 + (file == READY)
    db.owner.execute(text.replace("now()", played).encode())
    if file == MONTHS:
        db.owner.execute(file.read_bytes())


def work(db: DatabaseUnderTest) -> int:
    """Do what `rempart jobs` does: `make_months` under its own role; how many tables it made."""

    async def make() -> int:
        async with await Database.open(db.dsn("rempart_jobs"), max_size=1) as jobs:
            return await make_months(jobs)

    return asyncio.run(make())


def ready(db: DatabaseUnderTest, instant: datetime) -> dict[str, object]:
    at(db, READY, instant)
    return one(db.owner, "select * from foundation.ready()")


def place(db: DatabaseUnderTest, instant: datetime) -> tuple[str, str]:
    """Put one entry and its payload at an instant; in which tables each landed."""
    found = []
    for table in ("entry", "payload"):
        columns = one(
            db.owner,
            "select string_agg(quote_ident(a.attname), ', ' order by a.attnum) as names"
            " from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0"
            " and not a.attisdropped and a.attname <> 'recorded_at'",
            f"journal.{table}",
        )["names"]
        found.append(
            one(
                db.owner,
                f"insert into journal.{table} (recorded_at, {columns})"
                f" select %s, {columns} from journal.{table} limit 1"
                " returning tableoid::regclass::text as name",
                instant,
            )["name"]
        )
    return found[0], found[1]


@pytest.fixture
def asked(site: Site) -> Site:
    site.ask(site.question())
    return site


def named(month: str) -> tuple[str, str]:
    return f"journal.entry_{month}", f"journal.payload_{month}"


MIDNIGHTS = {
    "the 1st in UTC": (datetime(2031, 5, 1, tzinfo=UTC), "2031_04", "2031_05"),
    "the 1st in Paris is the day before": (
        datetime(2031, 5, 1, tzinfo=PARIS), "2031_04", "2031_04",
    ),
    "the year's end": (datetime(2032, 1, 1, tzinfo=UTC), "2031_12", "2032_01"),
    "the year's end in Paris": (datetime(2032, 1, 1, tzinfo=PARIS), "2031_12", "2031_12"),
    "the 29th of February": (datetime(2032, 3, 1, tzinfo=UTC), "2032_02", "2032_03"),
    "the hour that comes twice": (
        datetime(2031, 10, 26, 2, 30, fold=1, tzinfo=PARIS), "2031_10", "2031_10",
    ),
    "the hour that is skipped": (datetime(2031, 3, 30, 3, tzinfo=PARIS), "2031_03", "2031_03"),
}  # fmt: skip


@pytest.mark.parametrize("when", MIDNIGHTS)
def test_the_seconds_around_midnight_land_in_their_months(asked: Site, when: str) -> None:
    midnight, before, after = MIDNIGHTS[when]
    at(asked.db, MONTHS, midnight - timedelta(days=40))
    for instant, month in (
        (midnight - SECOND, before),
        (midnight - timedelta(microseconds=1), before),
        (midnight, after),
        (midnight + SECOND, after),
    ):
        assert place(asked.db, instant) == named(month), instant
    assert one(asked.db.owner, "select count(*) as n from journal.entry_default")["n"] == 0


@pytest.mark.parametrize("day", [1, 15, 28, 29, 30, 31])
def test_three_months_are_made_whatever_the_day(asked: Site, day: int) -> None:
    """From the 31st too: 31 days on is not a month on."""
    today = datetime(2031, 1, day, 23, 59, 59, tzinfo=UTC)
    at(asked.db, MONTHS, today)
    assert ready(asked.db, today)["months_ahead"] == 3
    assert place(asked.db, datetime(2031, 4, 30, 23, 59, 59, tzinfo=UTC)) == named("2031_04")
    assert place(asked.db, datetime(2031, 5, 1, tzinfo=UTC)) == named("default")


def test_readiness_turns_red_a_month_before_there_is_none(asked: Site) -> None:
    """Made in January for February to April: red from March on."""
    at(asked.db, MONTHS, datetime(2031, 1, 31, 23, 59, 59, tzinfo=UTC))
    seen = [
        ready(asked.db, instant)["months_ahead"]
        for instant in (
            datetime(2031, 2, 1, tzinfo=UTC),
            datetime(2031, 2, 28, 23, 59, 59, tzinfo=UTC),
            datetime(2031, 3, 1, tzinfo=UTC),
            datetime(2031, 3, 31, 23, 59, 59, tzinfo=UTC),
            datetime(2031, 4, 30, 23, 59, 59, tzinfo=UTC),
            datetime(2031, 5, 1, tzinfo=UTC),
        )
    ]
    assert seen == [2, 2, 1, 1, 0, -1]


def test_a_month_that_nobody_made_is_made_of_its_strays(asked: Site) -> None:
    """Entries are kept, they alarm, and the next upgrade puts them right without moving one."""
    at(asked.db, MONTHS, datetime(2031, 1, 31, tzinfo=UTC))
    late = datetime(2031, 5, 1, 0, 0, 1, tzinfo=UTC)
    assert place(asked.db, late) == named("default")
    assert ready(asked.db, late)["stray_entries"] == 1
    at(asked.db, MONTHS, late)
    asked.db.owner.execute(GRANTS.read_bytes())
    found = ready(asked.db, late)
    assert (found["stray_entries"], found["months_ahead"]) == (0, 3)
    kept = "select tableoid::regclass::text as name from journal.entry where recorded_at = %s"
    assert one(asked.db.owner, kept, late)["name"] == "journal.entry_2031_05"
    assert place(asked.db, late + SECOND) == named("2031_05")
    for table in named("2031_05")[:1]:
        with pytest.raises(psycopg.Error) as raised:
            asked.db.owner.execute(f"truncate {table}")
        assert raised.value.sqlstate == "RP100"
        with pytest.raises(psycopg.Error) as raised:
            asked.db.owner.execute(f"delete from {table}")
        assert raised.value.sqlstate == "RP100"


def test_strays_of_two_months_are_left_for_somebody_to_see(asked: Site) -> None:
    at(asked.db, MONTHS, datetime(2031, 1, 31, tzinfo=UTC))
    for late in (datetime(2031, 5, 1, tzinfo=UTC), datetime(2031, 6, 1, tzinfo=UTC)):
        assert place(asked.db, late) == named("default")
    with pytest.raises(psycopg.errors.CheckViolation):
        at(asked.db, MONTHS, late)
    asked.db.owner.execute("reset role")
    assert ready(asked.db, late)["stray_entries"] == 2


def test_making_months_again_at_midnight_changes_nothing(asked: Site) -> None:
    midnight = datetime(2031, 12, 31, 23, 59, 59, tzinfo=UTC)
    names = "select count(*) as n from pg_inherits where inhparent = 'journal.entry'::regclass"
    at(asked.db, MONTHS, midnight)
    made = one(asked.db.owner, names)["n"]
    at(asked.db, MONTHS, midnight)
    assert one(asked.db.owner, names)["n"] == made
    at(asked.db, MONTHS, midnight + 2 * SECOND)
    assert one(asked.db.owner, names)["n"] == made + 1


def test_the_background_work_makes_the_next_month(asked: Site) -> None:
    """As rempart_jobs, which may not touch a table; the month is then as good as the others."""
    db, may = asked.db, datetime(2031, 5, 1, tzinfo=UTC)
    at(db, MONTHS, datetime(2031, 1, 31, tzinfo=UTC))
    assert work(db) == 0
    played = MAKE_MONTHS.read_text().replace("now()", "'2031-02-01 00:00:01+00'::timestamptz")
    db.owner.execute(played.encode())
    assert work(db) == len(named("2031_05"))
    assert work(db) == 0
    assert place(db, may - SECOND) == named("2031_04")
    assert place(db, may) == named("2031_05")
    for name in named("2031_05"):
        rows = db.owner.execute(
            "select relowner::regrole::text as owner, relacl, relrowsecurity, relforcerowsecurity"
            " from pg_class where oid = %s::regclass",
            (name,),
        ).fetchall()
        assert rows == [
            {
                "owner": "rempart_owner", "relacl": None,
                "relrowsecurity": True, "relforcerowsecurity": True,
            }
        ]  # fmt: skip
    for statement in ("truncate {}", "delete from {}", "update {} set tally = 2"):
        with pytest.raises(psycopg.Error) as raised:
            db.owner.execute(statement.format(named("2031_05")[0]).encode())
        assert raised.value.sqlstate == "RP100", statement


def test_the_background_work_gives_up_rather_than_stand_in_the_way(asked: Site) -> None:
    """Somebody reads the journal for long: no month now, and questions are answered."""
    db = asked.db
    at(db, MONTHS, datetime(2031, 1, 31, tzinfo=UTC))
    played = MAKE_MONTHS.read_text().replace("now()", "'2031-02-01 00:00:01+00'::timestamptz")
    db.owner.execute(played.encode())
    reader = db.connect("rempart_migrator", autocommit=False)
    reader.execute("select count(*) from journal.entry")
    with pytest.raises(UnavailableError):
        work(db)
    assert asked.outcome(asked.question()) == "covered"
    reader.rollback()
    assert work(db) == len(named("2031_05"))
