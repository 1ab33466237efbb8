"""A dispute over a rejected claim ends: once, either way, and its site is paid all the same."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.support.answering import Insurer, insurer_software, received, waiting
from tests.support.asking import INSURER, Site, one
from tests.support.claiming import about, claimed, guarantee
from tests.support.command_line import Told
from tests.support.database import DatabaseUnderTest
from tests.support.paying import day_passes

OTHER = "87654321"
REASON = "paid_already"
BEARS = {"withdrawn": "insurer", "upheld": "operator"}
SETTLE = "select * from billing.settle_dispute(%s, %s, %s, %s)"
BECOMES: dict[str, Callable[[Insurer], None]] = {
    "accepted": lambda _insurer: None,
    "batched": lambda insurer: insurer.pay(confirmed=False),
    "paid": lambda insurer: insurer.pay(),
    "returned": lambda insurer: insurer.pay(sent_back=True),
}
HOLDS = {"accepted": "owed", "batched": "in_batch", "paid": "bank", "returned": "owed"}


@pytest.fixture
def insurer(site: Site) -> Insurer:
    return Insurer(site)


def rejected(insurer: Insurer, person: str = "alice") -> bytes:
    claim = insurer.claim(person)
    assert insurer.answer(claim, REASON) == "rejected"
    return claim


def settled(db: DatabaseUnderTest, claim: bytes, outcome: str, by: str = "officer.one") -> str:
    """Settle it as the desk's role; the outcome on record, or why not."""
    with db.connect("rempart_desk") as desk:
        row = one(desk, SETTLE, claim, outcome, "Vu avec l'assureur", by)
    return str(row["refused_because"] or row["outcome"])


@pytest.mark.parametrize("outcome", BEARS)
@pytest.mark.parametrize("state", BECOMES)
def test_whatever_became_of_the_claim(insurer: Insurer, state: str, outcome: str) -> None:
    claim = rejected(insurer)
    BECOMES[state](insurer)
    assert about(insurer.site, "read", claim)["disputed"]
    assert settled(insurer.site.db, claim, outcome) == outcome
    assert insurer.ledger() == {BEARS[outcome]: -700, HOLDS[state]: 700}
    row = about(insurer.site, "read", claim)
    assert (row["state"], row["disputed"]) == (state, False)
    # The insurer's answer stands as it was given; how it ended stands beside it.
    seen = received(insurer.intake, insurer.who, claim)
    assert (seen["answer"], seen["because"], seen["settled"]) == ("rejected", REASON, outcome)
    assert seen["settled_at"] >= seen["answered_at"]
    assert insurer.answer(claim, REASON) == "rejected"
    assert insurer.answer(claim) == "answered_otherwise"


@pytest.mark.parametrize("outcome", BEARS)
def test_a_claim_that_is_cancelled_later_goes_back_to_who_bears_it(
    insurer: Insurer, outcome: str
) -> None:
    first, engagement = rejected(insurer), guarantee(insurer.site, "bob")
    second = claimed(insurer.site, engagement)["claim_id"]
    assert insurer.answer(second, REASON) == "rejected"
    for claim in (first, second):
        assert settled(insurer.site.db, claim, outcome) == outcome
    assert about(insurer.site, "cancel", first)["state"] == "cancelled"
    assert insurer.ledger() == {BEARS[outcome]: -700, "owed": 700}
    # What replaces a claim is a claim of its own: the insurer owes it, and answers to it.
    changes = {"amount_cents": 500, "replaces": "\\x" + second.hex()}
    replaced = claimed(insurer.site, engagement, **changes)
    assert (replaced["refused_because"], replaced["disputed"]) == (None, False)
    assert insurer.ledger() == {"insurer": -500, "owed": 500}
    assert settled(insurer.site.db, replaced["claim_id"], outcome) == "not_disputed"


