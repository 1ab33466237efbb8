"""Row-level security on insurers' feeds: no visit, no row; one visit, one insurer's rows."""

import psycopg
import pytest

from tests.support.database import Connection, DatabaseUnderTest

ROWS = "select array_agg(name order by name) as names from intake.upload"


@pytest.fixture
def owner(db: DatabaseUnderTest) -> Connection:
    """Two insurers with a feed each, and a piece of work for the first one's."""
    owner = db.owner
    for number, amc in enumerate(("990001", "990002"), 1):
        owner.execute("select registry.add_insurer(%s, 'Mutuelle')", (amc,))
        owner.execute(
            "insert into intake.upload (insurer_id, name, total, digest, state)"
            " select insurer_id, %s, 10, sha256(''), 'checking' from registry.insurer"
            " where amc_number = %s",
            (f"feed-{number}", amc),
        )
    owner.execute(
        "insert into intake.job (upload_id, kind, insurer_id)"
        " select upload_id, 'import', insurer_id from intake.upload where name = 'feed-1'"
    )
    return owner


def names(owner: Connection, *before: str) -> object:
    """What the functions' own role sees in one transaction, after these statements in it."""
    with owner.transaction(force_rollback=True):
        owner.execute("set local role rempart_def_intake")
        for statement in before:
            owner.execute(statement)
        row = owner.execute(ROWS).fetchone()
        assert row is not None
        return row["names"]


def test_without_a_visit_even_the_functions_role_sees_nothing(owner: Connection) -> None:
    assert names(owner) is None


def test_work_opens_its_own_insurers_rows_and_no_others(owner: Connection) -> None:
    enter = "select intake.enter_for_job((select min(upload_id) from intake.job), 'import')"
    assert names(owner, enter) == ["feed-1"]
    assert names(owner, enter.replace("'import'", "'mail'")) is None
    # In the next transaction it is worth nothing.
    owner.execute("insert into intake.visit (insurer_id) values (1)")
    assert names(owner) is None


def test_one_transaction_has_one_tenant(owner: Connection) -> None:
    enter = "insert into intake.visit (insurer_id) values ({})"
    with pytest.raises(psycopg.errors.UniqueViolation):
        names(owner, enter.format(1), enter.format(2))


def test_nothing_of_anothers_is_written(owner: Connection) -> None:
    for statement in (
        "update intake.upload set state = 'refused' where name = 'feed-2'",
        "select intake.note_part((select max(upload_id) from intake.upload), 0, 5)",
    ):
        with owner.transaction(force_rollback=True):
            owner.execute("set local role rempart_def_intake")
            owner.execute("insert into intake.visit (insurer_id) values (1)")
            if statement.startswith("update"):
                assert owner.execute(statement).rowcount == 0
            else:
                with pytest.raises(psycopg.Error) as raised:
                    owner.execute(statement)
                assert raised.value.sqlstate == "RP031"
    with owner.transaction(force_rollback=True):
        owner.execute("set local role rempart_def_intake")
        owner.execute("insert into intake.visit (insurer_id) values (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
            owner.execute(
                "insert into intake.upload (insurer_id, name, total, digest)"
                " values (2, 'mine', 1, sha256(''))"
            )


def test_no_login_role_makes_a_visit(db: DatabaseUnderTest, owner: Connection) -> None:
    intake = db.connect("rempart_intake")
    for statement in (
        "insert into intake.visit (insurer_id) values (1)",
        "select intake.enter_for_job(1, 'import')",
        "select intake.enter('x', '', 'y')",
        "select from intake.upload",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            intake.execute(statement)
