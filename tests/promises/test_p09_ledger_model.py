"""P9: the ledger does what a model does, whatever is claimed, answered, paid and sent back."""

import secrets
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from rempart.billing import check_ledger
from rempart.foundation.database import hexed
from tests.support.answering import Insurer, time_is_up, waiting
from tests.support.asking import Site, one
from tests.support.claiming import LINE, about, claimed, guarantee
from tests.support.paying import day_passes
from tests.support.purging import as_role


class Model:
    """What a ledger is: each claim's cents in one place; a batch a day; nothing paid again.

    What an insurer rejected is where it would be, and owed by it in another account.
    """

    def __init__(self) -> None:
        self.cents, self.state = dict[bytes, int](), dict[bytes, str]()
        self.uses, self.batches = dict[str, bytes](), list[list[bytes]]()
        self.ran_today = self.is_refused = False
        self.confirmed, self.account = 0, 0
        self.returned, self.accounts = set[int](), list[int]()
        self.answers, self.late = dict[bytes, str | None](), set[bytes]()
        self.settled = dict[bytes, str]()
        self.abandoned, self.came_back = set[int](), set[bytes]()

    def claim(self, engagement: str, name: bytes, cents: int, replaces: bytes | None) -> bool:
        if self.uses.get(engagement) != replaces or not 0 < cents <= 700:
            return False
        if replaces is not None and not self.cancel(replaces):
            return False
        self.cents[name], self.state[name], self.uses[engagement] = cents, "accepted", name
        return True

    def cancel(self, name: bytes) -> bool:
        if self.state[name] in {"accepted", "cancelled"}:
            self.state[name] = "cancelled"
            self.uses = {e: n for e, n in self.uses.items() if n != name}
        return self.state[name] == "cancelled"

    def move(self, names: list[bytes], begin: set[str], end: str) -> list[bytes]:
        moved = [name for name in names if self.state[name] in begin]
        self.state |= dict.fromkeys(moved, end)
        return moved

    def run(self) -> None:
        if not (self.ran_today or self.is_refused):
            due = self.move([*self.cents], {"accepted", "returned"}, "batched")
            self.batches += [due] if due else []
            self.accounts += [self.account] if due else []
            self.ran_today = bool(due)

    def confirm(self) -> None:
        self.confirmed = len(self.batches)
        self.move([*self.cents], {"batched"}, "paid")

    def send_back(self, at: int) -> None:
        if at < self.confirmed and at not in self.returned | self.abandoned:
            self.returned.add(at)
            self.came_back.update(self.move(self.batches[at], {"paid"}, "returned"))
            self.is_refused |= self.accounts[at] == self.account

    def abandon(self, at: int) -> bool:
        if at >= self.confirmed and at not in self.abandoned:
            back = self.came_back.intersection(self.batches[at])
            self.move([*back], {"batched"}, "returned")
            self.move(self.batches[at], {"batched"}, "accepted")
            self.abandoned.add(at)
        return at in self.abandoned

    def answer(self, name: bytes, because: str | None) -> bool:
        if name not in self.answers and self.state[name] != "cancelled" and name not in self.late:
            self.answers[name] = because
        return name in self.answers and self.answers[name] == because

    def settle(self, name: bytes, outcome: str) -> bool:
        if self.answers.get(name) and self.state[name] != "cancelled":
            self.settled.setdefault(name, outcome)
        return self.settled.get(name) == outcome

    def held(self, *states: str) -> int:
        return sum(self.cents[name] for name, state in self.state.items() if state in states)

    def disputed(self) -> int:
        rejected = [name for name, because in self.answers.items() if because]
        return self.standing([name for name in rejected if name not in self.settled])

    def borne(self) -> int:
        return self.standing([name for name, how in self.settled.items() if how == "upheld"])

    def standing(self, names: list[bytes]) -> int:
        return sum(self.cents[name] for name in names if self.state[name] != "cancelled")


