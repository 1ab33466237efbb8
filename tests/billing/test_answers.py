"""An insurer's answer to a claim, as the restricted roles: every state, once, and in time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.answering import (
    Insurer,
    answered,
    became,
    received,
    time_is_up,
    waiting,
)
from tests.support.asking import INSURER, Site, one
from tests.support.claiming import LINE, about, claimed, guarantee
from tests.support.command_line import Told

OTHER = "87654321"
REASON = "amount_too_high"


@pytest.fixture
def insurer(site: Site) -> Insurer:
    return Insurer(site)


def test_a_claim_waits_and_says_nothing_of_a_person(insurer: Insurer) -> None:
    claim = insurer.claim()
    (row,) = waiting(insurer.intake, insurer.who)
    wanted = one(
        insurer.site.db.owner,
        "select e.member_reference, e.care_on, c.made_at, a.answer_by from billing.claim c"
        " join billing.engagement e using (engagement_id) join billing.answer a using (claim_id)",
    )
    assert row == {
        "refused_because": None,
        "claim_id": claim,
        "state": "accepted",
        "member_reference": wanted["member_reference"],
        "site": insurer.site.identifier,
        "domain": "PHAR",
        "care_on": wanted["care_on"],
        "claimed_at": wanted["made_at"],
        "amount_cents": 700,
        "lines": [LINE],
        "key_id": None,
        "sealed": None,
        "answer_by": wanted["answer_by"],
        "answer": None,
        "because": None,
        "answered_at": None,
        "settled": None,
        "settled_at": None,
    }
    assert received(insurer.intake, insurer.who, claim) == row


def test_the_delay_is_the_insurers_own_and_ends_with_a_day_in_paris(insurer: Insurer) -> None:
    ends: list[datetime] = []
    for person, days in (("alice", None), ("bob", 3)):
        if days is not None:
            desk = insurer.site.db.connect("rempart_desk")
            assert one(desk, "select registry.set_answer_days(%s, %s) as done", INSURER, days)[
                "done"
            ]
        claim = insurer.claim(person)
        ends.append(received(insurer.intake, insurer.who, claim)["answer_by"])
    row = one(
        insurer.site.db.owner,
        "select %s at time zone 'Europe/Paris' as first, %s at time zone 'Europe/Paris' as second,"
        " ((max(made_at) at time zone 'Europe/Paris')::date)::timestamp as day from billing.claim",
        *ends,
    )
    assert (row["first"] - row["day"], row["second"] - row["day"]) == (
        timedelta(16),
        timedelta(4),
    )
    # The most urgent first: the one that came last has the shortest delay.
    assert [r["answer_by"] for r in waiting(insurer.intake, insurer.who)] == sorted(ends)


def test_pages_hold_each_claim_once_and_end(insurer: Insurer) -> None:
    made = {insurer.claim(person) for person in ("alice", "bob", "carol")}
    seen: list[bytes] = []
    after = None
    while page := waiting(insurer.intake, insurer.who, after, at_most=1):
        seen += [row["claim_id"] for row in page]
        after = seen[-1]
    assert (len(seen), set(seen)) == (3, made)
    (refused,) = waiting(insurer.intake, insurer.who, after=bytes(16))
    assert became(refused) == "received_claim_unknown"
    # A page that begins where a claim's time has run out meanwhile begins with what still waits.
    time_is_up(insurer.site.db, seen[0])
    page = waiting(insurer.intake, insurer.who, seen[0])
    assert [row["claim_id"] for row in page] == seen[1:]


def test_an_answer_is_given_once_and_the_same_is_the_same(insurer: Insurer) -> None:
    taken, left = insurer.claim("alice"), insurer.claim("bob")
    (first,) = answered(insurer.intake, insurer.who, (taken, REASON))
    assert (became(first), first["because"]) == ("rejected", REASON)
    assert insurer.listed() == [left]
    (again,) = answered(insurer.intake, insurer.who, (taken, REASON))
    assert again == first
    for other in (None, "care_doubted"):
        assert insurer.answer(taken, other) == "answered_otherwise"
    # The same is the same even when its time is over; it was in time.
    time_is_up(insurer.site.db, taken)
    assert answered(insurer.intake, insurer.who, (taken, REASON)) == [first]
    assert received(insurer.intake, insurer.who, taken)["because"] == REASON


def test_several_are_answered_each_for_itself_and_told_in_their_order(insurer: Insurer) -> None:
    claims = [insurer.claim(person) for person in ("alice", "bob", "carol")]
    time_is_up(insurer.site.db, claims[1])
    stranger = bytes(16)
    rows = answered(
        insurer.intake,
        insurer.who,
        *((claim, REASON) for claim in (*claims, stranger)),
        (claims[0], REASON),
        (claims[0], None),
    )
    assert [(row["claim_id"], became(row)) for row in rows] == [
        (claims[0], "rejected"),
        (claims[1], "answer_too_late"),
        (claims[2], "rejected"),
        (stranger, "received_claim_unknown"),
        (claims[0], "rejected"),
        (claims[0], "answered_otherwise"),
    ]
    assert insurer.ledger() == {"insurer": -700, "disputed": -1400, "owed": 2100}


def test_silence_is_acceptance_and_the_database_holds_the_clock(insurer: Insurer) -> None:
    claim = insurer.claim()
    time_is_up(insurer.site.db, claim)
    assert insurer.listed() == []
    for because in (None, REASON):
        assert insurer.answer(claim, because) == "answer_too_late"
    assert insurer.ledger() == {"insurer": -700, "owed": 700}
    assert received(insurer.intake, insurer.who, claim)["answer"] is None


BECOMES: dict[str, Callable[[Insurer, bytes], Any]] = {
    "accepted": lambda _insurer, _claim: None,
    "batched": lambda insurer, _claim: insurer.pay(confirmed=False),
    "paid": lambda insurer, _claim: insurer.pay(),
    "returned": lambda insurer, _claim: insurer.pay(sent_back=True),
    "cancelled": lambda insurer, claim: about(insurer.site, "cancel", claim),
}
ACCOUNT = {"accepted": "owed", "batched": "in_batch", "paid": "bank", "returned": "owed"}


@pytest.mark.parametrize("state", BECOMES)
@pytest.mark.parametrize("answer", ["accepted", "rejected", "silence"])
def test_every_state_with_every_answer(insurer: Insurer, state: str, answer: str) -> None:
    """The table of docs/money.md: the answer first or the state first, it comes to the same."""
    because = REASON if answer == "rejected" else None
    before, after = insurer.claim("alice"), insurer.claim("bob")
    if answer != "silence":
        assert insurer.answer(before, because) == answer
    for claim in (before, after):
        BECOMES[state](insurer, claim)
    told = {claim: about(insurer.site, "read", claim) for claim in (before, after)}
    assert {row["state"] for row in told.values()} == {state}
    taken = insurer.answer(after, because) if answer != "silence" else answer
    assert taken == ("claim_cancelled" if state == "cancelled" and answer != "silence" else answer)
    disputed = answer == "rejected" and state != "cancelled"
    for claim in (before, after):
        row = about(insurer.site, "read", claim)
        assert (row["state"], row["disputed"]) == (state, disputed)
    owed = {} if state == "cancelled" else {ACCOUNT[state]: 1400}
    debt = {"disputed" if disputed else "insurer": -sum(owed.values())} if owed else {}
    assert insurer.ledger() == debt | owed
    waits = answer == "silence" and state != "cancelled"
    assert set(insurer.listed()) == ({before, after} if waits else set())


@pytest.mark.parametrize("because", [None, REASON])
def test_a_claim_that_was_answered_may_be_replaced_and_the_new_one_waits(
    insurer: Insurer, because: str | None
) -> None:
    engagement = guarantee(insurer.site)
    first = claimed(insurer.site, engagement)["claim_id"]
    insurer.answer(first, because)
    replaced = claimed(insurer.site, engagement, amount_cents=500, replaces="\\x" + first.hex())
    assert (replaced["refused_because"], replaced["disputed"]) == (None, False)
    assert insurer.ledger() == {"insurer": -500, "owed": 500}
    assert insurer.listed() == [replaced["claim_id"]]
    assert about(insurer.site, "read", first)["disputed"] is False
    assert insurer.answer(replaced["claim_id"], REASON) == "rejected"
    assert insurer.ledger() == {"disputed": -500, "owed": 500}
    # The former one's answer stays what it was, and changes nothing.
    assert insurer.answer(first, because) == ("rejected" if because else "accepted")
    assert insurer.ledger() == {"disputed": -500, "owed": 500}


def test_what_is_disputed_is_paid_and_stays_owed_by_the_insurer(
    insurer: Insurer, told: Told
) -> None:
    rejected, accepted = insurer.claim("alice"), insurer.claim("bob")
    insurer.answer(rejected, REASON)
    insurer.answer(accepted)
    insurer.pay()
    assert insurer.ledger() == {"insurer": -700, "disputed": -700, "bank": 1400}
    found = told("ledger", "disputed")
    (line,) = found["disputed"]
    assert (line["claim_id"], line["state"], line["because"]) == (rejected.hex(), "paid", REASON)
    assert (found["amount_cents"], line["amount_cents"], line["amc"]) == (700, 700, INSURER)
    assert told("ledger", "disputed", "--insurer", OTHER)["disputed"] == []
    assert told("ledger", "check")["disputed_cents"] == -700
    day = insurer.site.today.isoformat()
    statement = told("pay", "statement", INSURER, "--from", day, "--to", day)
    assert (statement["debit_cents"], statement["disputed_cents"]) == (1400, 700)
    assert {line["claim_id"]: line["disputed_because"] for line in statement["lines"]} == {
        rejected.hex(): REASON,
        accepted.hex(): None,
    }
    insurer.sends_back()
    statement = told("pay", "statement", INSURER, "--from", day, "--to", day)
    assert (statement["debit_cents"], statement["disputed_cents"]) == (0, 0)
    notices = insurer.site.db.owner.execute(
        "select n.* from billing.transfer t, billing.notice_lines(t.end_to_end) n"
    ).fetchall()
    marks = {row["claim_id"]: row["disputed"] for row in notices}
    assert marks == {rejected: True, accepted: False}


def test_the_answer_that_was_given_is_seen_to_have_been_changed(insurer: Insurer) -> None:
    claim = insurer.claim()
    insurer.answer(claim, REASON)
    owner = insurer.site.db.owner
    for damage in (
        "update billing.answer set answer = 'accepted', because = null",
        "update billing.answer set insurer_id = 99",
        "delete from billing.answer",
        "delete from billing.ledger where step = 'rejected'",
        "update billing.ledger set amount_cents = 1 where step = 'rejected'",
    ):
        with owner.transaction(force_rollback=True):
            owner.execute(damage)
            assert one(owner, "select * from billing.check_ledger()")["wrong"] == [claim], damage
