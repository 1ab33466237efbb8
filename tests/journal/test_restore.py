"""A restored copy: numbers jump, budgets are used up, what was lost is named and nothing else."""

from functools import partial
from typing import Any

import psycopg
import pytest

from rempart.journal import (
    LookedUp,
    ReceiptError,
    check_budgets,
    look_up,
    read_charges,
    verify,
)
from tests.support.asking import Site, install_software, one
from tests.support.copies import checked, copied, refill, renew_token, restore
from tests.support.database import DatabaseUnderTest

GIVEN = (
    "select (select max(entry_no) from journal.entry) as entry,"
    " (select max(account_id) from identity.account) as account,"
    " (select max(professional_id) from identity.professional) as professional,"
    " (select max(site_id) from identity.site) as site,"
    " (select max(installation_id) from identity.installation) as installation,"
    " (select max(plan_id) from registry.plan) as plan,"
    " (select max(insurer_id) from registry.insurer) as insurer"
)
COUNTERS = "select subject_kind, subject_id, counter from journal.entry where entry_no > %s"


def busy(site: Site) -> None:
    for person in ("alice", "stranger", "bob"):
        site.ask(site.question(person))


def add_people(db: DatabaseUnderTest, number: int) -> None:
    """Give numbers away, as a desk and sign-in do."""
    rpps, place, amc = f"1000000009{number}", f"75000009{number}", f"8888888{number}"
    db.owner.execute("select identity.add_professional(%s, 'pharmacien')", (rpps,))
    db.owner.execute("select identity.add_site(%s, 'Autre')", (place,))
    opened = one(db.owner, "select * from identity.open_account(%s, %s)", rpps, place)
    install_software(db, opened["site_id"], [opened["account_id"]])
    db.owner.execute("select registry.add_insurer(%s, 'Autre')", (amc,))
    db.owner.execute("select registry.add_plan(%s, 'UN', 'Un', '{}')", (amc,))


def test_no_number_is_given_twice_with_another_content(site: Site) -> None:
    busy(site)
    with copied(site) as copy:
        last = one(copy.db.owner, GIVEN)["entry"]
        busy(site)
        add_people(site.db, 1)
        lost = one(site.db.owner, GIVEN)
        lost_counters = {tuple(row.values()) for row in site.db.owner.execute(COUNTERS, (last,))}
        told = restore(copy.db)
        renew_token(copy)
        refill(copy.db, 86400)
        busy(copy)
        add_people(copy.db, 2)
        new = one(copy.db.owner, GIVEN)
        counters = {tuple(row.values()) for row in copy.db.owner.execute(COUNTERS, (last,))}
    assert told["entry_no"] == told["last_entry"] + told["jump"] + 1
    assert told["last_entry"] == last
    for name, number in new.items():
        assert number > lost[name] + 900_000_000, name
    assert lost_counters
    assert not lost_counters & counters


def test_a_jump_goes_past_what_is_known_to_have_been_given(site: Site) -> None:
    with copied(site) as copy:
        told = restore(copy.db, known=10**15)
    assert told["entry_no"] > 10**15


def spent(db: DatabaseUnderTest, after: int) -> list[tuple[Any, int, int, int]]:
    """List what was charged since: (bucket's key, guard time, B, µs a unit)."""
    rows = db.owner.execute(
        "select guard_at, charges from journal.entry where entry_no > %s and kind <> 'cap'"
        " order by entry_no",
        (after,),
    )
    return [
        (charge.key, row["guard_at"], charge.burst, charge.every_us)
        for row in rows
        for charge in read_charges(bytes(row["charges"]))
        for _ in range(charge.units)
    ]


def test_budgets_hold_over_what_was_lost_and_what_came_after(site: Site) -> None:
    """P5: no window of the two pasts together holds more than B + r*W, whatever was refilled."""
    site.ask(site.scan("first"))
    with copied(site) as copy:
        for number in range(60):
            site.ask(site.scan(f"lost {number}"))
        last = one(copy.db.owner, GIVEN)["entry"]
        lost = spent(site.db, last)
        restore(copy.db)
        renew_token(copy)
        assert copy.outcome(copy.scan("at once")) == "too_many_questions"
        for hour in range(12):
            refill(copy.db, 3600)
            copy.ask(copy.scan(f"new {hour}"))
        new = spent(copy.db, last)
        budgets = checked(copy.db, check_budgets)
    assert budgets.ok, budgets.problems
    assert {key for key, *_ in lost} == {key for key, *_ in new}
    union: dict[Any, list[int]] = {}
    caps = {}
    for key, at, burst, every in sorted((*lost, *new), key=lambda one: one[1]):
        union.setdefault(key, []).append(at)
        caps[key] = burst, every
    for key, times in union.items():
        burst, every = caps[key]
        for first in range(len(times)):
            for end in range(first, len(times)):
                held = end - first + 1
                assert held <= burst + (times[end] - times[first]) / every, key


