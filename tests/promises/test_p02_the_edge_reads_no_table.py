"""P2: the web-facing role reads no table; the catalogue holds nothing that opens one."""

from typing import Any

from rempart.database.installer import LOGIN_ROLES
from tests.support.database import Connection, DatabaseUnderTest

OURS = ("foundation", "identity", "registry", "guard", "billing", "journal", "rights", "intake")

EDGE_MAY = {
    "rights.ask", "rights.ask_batch", "rights.collect", "rights.note_broken",
    "rights.live_generations", "foundation.ready", "foundation.marked_as_demo",
    # What an account may see of its own, and that it is there: none mints, none ends, none asks.
    "identity.find_session", "identity.find_locked", "identity.use_session",
    "identity.list_sessions", "identity.list_passkeys", "identity.list_colleagues",
    "identity.list_domains", "rights.list_exceptions",
    # Its own questions, about nobody; its budgets, in steps that stand for ten minutes.
    "journal.list_own", "journal.open_own", "guard.note_levels", "guard.read_levels",
    "guard.closed_for", "guard.list_public",  # What is closed: for an account; for everybody.
    # A site, to its administrator: software, what is closed, counts of whole days.
    "identity.list_devices", "guard.list_alerts", "journal.count_site",
    # Claims and payments: of the token's own site alone, and about nobody.
    "billing.claim", "billing.cancel_claim", "billing.read_claim", "billing.read_authorization",
    "billing.cancel_authorization", "billing.list_remittances", "billing.read_remittance",
    "billing.list_guarantees", "billing.find_guarantee",
    # The account behind a step that a demonstration alone has.
    "identity.in_demonstration",
}  # fmt: skip
PINNED = {"search_path=pg_catalog, pg_temp", "TimeZone=Europe/Paris", "DateStyle=ISO, YMD"}


def rows(connection: Connection, statement: str, *args: object) -> list[dict[str, Any]]:
    found = connection.execute(statement, args)
    return list(found.fetchall())


def callable_by(connection: Connection, role: str) -> set[str]:
    return {
        row["name"]
        for row in rows(
            connection,
            "select n.nspname || '.' || p.proname as name from pg_proc p"
            " join pg_namespace n on n.oid = p.pronamespace where n.nspname = any (%s)"
            " and has_schema_privilege(%s, n.oid, 'usage')"
            " and has_function_privilege(%s, p.oid, 'execute')",
            list(OURS),
            role,
            role,
        )
    }


def test_the_edge_may_execute_a_few_functions_and_no_more(db: DatabaseUnderTest) -> None:
    assert callable_by(db.owner, "rempart_edge") == EDGE_MAY


def test_no_login_role_can_touch_a_table(db: DatabaseUnderTest) -> None:
    for role in LOGIN_ROLES:
        touched = rows(
            db.owner,
            "select c.oid::regclass::text as name from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace where n.nspname = any (%s)"
            " and c.relkind in ('r', 'p', 'v', 'm', 'f') and ("
            "  has_table_privilege(%s, c.oid, 'select, insert, update, delete, truncate,"
            " references, trigger')"
            "  or has_any_column_privilege(%s, c.oid, 'select, insert, update, references'))",
            list(OURS),
            role,
            role,
        )
        assert touched == [], role
        assert (
            rows(
                db.owner,
                "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where n.nspname = any (%s) and case when c.relkind = 'S' then"
                " has_sequence_privilege(%s, c.oid, 'usage, select, update') else false end",
                list(OURS),
                role,
            )
            == []
        )


def test_every_function_is_a_definers_with_its_settings_pinned(db: DatabaseUnderTest) -> None:
    functions = rows(
        db.owner,
        "select p.oid::regprocedure::text as name, n.nspname as feature, p.prosecdef as definer,"
        " p.provolatile = 'i' as pure,"
        " coalesce(p.proconfig, '{}') as config, r.rolname as owner, r.rolcanlogin as can_login"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " join pg_roles r on r.oid = p.proowner where n.nspname = any (%s)",
        list(OURS),
    )
    assert len(functions) > 30
    special = {
        "registry": {"rempart_def_intake", "rempart_def_purge"},
        "foundation": {"rempart_def_janitor"},
        "guard": {"rempart_def_purge"},
        "billing": {"rempart_def_purge", "rempart_def_insurer"},
        "journal": {"rempart_def_purge"},
    }
    # These read nothing at all and run as their caller, with its settings.
    pure = {function["name"] for function in functions if not function["definer"]}
    assert {name.split("(")[0] for name in pure} == PURE | {COMMITS}
    # Only a table's owner may give it a partition. This takes, reads and removes nothing.
    owners = {each["name"] for each in functions if each["owner"] == "rempart_owner"}
    assert owners == {"journal.make_months()"}
    for function in functions:
        assert not function["can_login"], function["name"]
        if function["name"] in pure:
            assert function["pure"] or function["name"] == f"{COMMITS}(jsonb)"
            continue
        assert function["definer"], function["name"]
        config = set(function["config"])
        assert config >= PINNED, function["name"]
        # Beyond those, only what makes a statement faster or slower.
        assert {name.split("=")[0] for name in config - PINNED} <= {
            "enable_nestloop", "enable_hashjoin", "enable_mergejoin", "enable_seqscan", "work_mem",
            # And what would let a caller hear or time what is not on record yet.
            "client_min_messages", "lock_timeout",
        }  # fmt: skip
        feature = function["feature"]
        allowed = {f"rempart_def_{feature}"} | special.get(feature, set())
        assert function["owner"] in allowed or function["name"] in owners, function["name"]


