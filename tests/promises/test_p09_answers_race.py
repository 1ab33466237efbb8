"""P9: insurers' answers at the same moment as each other, a cancellation and a payment run."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.answering import Insurer, answered, became
from tests.support.asking import Site, one
from tests.support.claiming import about
from tests.support.database import Connection
from tests.support.waiting import wait_for_a_lock

CALLERS = 64
SAID = (None, "paid_already", "care_doubted")


@pytest.fixture
def insurer(site: Site) -> Insurer:
    return Insurer(site)


def in_thread(work: Callable[[], Any]) -> Callable[[], Any]:
    """Begin work; what is returned waits for it and gives what it came to."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()

    def ended() -> object:
        thread.join(60)
        assert found, "it never came to an end"
        return found[0]

    return ended


@contextmanager
def held(connection: Connection) -> Iterator[Connection]:
    """Hold what is done on a connection open; it is committed at the end."""
    with connection.transaction():
        yield connection


@pytest.mark.slow
def test_of_all_answers_at_one_moment_one_is_taken(insurer: Insurer) -> None:
    claims = [insurer.claim(person) for person in ("alice", "bob", "carol")]
    gate = threading.Barrier(CALLERS, timeout=120)

    def caller(number: int) -> list[str]:
        intake = insurer.site.db.connect("rempart_intake")
        because = SAID[number % len(SAID)]
        # Each names them in an order of its own: no two may wait for each other.
        order = claims if number % 2 else claims[::-1]
        gate.wait()
        rows = answered(intake, insurer.who, *((claim, because) for claim in order))
        intake.close()
        told = {row["claim_id"]: became(row) for row in rows}
        return [told[claim] for claim in claims]

    def calling(number: int) -> Callable[[], list[str]]:
        return lambda: caller(number)

    ends = [in_thread(calling(number)) for number in range(CALLERS)]
    outcomes = [end() for end in ends]
    rejected = 0
    for place, claim in enumerate(claims):
        kept = one(
            insurer.site.db.owner,
            "select answer, because from billing.answer where claim_id = %s",
            claim,
        )
        same = sum(SAID[number % len(SAID)] == kept["because"] for number in range(CALLERS))
        found = Counter(outcome[place] for outcome in outcomes)
        assert found == {kept["answer"]: same, "answered_otherwise": CALLERS - same}
        rejected += kept["answer"] == "rejected"
    owed = insurer.ledger()
    assert (owed.get("disputed", 0), owed["owed"]) == (-700 * rejected, 2100)


def test_a_cancellation_that_meets_an_answer_takes_the_debt_from_where_it_is(
    insurer: Insurer,
) -> None:
    claim = insurer.claim()
    with held(insurer.intake) as intake:
        assert became(answered(intake, insurer.who, (claim, "paid_already"))[0]) == "rejected"
        cancelled = in_thread(lambda: about(insurer.site, "cancel", claim))
        wait_for_a_lock(insurer.site.db, role="rempart_edge")
    assert (cancelled()["state"], insurer.ledger()) == ("cancelled", {})


def test_an_answer_that_meets_a_cancellation_finds_it_cancelled(insurer: Insurer) -> None:
    claim = insurer.claim()
    with held(insurer.site.edge()):
        assert about(insurer.site, "cancel", claim)["state"] == "cancelled"
        told = in_thread(lambda: insurer.answer(claim, "paid_already"))
        wait_for_a_lock(insurer.site.db, role="rempart_intake")
    assert (told(), insurer.ledger()) == ("claim_cancelled", {})


def test_a_payment_run_waits_for_no_answer_and_leaves_no_claim_for_it(insurer: Insurer) -> None:
    """It takes a claim that is being answered at that moment, and so does the bank's word."""
    claim = insurer.claim()
    with held(insurer.intake) as intake:
        answered(intake, insurer.who, (claim, "paid_already"))
        insurer.pay()
        assert about(insurer.site, "read", claim)["state"] == "paid"
    assert insurer.ledger() == {"disputed": -700, "bank": 700}
    assert about(insurer.site, "read", claim)["disputed"]


def test_an_answer_waits_for_no_payment_run(insurer: Insurer) -> None:
    claim = insurer.claim()
    owner = insurer.site.db.owner
    insurer.pay(confirmed=False)
    with held(owner):
        owner.execute("select billing.confirm_batch(message) from billing.batch")
        assert insurer.answer(claim, "paid_already") == "rejected"
    assert insurer.ledger() == {"disputed": -700, "bank": 700}