def test_verify_names_what_a_restore_lost_and_finds_it_whole(site: Site) -> None:
    busy(site)
    with copied(site) as copy:
        busy(site)
        told = restore(copy.db, known=10)
        renew_token(copy)
        refill(copy.db, 86400)
        busy(copy)
        add_people(copy.db, 3)
        found = checked(copy.db, verify)
        budgets = checked(copy.db, check_budgets)
    assert found.ok, found.problems
    assert budgets.ok, budgets.problems
    (one_restore,) = found.restores
    assert one_restore.entry == told["entry_no"]
    assert one_restore.last_entry == told["last_entry"]
    assert one_restore.copy_at == told["copy_at"]
    assert (one_restore.reason, one_restore.author) == ("Panne du disque", "Alice")
    assert one_restore.known_entry == 10
    assert found.last_entry is not None
    assert found.last_entry > told["entry_no"]


def test_two_restores_one_after_the_other_are_both_told(site: Site) -> None:
    busy(site)
    with copied(site) as copy:
        restore(copy.db)
        renew_token(copy)
        with copied(copy) as again:
            restore(again.db)
            renew_token(again)
            refill(again.db, 86400)
            busy(again)
            found = checked(again.db, verify)
    assert found.ok, found.problems
    assert len(found.restores) == 2


LAST = "(select max(entry_no) from journal.entry where kind <> 'restore')"
LIES = {
    "no entry says so": "delete from journal.entry where kind = 'restore'",
    "another entry before it": "update journal.entry set replays = replays - 1"
    " where kind = 'restore'",
    "more was removed": "delete from journal.entry where entry_no ="
    " (select max(replays) from journal.entry)",
    "a chain did not jump": "update journal.head set counter = counter - 1000000000"
    " where subject_kind = 2",
    "another reason": "update journal.payload p set proof = 'x' from journal.entry e"
    " where e.entry_no = p.entry_no and e.kind = 'restore'",
}


@pytest.mark.parametrize("how", LIES)
def test_a_restore_explains_its_own_gap_and_no_other(site: Site, how: str) -> None:
    busy(site)
    with copied(site) as copy:
        restore(copy.db)
        assert checked(copy.db, verify).ok
        owner = copy.db.owner
        owner.execute("set session_replication_role = replica")
        owner.execute(LIES[how])
        found = checked(copy.db, verify)
    assert not found.ok
    assert found.problems


def test_a_gap_without_a_restore_stays_a_problem(site: Site) -> None:
    """Numbers and counters jump just as far, and no entry says why."""
    busy(site)
    site.db.owner.execute("update journal.head set counter = counter + 1000000000")
    site.db.owner.execute("select setval('journal.entry_no', 1000000000)")
    busy(site)
    found = checked(site.db, verify)
    assert {problem.kind for problem in found.problems} == {"counter", "head"}


def test_a_lost_receipt_is_told_from_a_removed_entry(site: Site) -> None:
    (kept,) = site.ask(site.question("alice"))
    with copied(site) as copy:
        (lost,) = site.ask(site.question("bob"))

        def looked(row: dict[str, Any], db: DatabaseUnderTest) -> LookedUp:
            look = partial(look_up, receipt=bytes(row["receipt"]), leaf=bytes(row["leaf_hash"]))
            return checked(db, look)

        assert looked(lost, site.db).on_record
        assert looked(lost, copy.db).restores == []
        told = restore(copy.db)
        assert looked(kept, copy.db).on_record
        found = looked(lost, copy.db)
        assert not found.on_record
        assert [one_restore.entry for one_restore in found.restores] == [told["entry_no"]]
        with pytest.raises(ReceiptError):
            looked(kept | {"leaf_hash": lost["leaf_hash"]}, copy.db)


def test_what_works_once_works_no_more(site: Site) -> None:
    desk = site.db.connect("rempart_desk")
    desk.execute(
        "select identity.issue_code(%s, %s, 'essai', %s, interval '1 hour')",
        (site.identifier, [site.rpps], bytes(range(32))),
    )
    desk.execute("select guard.draw_nonce()")
    with copied(site) as copy:
        owner = copy.db.owner
        epoch = one(owner, "select foundation.read_epoch() as epoch")
        told = restore(copy.db)
        assert (told["tokens"], told["codes"]) == (1, 1)
        assert one(owner, "select foundation.read_epoch() as epoch") != epoch
        assert one(owner, "select count(*) as n from guard.nonce")["n"] == 0
        assert copy.outcome(copy.question()) == "nothing"
        refused = one(
            copy.db.connect("rempart_signin"),
            "select refused_because from identity.enrol_installation(%s, %s, %s, 'one')",
            bytes(range(32)),
            bytes(32),
            "{}",
        )
        assert refused["refused_because"] == "code_not_valid"


def test_a_restore_leaves_the_platform_closed(site: Site) -> None:
    with copied(site) as copy:
        restore(copy.db, leaves_open=False)
        renew_token(copy)
        refill(copy.db, 86400)
        assert copy.outcome(copy.question()) == "closed"
        copy.db.owner.execute("select guard.open_gate('platform', '', 'Vu', 'Alice')")
        assert copy.outcome(copy.question()) == "covered"


def test_a_database_that_was_taken_up_is_restored_on_insistence_only(site: Site) -> None:
    assert restore(site.db)["refused_because"] == "taken_up"
    assert checked(site.db, verify).restores == []
    assert restore(site.db, insists=True)["refused_because"] is None


@pytest.mark.parametrize("role", ["rempart_desk", "rempart_jobs", "rempart_edge"])
def test_nobody_but_the_migrator_restores(site: Site, role: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        site.db.connect(role).execute(
            "select * from foundation.restore('x', 'x', 0, 0, true, true)"
        )
