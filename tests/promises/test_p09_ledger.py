"""P9: the ledger balances, no amount is there twice, and whatever is changed in it is found."""

import psycopg
import pytest

from rempart.billing import LedgerCheck, check_ledger
from rempart.cli import run_line
from tests.support.asking import Site
from tests.support.claiming import claimed, guarantee
from tests.support.command_line import Told
from tests.support.database import DatabaseUnderTest
from tests.support.purging import as_role


def checked(db: DatabaseUnderTest) -> LedgerCheck:
    return as_role(db, "rempart_jobs", check_ledger)


def test_whatever_is_changed_is_found(site: Site, told: Told) -> None:
    for person in ("alice", "bob"):
        claimed(site, guarantee(site, person))
    found = told("ledger", "check")
    assert (found["ok"], found["balance_cents"], found["owed_cents"]) == (True, 0, 1400)
    assert (found["claims"], found["batches"], found["wrong"]) == (2, 0, [])
    owner = site.db.owner
    of_the_move = "where claim_id = (select claim_id from billing.ledger where move_no = %s)"
    for damage in (
        "update billing.ledger set amount_cents = 701 where move_no = %s",
        "delete from billing.ledger where move_no = %s",
        "update billing.ledger set site_id = 99 where move_no = %s",
        "update billing.ledger set claim_id = sha256('')::bytea where move_no = %s",
        f"update billing.claim set amount_cents = 1 {of_the_move}",
        f"update billing.claim set state = 'paid' {of_the_move}",
    ):
        with owner.transaction(force_rollback=True):
            (row,) = owner.execute("select min(move_no) as n from billing.ledger").fetchall()
            owner.execute(damage, (row["n"],))
            (seen,) = owner.execute("select * from billing.check_ledger()").fetchall()
            assert seen["wrong"], damage
    owner.execute("update billing.ledger set amount_cents = 1")
    assert len(told("ledger", "check", code=1)["wrong"]) == 2
    assert run_line(["ledger", "check"]) == 1


def test_no_amount_is_there_twice_and_no_move_is_of_another_kind(site: Site) -> None:
    claimed(site, guarantee(site))
    owner = site.db.owner
    columns = "insurer_id, site_id, claim_id, step, debit, credit, amount_cents"
    for changes in (
        columns,  # the same move again
        columns.replace("debit, credit", "credit, debit"),
        columns.replace("step, debit, credit", "'paid', 'in_batch', 'bank'"),
        columns.replace("step", "'batched'"),
        columns.replace("amount_cents", "0"),
        columns.replace("amount_cents", "-amount_cents"),
    ):
        with pytest.raises(psycopg.IntegrityError):
            owner.execute(
                f"insert into billing.ledger ({columns}) select {changes} from billing.ledger"
            )


@pytest.mark.parametrize(
    "change", ["update billing.ledger set amount_cents = 1", "delete from billing.ledger"]
)
def test_not_even_its_own_functions_can_change_a_move(site: Site, change: str) -> None:
    site.db.owner.execute("set role rempart_def_billing")
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            site.db.owner.execute(change)
    finally:
        site.db.owner.execute("reset role")
