"""P2: schemas that third parties bring open nothing either."""

from rempart.database.installer import LOGIN_ROLES
from tests.support.database import DatabaseUnderTest


def test_no_schema_holds_a_definers_function_with_open_settings(db: DatabaseUnderTest) -> None:
    """Third parties' schemas included: another's rights come with another's path."""
    found = db.owner.execute(
        "select p.oid::regprocedure::text as name from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname not in ('pg_catalog', 'information_schema') and p.prosecdef"
        " and not coalesce(p.proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']"
    ).fetchall()
    assert found == []
    theirs = db.owner.execute(
        "select p.oid::regprocedure::text as name, p.proconfig as config from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'jobs'"
    ).fetchall()
    assert len(theirs) > 10
    assert {tuple(row["config"]) for row in theirs} == {("search_path=pg_catalog, jobs, pg_temp",)}


def test_the_queue_is_the_workers_alone(db: DatabaseUnderTest) -> None:
    for role in LOGIN_ROLES:
        may = db.owner.execute(
            "select has_schema_privilege(%s, 'jobs', 'usage') as may", (role,)
        ).fetchall()
        assert may == [{"may": role == "rempart_jobs"}]
