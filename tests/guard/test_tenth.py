"""An account that one officer gives back at a tenth of its caps, until two release it."""

from typing import Any

import pytest

from rempart.journal import read_charges
from tests.support.asking import Site, one
from tests.support.closing import move
from tests.support.officers import Officers

BUCKETS = ("all", "new", "fresh", "typed", "miss")


@pytest.fixture
def officers(site: Site) -> Officers:
    found = Officers.on_record(site)
    assert found.move("place", "Alice") is None
    return found


def caps(site: Site, column: str = "burst") -> dict[str, int]:
    row = one(
        site.db.owner, "select * from guard.budget where kind = 2 and id = %s", site.account_id
    )
    return {bucket: int(row[f"{bucket}_{column}"]) for bucket in BUCKETS}


def recorded(site: Site) -> list[tuple[str, dict[int, tuple[int, int]]]]:
    """The account's cap entries: kind of proof, and (B, 1/r) by bucket."""
    rows = site.db.owner.execute(
        "select proof_kind, charges from journal.entry where kind = 'cap' and subject_kind = 2"
        " and subject_id = %s order by entry_no",
        (site.account_id,),
    ).fetchall()
    return [
        (row["proof_kind"], {c.bucket: (c.burst, c.every_us) for c in read_charges(row["charges"])})
        for row in rows
    ]


def listed(officers: Officers) -> list[dict[str, Any]]:
    desk = officers.site.db.connect("rempart_desk")
    return list(desk.execute("select * from guard.list_gates()").fetchall())


