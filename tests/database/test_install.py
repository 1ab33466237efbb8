"""Installing: idempotent, one at a time, forward only, and it gives up rather than block."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from rempart.database import install, installer
from rempart.database.installer import InstallError, Migration, migrations_known
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import UnavailableError
from tests.support.asking import Site, one
from tests.support.database import DatabaseUnderTest

SUPERUSER = EmbeddedPostgres.superuser


def again(db: DatabaseUnderTest) -> dict[str, int]:
    return asyncio.run(install(db.dsn(SUPERUSER), db.keyring))


def surface(db: DatabaseUnderTest) -> list[dict[str, object]]:
    """Who may do what, and which policies there are."""
    return db.owner.execute(
        "select p.oid::regprocedure::text as name, p.proowner::regrole::text as owner,"
        " array(select a::text from unnest(p.proacl) a order by 1) as acl"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('rights', 'guard', 'journal', 'identity', 'registry', 'billing')"
        " union all select polrelid::regclass::text, polname, polroles::regrole[]::text[]"
        " from pg_policy order by 1, 2"
    ).fetchall()


def test_installing_again_changes_nothing(site: Site) -> None:
    question = site.question()
    assert site.outcome(question) == "covered"
    before = surface(site.db)
    done = again(site.db)
    assert done["migrations"] == 0
    assert done["functions"] > 30
    assert surface(site.db) == before
    site.connection = None
    assert site.outcome(site.question("bob")) == "covered"


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [migration.number for migration in migrations_known()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_database_from_a_newer_version_is_refused(db: DatabaseUnderTest) -> None:
    db.owner.execute(
        "insert into foundation.migration (number, name, digest)"
        " values (9999, 'from_tomorrow', sha256(''))"
    )
    with pytest.raises(InstallError, match="run the newer version"):
        again(db)


def test_a_migration_that_was_changed_is_refused(db: DatabaseUnderTest) -> None:
    db.owner.execute("update foundation.migration set digest = sha256('') where number = 3")
    with pytest.raises(InstallError, match="migration 3 was changed"):
        again(db)


def test_a_migration_that_fails_leaves_nothing(
    db: DatabaseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = migrations_known()
    broken = Migration(
        len(known) + 1, "broken", "set role rempart_owner; create table rights.x (); select 1 / 0"
    )
    monkeypatch.setattr(installer, "migrations_known", lambda: [*known, broken])
    with pytest.raises(Exception, match="22012"):
        again(db)
    assert one(db.owner, "select to_regclass('rights.x') as x")["x"] is None
    assert one(db.owner, "select max(number) as n from foundation.migration")["n"] == len(known)
    monkeypatch.undo()
    assert again(db)["migrations"] == 0


def test_two_installers_take_turns(db: DatabaseUnderTest) -> None:
    done: list[dict[str, int]] = []
    threads = [threading.Thread(target=lambda: done.append(again(db))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [one_of["migrations"] for one_of in done] == [0, 0]


@contextmanager
def locked(db: DatabaseUnderTest, table: str) -> Iterator[None]:
    holder = psycopg.connect(db.dsn(SUPERUSER))
    try:
        holder.execute(f"lock table {table} in access exclusive mode")
        yield
    finally:
        holder.rollback()
        holder.close()


@pytest.mark.slow
def test_a_lock_that_is_not_to_be_had_ends_the_install(db: DatabaseUnderTest) -> None:
    with locked(db, "guard.budget"), pytest.raises(UnavailableError):
        again(db)
    assert again(db)["migrations"] == 0


def test_months_are_made_ahead_and_each_refuses_change(db: DatabaseUnderTest) -> None:
    ready = one(db.owner, "select * from foundation.ready()")
    assert ready["months_ahead"] == 3
    assert ready["stray_entries"] == 0
    unguarded = db.owner.execute(
        "select c.oid::regclass::text as name from pg_class c where c.relnamespace ="
        " 'journal'::regnamespace and c.relname like 'entry%%' and c.relkind in ('r', 'p')"
        " and (select count(*) from pg_trigger t where t.tgrelid = c.oid"
        "      and t.tgname in ('never_changed', 'never_truncated')) < 2"
    ).fetchall()
    assert unguarded == []


def test_an_entry_outside_any_month_is_kept_and_alarms(site: Site) -> None:
    """A month that was not made stops nobody; it turns the readiness probe red."""
    month = one(site.db.owner, "select to_char(now() at time zone 'UTC', 'YYYY_MM') as m")["m"]
    for table in ("entry", "payload"):
        site.db.owner.execute(f"drop table journal.{table}_{month}")
    assert site.outcome(site.question()) == "covered"
    ready = one(site.db.owner, "select * from foundation.ready()")
    assert ready["stray_entries"] == 1
    assert ready["months_ahead"] < 1