def test_definer_roles_cannot_log_in_and_own_no_table(db: DatabaseUnderTest) -> None:
    found = rows(
        db.owner,
        "select r.rolname, r.rolcanlogin, r.rolsuper, r.rolbypassrls, r.rolcreaterole,"
        " r.rolcreatedb, r.rolreplication,"
        " (select count(*) from pg_class c where c.relowner = r.oid"
        "   and c.relkind in ('r', 'p', 'S', 'v')) as owned"
        " from pg_roles r where r.rolname like 'rempart\\_%%' and r.rolname <> 'rempart_migrator'",
    )
    assert {row["rolname"] for row in found} >= set(LOGIN_ROLES)
    for row in found:
        powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
        assert not any(row[name] for name in powers), row
        assert row["rolcanlogin"] == (row["rolname"] in LOGIN_ROLES), row
        assert row["rolname"] == "rempart_owner" or row["owned"] == 0, row


def test_no_role_is_a_member_of_another(db: DatabaseUnderTest) -> None:
    found = rows(
        db.owner,
        "select m.rolname as member, g.rolname as grp from pg_auth_members a"
        " join pg_roles m on m.oid = a.member join pg_roles g on g.oid = a.roleid"
        " where m.rolname like 'rempart\\_%%'",
    )
    assert {(row["member"], row["grp"]) for row in found} == {
        ("rempart_def_janitor", "pg_signal_backend"),
        ("rempart_def_janitor", "pg_read_all_stats"),
    }


def test_row_level_security_is_forced_on_every_table(db: DatabaseUnderTest) -> None:
    found = rows(
        db.owner,
        "select c.oid::regclass::text as name from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = any (%s)"
        " and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)",
        list(OURS),
    )
    assert found == []


def test_public_may_execute_none_of_ours_nor_take_advisory_locks(db: DatabaseUnderTest) -> None:
    found = rows(
        db.owner,
        "select p.oid::regprocedure::text as name from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace"
        " cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
        " where a.grantee = 0 and a.privilege_type = 'EXECUTE'"
        " and (n.nspname not in ('pg_catalog', 'information_schema')"
        "      or p.proname ~ '^pg_(try_)?advisory_')",
    )
    assert found == []


def test_public_may_make_no_object_and_no_temporary_table(db: DatabaseUnderTest) -> None:
    for role in LOGIN_ROLES:
        may = rows(
            db.owner,
            "select has_database_privilege(%s, current_database(), 'temp') as temp,"
            " has_database_privilege(%s, current_database(), 'create') as make,"
            " bool_or(has_schema_privilege(%s, n.oid, 'create')) as make_in"
            " from pg_namespace n where n.nspname !~ '^pg_(toast|temp)'",
            role,
            role,
            role,
        )
        assert may == [{"temp": False, "make": False, "make_in": False}], role


def test_every_function_is_for_somebody(db: DatabaseUnderTest) -> None:
    """A function that nobody may call is dead; one for two login roles is two doors."""
    found = rows(
        db.owner,
        "select n.nspname || '.' || p.proname as name, array_agg(g.rolname) as roles"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " cross join lateral aclexplode(p.proacl) a join pg_roles g on g.oid = a.grantee"
        " where n.nspname = any (%s) and g.rolcanlogin group by 1",
        list(OURS),
    )
    for row in found:
        if row["name"] != "foundation.marked_as_demo":
            assert len(row["roles"]) == 1, row


COMMITS = "rights.ask"
"""A procedure: only one that runs as its caller may commit. It calls one function, no more."""

PURE = {"guard.charged", "guard.has_one", "journal.field", "journal.pack"}