def test_one_officer_gives_an_account_back_at_a_tenth(site: Site, officers: Officers) -> None:
    before, rates = caps(site), caps(site, "every")
    assert site.outcome(site.question()) == "closed"
    assert officers.move("ease", "Bob") is None
    assert caps(site) == {name: max(1, burst // 10) for name, burst in before.items()}
    assert caps(site, "every") == {name: 10 * every for name, every in rates.items()}
    # It asks again, as far as a tenth goes, and no further.
    outcomes = [site.outcome(site.question(f"nobody {n}")) for n in range(4)]
    assert outcomes == ["no_right_found"] + 3 * ["better_evidence_needed"]
    # The caps are an entry of their own: an auditor need not trust the table.
    (_, whole), (kind, tenth) = recorded(site)
    assert kind == "console"
    assert tenth == {b: (max(1, burst // 10), 10 * every) for b, (burst, every) in whole.items()}
    assert officers.verified().ok, officers.verified().problems
    assert officers.budgets().ok, officers.budgets().problems


def test_two_officers_give_the_rest_back(site: Site, officers: Officers) -> None:
    before = caps(site), caps(site, "every")
    officers.move("ease", "Bob")
    for alone in (("Alice",), ("Alice", "Alice")):
        assert officers.move("release", *alone) == "officers_needed"
    assert officers.move("release", "Alice", "Bob") is None
    assert (caps(site), caps(site, "every")) == before
    assert listed(officers) == []
    assert officers.move("release", "Alice", "Bob") == "not_held"
    for n in range(8):
        assert site.outcome(site.question(f"nobody {n}")) == "no_right_found"
    assert officers.verified().ok, officers.verified().problems
    assert officers.budgets().ok, officers.budgets().problems


def test_only_what_is_on_hold_is_eased(site: Site, officers: Officers) -> None:
    assert officers.move("ease", "Bob") is None
    assert officers.move("ease", "Bob") == "not_held"
    assert officers.move("release", "Alice", "Bob") is None
    assert officers.move("ease", "Bob") == "not_held"
    officers.move("place", "Alice")
    assert officers.move("ease") == "officers_needed"
    assert officers.move("ease", "Alice", "Bob") == "officers_needed"
    assert site.outcome(site.question()) == "closed"


def test_a_second_hold_keeps_the_tenth_and_a_release_ends_both(
    site: Site, officers: Officers
) -> None:
    before = caps(site)
    officers.move("ease", "Bob")
    tenth = caps(site)
    assert officers.move("place", "Alice") is None
    assert site.outcome(site.question()) == "closed"
    assert [(row["held"], row["eased"]) for row in listed(officers)] == [(True, False)]
    assert officers.move("ease", "Alice") is None
    assert caps(site) == tenth
    (row,) = listed(officers)
    assert (row["eased"], row["author"]) == (True, "Alice")
    officers.move("place", "Bob")
    assert officers.move("release", "Alice", "Bob") is None
    assert caps(site) == before
    assert site.outcome(site.question()) == "covered"
    assert officers.verified().ok, officers.verified().problems


def test_no_round_of_easing_and_releasing_makes_a_question(site: Site, officers: Officers) -> None:
    """What was used up before stays used up: moves of the desk's refill nothing."""
    officers.move("release", "Alice", "Bob")
    site.empty("typed")
    assert site.outcome(site.question()) == "better_evidence_needed"
    for _ in range(2):
        for move_, signers in (("place", "A"), ("ease", "A"), ("release", "AB")):
            names = tuple({"A": "Alice", "B": "Bob"}[letter] for letter in signers)
            assert officers.move(move_, *names) is None
        assert site.outcome(site.question()) == "better_evidence_needed"


def test_a_small_bucket_is_empty_after_a_release_and_not_below(
    site: Site, officers: Officers
) -> None:
    """A unit took ten times as long at a tenth; whole again, it takes no longer than any other."""
    owner = site.db.owner
    owner.execute("update guard.budget set typed_burst = 3 where kind = 2")
    officers.move("ease", "Bob")
    assert caps(site)["typed"] == 1
    assert site.outcome(site.question()) == "covered"
    officers.move("release", "Alice", "Bob")
    row = one(
        owner,
        "select typed_tat - guard.now() as ahead, typed_burst * typed_every as whole"
        " from guard.budget where kind = 2",
    )
    assert row["ahead"] <= row["whole"]
    assert site.outcome(site.question("bob")) == "better_evidence_needed"


def test_a_tenth_that_nobody_signed_for_is_found(site: Site, officers: Officers) -> None:
    order = officers.order("ease")
    wrong = officers.signatures(officers.order("place"), ("Bob",))
    assert officers.move("ease", "Bob", order=order, by=wrong) is None
    assert [problem.kind for problem in officers.verified().problems] == ["signature"]


def test_caps_raised_in_the_table_are_found(site: Site, officers: Officers) -> None:
    """An insider gives an eased account its caps back without an entry."""
    officers.move("ease", "Bob")
    site.db.owner.execute("update guard.budget set fresh_burst = 44 where kind = 2")
    site.ask(site.question())
    assert "cap" in {problem.kind for problem in officers.budgets().problems}


def test_a_gate_is_not_a_hold(site: Site) -> None:
    found = Officers.on_record(site)
    move(site, "close", "account", found.account, None)
    assert found.move("ease", "Alice") == "not_held"


def test_a_weeks_tenth_that_officers_took_over_ends_with_two_officers_alone(site: Site) -> None:
    """Who came back by a code on paper is put on hold and eased: no week gives him the rest."""
    site.db.owner.execute("select guard.recover_caps(%s)", (site.account_id,))
    tenth = caps(site)
    officers = Officers.on_record(site)
    assert officers.move("place", "Alice") is None
    assert officers.move("ease", "Bob") is None
    site.db.owner.execute("update guard.tenth set until = guard.now()")
    jobs = site.db.connect("rempart_jobs")
    assert one(jobs, "select guard.end_tenth() as ended")["ended"] is None
    assert caps(site) == tenth


def test_each_of_two_officers_signs(site: Site, officers: Officers) -> None:
    order = officers.order("release")
    (alone,) = officers.signatures(order, ("Alice",))
    assert officers.move("release", "Alice", "Bob", order=order, by=[alone]) == "officers_needed"


def test_a_second_recovery_begins_the_week_anew(site: Site) -> None:
    owner = site.db.owner
    owner.execute("select guard.recover_caps(%s)", (site.account_id,))
    owner.execute("update guard.tenth set until = guard.now() + 1")
    owner.execute("select guard.recover_caps(%s)", (site.account_id,))
    row = one(owner, "select until - guard.now() as left from guard.tenth")
    assert row["left"] > 6 * 86_400 * 1_000_000
