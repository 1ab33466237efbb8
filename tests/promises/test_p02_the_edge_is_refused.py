"""P2, tried out: what the edge's role attempts is refused, and nobody changes an entry."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.promises.test_p02_the_edge_reads_no_table import rows
from tests.support.asking import Site
from tests.support.database import Cluster, DatabaseUnderTest, fresh_database

ATTEMPTS = (
    "select * from registry.coverage",
    "select * from journal.payload",
    "select * from identity.token",
    "insert into journal.entry default values",
    "update guard.budget set all_tat = 0",
    "delete from journal.entry",
    "copy journal.payload to stdout",
    "copy (select 1) to program 'true'",
    "truncate journal.entry",
    "select identity.alive('{}', '{}')",
    "select identity.who('{}', '{}', '{}', '{}')",
    "select registry.match(1, '{}', '{}', 'typed', 'PHAR', current_date)",
    "select identity.mint_token('a', 'b', 'c', 'd', 'e', '5 minutes')",
    "select guard.set_caps(2::smallint, 1, 'pharmacien')",
    "select guard.beat(1000000)",
    "create table public.mine (x int)",
    "create table rights.mine (x int)",
    "create temp table mine (x int)",
    "create function pg_temp.f() returns int language sql as 'select 1'",
    "select pg_advisory_lock(1)",
    "select pg_read_file('/etc/passwd')",
    "set role rempart_def_rights",
    "set session_replication_role = replica",
    "alter role rempart_edge superuser",
    "select * from pg_authid",
    "select lo_import('/etc/passwd')",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "select lo_open(1, 131072)",
    "do $$ begin null; end $$",
    *(
        f"select {look}"
        for look in (
            "pg_stat_get_xact_tuples_inserted('billing.engagement'::regclass::oid)",
            "pg_stat_get_tuples_inserted(1)",
            "sum(n_tup_ins) from pg_stat_xact_all_tables",
            "sum(n_tup_ins) from pg_stat_all_tables",
            "sum(heap_blks_hit) from pg_statio_all_tables",
            "count(*) from pg_stat_activity",
            "count(*) from pg_locks",
            "pg_current_wal_lsn()",
            "pg_current_wal_insert_lsn()",
            "wal_bytes from pg_stat_wal",
            "pg_relation_size('pg_class'::regclass)",
            "pg_database_size(current_database())",
            "pg_cancel_backend(1)",
            "pg_terminate_backend(1)",
            "pg_blocking_pids(1)",
            "pg_logical_emit_message(false, 'a', 'b')",
            "checkpoint_lsn from pg_control_checkpoint()",
            "mxid_age('1')",
            "pg_get_multixact_members('1')",
            "pg_isolation_test_session_is_blocked(1, '{}')",
            "count(*) from pg_replication_slots",
        )
    ),
)


@pytest.fixture(scope="module")
def untouched(cluster: Cluster) -> Iterator[DatabaseUnderTest]:
    """A database for all that is refused, and so leaves nothing."""
    with fresh_database(cluster) as database:
        yield database


@pytest.mark.parametrize("statement", ATTEMPTS)
def test_the_edge_is_refused(untouched: DatabaseUnderTest, statement: str) -> None:
    with (
        untouched.connect("rempart_edge") as edge,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        edge.execute(statement)


@pytest.mark.parametrize("name", ["postgres", "template1"])
def test_the_edge_enters_no_database_where_all_is_everybodys(cluster: Cluster, name: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(cluster.dsn("rempart_edge", name))


@pytest.mark.parametrize("table", ["billing.engagement", "pg_catalog.pg_proc"])
@pytest.mark.parametrize(
    "definition",
    [
        "create rule r as on insert to {} do nothing",
        "create trigger t before insert on {} execute function x()",
        "comment on table {} is 'x'",
    ],
)
def test_what_is_refused_to_be_defined_locks_nothing_first(
    untouched: DatabaseUnderTest, table: str, definition: str
) -> None:
    """Waiting for its lock, it would make whoever needs the table wait behind it."""
    with (
        untouched.connect("rempart_migrator", autocommit=False) as holder,
        untouched.connect("rempart_edge") as edge,
    ):
        holder.execute(f"lock table {table} in share update exclusive mode")
        edge.execute("set lock_timeout = '300ms'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="this role defines nothing"):
            edge.execute(definition.format(table))
        holder.rollback()


def test_the_stack_is_worded_for_the_edge_as_it_is_read(db: DatabaseUnderTest) -> None:
    """A server that speaks French would have every question refused."""
    db.owner.execute(f"alter database {db.name} set lc_messages = 'C.UTF-8'")
    edge = db.connect("rempart_edge")
    assert [row["lc_messages"] for row in rows(edge, "show lc_messages")] == ["C"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        edge.execute("set lc_messages = 'C.UTF-8'")


def test_a_callers_settings_change_nothing(site: Site) -> None:
    """The edge sets every setting that it may, and changes nothing of what is decided."""
    edge = site.edge()
    edge.execute("set search_path = pg_temp, public")
    edge.execute("set timezone = 'Pacific/Kiritimati'")
    edge.execute("set datestyle = 'SQL, DMY'")
    assert site.outcome(site.question()) == "covered"
    edge.execute("set row_security = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        site.ask(site.question())


@pytest.mark.parametrize(
    "statement", ["update journal.entry set tally = 2", "delete from journal.entry"]
)
def test_an_entry_is_never_changed_even_by_the_owner(site: Site, statement: str) -> None:
    site.ask(site.question())
    for role in ("rempart_owner", "rempart_migrator"):
        with site.db.owner.transaction(force_rollback=True):
            site.db.owner.execute(f"set local role {role}")
            if role == "rempart_owner":
                site.db.owner.execute("alter table journal.entry no force row level security")
            with pytest.raises(psycopg.Error) as raised, site.db.owner.transaction():
                site.db.owner.execute(statement)
            assert raised.value.sqlstate == "RP100"


def test_entries_cannot_be_truncated_through_any_table(site: Site) -> None:
    site.ask(site.question())
    months = rows(
        site.db.owner,
        "select inhrelid::regclass::text as name from pg_inherits"
        " where inhparent = 'journal.entry'::regclass",
    )
    assert len(months) >= 5
    for name in ["journal.entry", *(row["name"] for row in months)]:
        with pytest.raises(psycopg.Error) as raised:
            site.db.owner.execute(f"truncate {name}")
        assert raised.value.sqlstate == "RP100"


def test_the_rights_role_cannot_change_the_journal(site: Site) -> None:
    for role in ("rempart_def_rights", "rempart_def_journal", "rempart_def_guard"):
        for statement in ("update journal.entry set tally = 2", "delete from journal.entry"):
            with site.db.owner.transaction(force_rollback=True):
                site.db.owner.execute(f"set local role {role}")
                with (
                    pytest.raises(psycopg.errors.InsufficientPrivilege),
                    site.db.owner.transaction(),
                ):
                    site.db.owner.execute(statement)