def test_it_is_said_once_with_a_name_and_a_reason(insurer: Insurer, told: Told) -> None:
    claim = rejected(insurer).hex()
    words = ("ledger", "settle-dispute", claim, "--outcome")
    said = ("--reason", "Accord du 3 mars", "--by", "officer.one")
    found = told(*words, "upheld", *said)
    kept = {name: found[name] for name in ("insurer", "outcome", "reason", "by", "amount_cents")}
    assert kept == {
        "insurer": INSURER,
        "outcome": "upheld",
        "reason": "Accord du 3 mars",
        "by": "officer.one",
        "amount_cents": 700,
    }
    assert told(*words, "upheld", "--reason", "Encore", "--by", "officer.two") == found
    told(*words, "withdrawn", *said, code=3)
    assert told("ledger", "disputed")["disputed"] == []
    (line,) = told("ledger", "disputed", "--settled", "--insurer", INSURER)["disputed"]
    assert [line[name] for name in ("claim_id", "settled", "settled_by", "reason")] == [
        claim,
        "upheld",
        "officer.one",
        "Accord du 3 mars",
    ]
    assert line["settled_at"] == found["settled_at"]
    assert told("ledger", "disputed", "--settled", "--insurer", OTHER)["disputed"] == []
    assert told("ledger", "check")["operator_cents"] == -700
    assert insurer.ledger() == {"operator": -700, "owed": 700}


def test_what_is_not_in_dispute_is_refused(insurer: Insurer, told: Told) -> None:
    db, waits, taken = insurer.site.db, insurer.claim("alice"), insurer.claim("bob")
    insurer.answer(taken)
    gone = rejected(insurer, "carol")
    about(insurer.site, "cancel", gone)
    before = insurer.ledger()
    for claim, because in (
        (bytes(16), "claim_unknown"),
        (waits, "not_disputed"),
        (taken, "not_disputed"),
        (gone, "claim_cancelled"),
    ):
        assert [settled(db, claim, outcome) for outcome in BEARS] == [because] * 2
    claim = rejected(insurer)
    with db.connect("rempart_desk") as desk:
        for reason, by, because in (
            ("", "officer.one", "reason_not_plain"),
            ("Le 1 85 05 78 006 084", "officer.one", "reason_not_plain"),
            ("Vu", "", "author_not_valid"),
            ("Vu", "1; drop", "author_not_valid"),
        ):
            assert one(desk, SETTLE, claim, "upheld", reason, by)["refused_because"] == because
        for outcome in ("", "rejected", None):
            with pytest.raises(psycopg.Error) as raised:
                one(desk, SETTLE, claim, outcome, "Vu", "officer.one")
            assert raised.value.sqlstate == "RP031"
    words = ("--outcome", "upheld", "--reason", "Vu", "--by", "officer.one")
    told("ledger", "settle-dispute", "no", *words, code=2)
    told("ledger", "settle-dispute", "0" * 32, *words, code=3)
    told("ledger", "settle-dispute", claim.hex(), *words[:-1], "no name", code=2)
    assert insurer.ledger() == before | {"owed": before["owed"] + 700, "disputed": -700}


def statement(insurer: Insurer, told: Told, days_ago: int = 0) -> dict[str, Any]:
    day = (insurer.site.today - timedelta(days=days_ago)).isoformat()
    return told("pay", "statement", INSURER, "--from", day, "--to", day)


def test_the_statement_takes_off_what_the_operator_bears_and_once(
    insurer: Insurer, told: Told
) -> None:
    """Paid yesterday and upheld today; sent back and paid again, it is debited to nobody else."""
    borne, kept = rejected(insurer, "alice"), rejected(insurer, "bob")
    insurer.pay()
    owner = insurer.site.db.owner
    day_passes(insurer.site)
    owner.execute("update billing.batch set paid_at = paid_at - interval '1 day'")
    assert statement(insurer, told, 1)["disputed_cents"] == 1400
    settled(insurer.site.db, borne, "upheld")
    settled(insurer.site.db, kept, "withdrawn")
    was, found = statement(insurer, told, 1), statement(insurer, told)
    assert (was["debit_cents"], was["disputed_cents"]) == (1400, 0)
    assert {line["claim_id"]: line["settled"] for line in was["lines"]} == {
        borne.hex(): "upheld",
        kept.hex(): "withdrawn",
    }
    (line,) = found["lines"]
    assert [line[name] for name in ("claim_id", "step", "debit_cents", "disputed_because")] == [
        borne.hex(),
        "upheld",
        -700,
        None,
    ]
    assert line["remittance"] == was["lines"][0]["remittance"]
    insurer.sends_back()
    # Of what the bank sent back, one was the insurer's; of what is paid again, too.
    assert statement(insurer, told)["debit_cents"] == -1400
    put = "select * from billing.set_bank(%s, %s, '2606')"
    assert one(owner, put, insurer.site.identifier, bytes(1200))["refused_because"] is None
    owner.execute("update billing.bank_detail set effective_at = stated_at")
    insurer.pay()
    assert insurer.ledger() == {"operator": -700, "insurer": -700, "bank": 1400}
    found = statement(insurer, told)
    assert found["debit_cents"] == -700
    assert [line["step"] for line in found["lines"]] == ["upheld", "returned", "paid"]