class Ledger(RuleBasedStateMachine):
    """The database's ledger and the model, step by step."""

    site: ClassVar[Site]

    def __init__(self) -> None:
        super().__init__()
        self.model, self.engagements, self.made = Model(), list[str](), list[bytes]()
        self.site.db.owner.execute(
            "truncate billing.engagement, billing.claim, billing.ledger, billing.batch,"
            " billing.transfer, billing.bank_detail, billing.answer, billing.settlement"
        )
        self.insurer = Insurer(self.site)
        self.another_account()

    @rule(
        person=st.sampled_from(["alice", "bob", "carol"]),
        cents=st.sampled_from([1, 699, 700, 701]),
        at=st.none() | st.integers(0, 5),
    )
    def claim(self, person: str, cents: int, at: int | None) -> None:
        """Claim a guarantee just given, or one of before; that one with or without replacing."""
        if at is None or not self.engagements:
            self.engagements.append(guarantee(self.site, person))
        engagement = self.engagements[-1 if at is None else at % len(self.engagements)]
        over = at is not None and at % 2 == 0
        standing = self.model.uses.get(engagement) if over else None
        name = secrets.token_bytes(16)
        changes: dict[str, Any] = {"claim_id": hexed(name), "amount_cents": cents}
        if standing is not None:
            changes["replaces"] = hexed(standing)
        told = claimed(self.site, engagement, LINE, **changes)
        taken = self.model.claim(engagement, name, cents, standing)
        assert (told["refused_because"] is None) == taken, told
        self.made += [name] if taken else []

    @rule(at=st.integers(0, 20))
    def cancel(self, at: int) -> None:
        if self.made:
            name = self.made[at % len(self.made)]
            told = about(self.site, "cancel", name)
            assert (told["refused_because"] is None) == self.model.cancel(name), told

    @rule(at=st.integers(0, 20), because=st.sampled_from([None, "paid_already", "care_doubted"]))
    def answer(self, at: int, because: str | None) -> None:
        """The insurer answers whatever there is: once, again, otherwise, or after it was over."""
        if self.made:
            name = self.made[at % len(self.made)]
            told = self.insurer.answer(name, because)
            taken = told == ("rejected" if because else "accepted")
            assert taken == self.model.answer(name, because), told

    @rule(at=st.integers(0, 20), outcome=st.sampled_from(["withdrawn", "upheld"]))
    def settle(self, at: int, outcome: str) -> None:
        """Somebody ends a dispute, or what is none: once, again, otherwise."""
        if self.made:
            name = self.made[at % len(self.made)]
            put = "select * from billing.settle_dispute(%s, %s, 'Vu', 'officer.one')"
            told = one(self.site.db.owner, put, name, outcome)
            assert (told["refused_because"] is None) == self.model.settle(name, outcome), told

    @rule(at=st.integers(0, 20))
    def delay_is_over(self, at: int) -> None:
        if self.made:
            name = self.made[at % len(self.made)]
            time_is_up(self.site.db, name)
            self.model.late.add(name)

    @rule(later=st.booleans(), confirmed=st.booleans())
    def run(self, *, later: bool, confirmed: bool = False) -> None:
        if later:
            day_passes(self.site)
            self.model.ran_today = False
        self.site.db.owner.execute("select billing.open_batch(insurer_id) from registry.insurer")
        note = "select billing.note_file(batch_id, sha256('')) from billing.batch"
        self.site.db.owner.execute(note)
        self.model.run()
        if confirmed:
            self.confirm()

    @rule()
    def confirm(self) -> None:
        self.site.db.owner.execute("select billing.confirm_batch(message) from billing.batch")
        self.model.confirm()

    @rule(at=st.integers(0, 5), runs=st.booleans())
    def send_back(self, at: int, runs: bool) -> None:
        """The bank returns a transfer: told twice, or before it has it, it changes nothing."""
        found = self.site.db.owner.execute(
            "select end_to_end from billing.transfer order by transfer_id"
        )
        names = [row["end_to_end"] for row in found.fetchall()]
        assert len(names) == len(self.model.batches)
        if names:
            at %= len(names)
            self.site.db.owner.execute("select billing.take_return(%s, 'AC01')", (names[at],))
            self.model.send_back(at)
        if runs:
            self.run(later=True)

    @rule(at=st.integers(0, 5))
    def abandon(self, at: int) -> None:
        """An officer says that the bank never executed a batch: of any, the last among them."""
        found = self.site.db.owner.execute("select message from billing.batch order by batch_id")
        names = [row["message"] for row in found.fetchall()]
        if names:
            at %= len(names)
            put = "select * from billing.settle_batch(%s, false, 'Vu', 'officer.one')"
            told = one(self.site.db.owner, put, names[at])
            assert (told["refused_because"] is None) == self.model.abandon(at), told

    @rule()
    def another_account(self) -> None:
        put = "select * from billing.set_bank(%s, %s, '2606')"
        row = one(self.site.db.owner, put, self.site.identifier, bytes(1200))
        assert row["refused_because"] is None
        self.site.db.owner.execute(
            "update billing.bank_detail set effective_at = effective_at - interval '72 hours',"
            " stated_at = stated_at - interval '72 hours'"
        )
        self.model.is_refused, self.model.account = False, self.model.account + 1

    @invariant()
    def it_agrees(self) -> None:
        found = as_role(self.site.db, "rempart_jobs", check_ledger)
        assert found.ok, found
        held = self.model.held
        assert found.owed_cents == held("accepted", "returned")
        assert found.in_batch_cents == held("batched")
        assert found.bank_cents == held("paid")
        assert found.disputed_cents == -self.model.disputed()
        assert found.operator_cents == -self.model.borne()
        borne = found.insurer_cents + found.disputed_cents + found.operator_cents
        assert borne == -held("accepted", "returned", "batched", "paid")
        waits = {row["claim_id"] for row in waiting(self.insurer.intake, self.insurer.who)}
        assert waits == {
            name
            for name, state in self.model.state.items()
            if state != "cancelled" and name not in {*self.model.answers, *self.model.late}
        }


@pytest.mark.slow
def test_the_ledger_does_what_a_model_of_it_does(site: Site) -> None:
    site.db.owner.execute("update guard.budget set all_burst = 1000000")
    here = type("Here", (Ledger,), {"site": site})
    sent_back_and_paid_again(here())
    few = settings(max_examples=8, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(here, settings=few)


def sent_back_and_paid_again(ledger: Ledger) -> None:
    """The longest way, which chance takes too seldom."""
    ledger.claim(person="alice", cents=700, at=None)
    ledger.run(later=True, confirmed=True)
    ledger.send_back(at=0, runs=True)
    ledger.answer(at=0, because="paid_already")
    ledger.it_agrees()
    assert (ledger.model.held("returned"), ledger.model.disputed()) == (700, 700)
    ledger.another_account()
    ledger.run(later=True, confirmed=True)
    ledger.send_back(at=0, runs=True)
    ledger.it_agrees()
    assert ledger.model.held("paid") == 700
    ledger.claim(person="bob", cents=700, at=None)
    ledger.run(later=True)
    ledger.abandon(at=2)
    ledger.it_agrees()
    assert ledger.model.held("accepted") == 700
    ledger.run(later=True, confirmed=True)
    ledger.settle(at=0, outcome="upheld")
    ledger.it_agrees()
    assert (ledger.model.disputed(), ledger.model.borne()) == (0, 700)
