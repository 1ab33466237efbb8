"""P9: the ledger balances, no amount is there twice, and whatever is changed in it is found."""

import secrets
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from rempart.billing import LedgerCheck, check_ledger
from rempart.cli import run_line
from rempart.foundation.database import hexed
from tests.support.asking import Site
from tests.support.claiming import LINE, about, claimed, guarantee
from tests.support.command_line import Told
from tests.support.database import DatabaseUnderTest
from tests.support.purging import as_role


def checked(db: DatabaseUnderTest) -> LedgerCheck:
    return as_role(db, "rempart_jobs", check_ledger)


class Model:
    """What a ledger is: what is owed, for each claim once, and nothing for one cancelled."""

    def __init__(self) -> None:
        self.owed: dict[bytes, int] = {}
        self.uses: dict[str, bytes] = {}

    def claim(self, engagement: str, name: bytes, cents: int, replaces: bytes | None) -> bool:
        standing = self.uses.get(engagement)
        if standing != replaces or not 0 < cents <= 700:
            return False
        self.owed.pop(replaces or b"", None)
        self.owed[name], self.uses[engagement] = cents, name
        return True

    def cancel(self, name: bytes) -> None:
        if self.owed.pop(name, None) is not None:
            self.uses = {e: n for e, n in self.uses.items() if n != name}


def against_a_model(site: Site) -> type[RuleBasedStateMachine]:
    class Ledger(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.model, self.engagements, self.made = Model(), list[str](), list[bytes]()
            site.db.owner.execute("truncate billing.engagement, billing.claim, billing.ledger")

        @rule(person=st.sampled_from(["alice", "bob", "carol"]))
        def ask(self, person: str) -> None:
            given = guarantee(site, person)
            if given not in self.engagements:
                self.engagements.append(given)

        @rule(at=st.integers(0, 5), cents=st.sampled_from([1, 699, 700, 701]), over=st.booleans())
        def claim(self, at: int, cents: int, over: bool) -> None:
            if not self.engagements:
                return
            engagement = self.engagements[at % len(self.engagements)]
            standing = self.model.uses.get(engagement) if over else None
            name = secrets.token_bytes(16)
            changes: dict[str, Any] = {"claim_id": hexed(name), "amount_cents": cents}
            if standing is not None:
                changes["replaces"] = hexed(standing)
            told = claimed(site, engagement, LINE, **changes)
            taken = self.model.claim(engagement, name, cents, standing)
            assert (told["refused_because"] is None) == taken, told
            self.made += [name] if taken else []

        @rule(at=st.integers(0, 20))
        def cancel(self, at: int) -> None:
            if self.made:
                name = self.made[at % len(self.made)]
                assert about(site, "cancel", name)["state"] == "cancelled"
                self.model.cancel(name)

        @invariant()
        def it_agrees(self) -> None:
            found = checked(site.db)
            assert found.ok, found
            assert found.owed_cents == sum(self.model.owed.values()) == -found.insurer_cents
            assert (found.in_batch_cents, found.bank_cents) == (0, 0)

    return Ledger


def test_the_ledger_does_what_a_model_of_it_does(site: Site) -> None:
    site.db.owner.execute("update guard.budget set all_burst = 1000000")
    few = settings(max_examples=8, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(against_a_model(site), settings=few)


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