def test_one_that_the_operator_bore_before_it_was_paid_is_never_debited(
    insurer: Insurer, told: Told
) -> None:
    settled(insurer.site.db, rejected(insurer), "upheld")
    insurer.pay()
    assert statement(insurer, told)["lines"] == []
    assert insurer.ledger() == {"operator": -700, "bank": 700}


def test_another_insurer_sees_nothing_of_it(insurer: Insurer) -> None:
    owner, claim = insurer.site.db.owner, rejected(insurer)
    owner.execute("select registry.add_insurer(%s, 'Autre')", (OTHER,))
    other = insurer_software(insurer.site.db, OTHER)
    settled(insurer.site.db, claim, "withdrawn")
    never = bytes(16)
    assert received(insurer.intake, other, claim) == received(insurer.intake, other, never)
    assert waiting(insurer.intake, other) == []
    ours = one(owner, "select insurer_id from registry.insurer where amc_number = %s", INSURER)
    enter = "insert into billing.insurer_visit (insurer_id) values (%s)"
    for visitor, seen in ((ours["insurer_id"] + 1, 0), (ours["insurer_id"], 1)):
        with owner.transaction(force_rollback=True):
            owner.execute("set local role rempart_def_insurer")
            owner.execute(enter, (visitor,))
            count = one(owner, "select count(outcome) as n from billing.settlement")
            assert count["n"] == seen
            for column in ("author", "reason"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
                    owner.execute(f"select {column} from billing.settlement")


@pytest.mark.parametrize("role", ["rempart_edge", "rempart_jobs", "rempart_intake"])
def test_the_desk_alone_says_it(insurer: Insurer, role: str) -> None:
    claim = rejected(insurer)
    with (
        insurer.site.db.connect(role) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(SETTLE, (claim, "upheld", "Vu", "officer.one"))


def test_what_was_said_is_never_changed_and_damage_is_seen(insurer: Insurer) -> None:
    claim = rejected(insurer)
    settled(insurer.site.db, claim, "upheld")
    owner = insurer.site.db.owner
    for change in ("update billing.settlement set reason = 'x'", "delete from billing.settlement"):
        with owner.transaction(force_rollback=True):
            owner.execute("set local role rempart_def_billing")
            with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
                owner.execute(change)
    for damage in (
        "update billing.settlement set outcome = 'withdrawn'",
        "update billing.settlement set insurer_id = 99",
        "update billing.answer set answer = 'accepted', because = null",
        "delete from billing.settlement",
        "delete from billing.ledger where step = 'upheld'",
        "update billing.ledger set amount_cents = 1 where step = 'upheld'",
    ):
        with owner.transaction(force_rollback=True):
            owner.execute(damage)
            assert one(owner, "select * from billing.check_ledger()")["wrong"] == [claim], damage


def test_of_all_who_settle_and_cancel_at_one_moment_one_is_heard(insurer: Insurer) -> None:
    claim, db = rejected(insurer), insurer.site.db
    gate, found = threading.Barrier(9, timeout=60), list[str]()

    def settles(outcome: str) -> None:
        gate.wait()
        found.append(settled(db, claim, outcome))

    outcomes = [*BEARS] * 4
    threads = [threading.Thread(target=settles, args=(outcome,)) for outcome in outcomes]
    for thread in threads:
        thread.start()
    gate.wait()
    cancelled = about(insurer.site, "cancel", claim)
    for thread in threads:
        thread.join(60)
    # Whether it was cancelled before or after, nothing is owed by anybody for it.
    assert (cancelled["state"], insurer.ledger()) == ("cancelled", {})
    kept = db.owner.execute("select outcome from billing.settlement").fetchall()
    if kept:
        assert Counter(found) == {kept[0]["outcome"]: 4, "settled_otherwise": 4}
    else:
        assert found == ["claim_cancelled"] * 8


def test_a_payment_waits_for_no_settlement(insurer: Insurer) -> None:
    claim = rejected(insurer)
    with insurer.site.db.connect("rempart_desk") as desk, desk.transaction():
        one(desk, SETTLE, claim, "upheld", "Vu", "officer.one")
        insurer.pay()
        assert about(insurer.site, "read", claim)["state"] == "paid"
    assert insurer.ledger() == {"operator": -700, "bank": 700}
