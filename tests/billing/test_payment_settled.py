"""A batch of which the bank's word is lost: an officer says what became of it, once."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.asking import Site, one
from tests.support.claiming import about, claimed, guarantee, standing
from tests.support.killing import Runs
from tests.support.paying import OTHER_IBAN, Desk, day_passes, holds
from tests.support.purging import counts, purged

NEVER = ("--outcome", "never-executed", "--reason", "Absent du relevé", "--by", "officer.one")
DONE = ("--outcome", "executed", "--reference", "VIR-2027/0114", "--by", "officer.one")
SETTLE = "select * from billing.settle_batch(%s, %s, %s, %s)"
ALIVE = """
    select count(*) as n from (
        select l.claim_id from billing.ledger l
          join billing.batch b on b.batch_id = l.batch_id and b.abandoned_at is null
         where l.step = 'batched'
           and not exists (select from billing.ledger r where r.claim_id = l.claim_id
                              and r.batch_id = l.batch_id and r.step = 'returned')
         group by l.claim_id having count(*) > 1) as twice
"""


@pytest.fixture
def paying(site: Site, desk: Desk) -> Desk:
    """A desk over against a site that can be paid."""
    desk.bank(site)
    return desk


def paid_twice(site: Site) -> int:
    """How many claims are in two batches that are both alive."""
    return int(one(site.db.owner, ALIVE)["n"])


def test_what_was_never_executed_is_paid_in_the_next_batch(site: Site, paying: Desk) -> None:
    claimed(site, guarantee(site))
    (lost,) = paying.run()
    assert len(paying.files()) == 1
    found = paying.told("pay", "settle", lost["batch"], *NEVER)
    assert [found[name] for name in ("outcome", "claims", "amount_cents", "reason", "by")] == [
        "never-executed",
        1,
        700,
        "Absent du relevé",
        "officer.one",
    ]
    # The file is gone, is made no more, and the day's batch is the one that was abandoned.
    assert (paying.files(), paying.run(), paying.files()) == ({}, [], {})
    holds(paying, owed=700)
    assert [row["state"] for row in standing(site)] == ["accepted"]
    day_passes(site)
    (again,) = paying.run()
    assert (again["batch"] != lost["batch"], again["claims"], paid_twice(site)) == (True, 1, 0)
    paying.told("pay", "confirm", again["batch"])
    holds(paying, bank=700)
    # Said again, it is what is on record; nothing else is heard of it any more.
    assert paying.told("pay", "settle", lost["batch"], *NEVER[:-1], "officer.two") == found
    for refused in (("confirm", lost["batch"]), ("settle", lost["batch"], *DONE)):
        paying.told("pay", *refused, code=3)
    holds(paying, bank=700)
    listed = {each["batch"]: each for each in paying.told("pay", "list")["batches"]}
    assert listed[lost["batch"]]["settled_because"] == "Absent du relevé"
    assert (listed[lost["batch"]]["paid_at"], listed[again["batch"]]["abandoned_at"]) == (
        None,
        None,
    )


def test_what_was_executed_is_paid_under_the_banks_reference(site: Site, paying: Desk) -> None:
    claimed(site, guarantee(site))
    (lost,) = paying.run()
    found = paying.told("pay", "settle", lost["batch"], *DONE)
    assert (found["outcome"], found["reference"], paying.files()) == ("executed", DONE[3], {})
    holds(paying, bank=700)
    assert paying.told("pay", "settle", lost["batch"], *DONE) == found
    assert paying.told("pay", "confirm", lost["batch"])["paid_at"] == found["settled_at"]
    other = (*DONE[:3], "ANOTHER", *DONE[4:])
    for refused in (other, NEVER):
        paying.told("pay", "settle", lost["batch"], *refused, code=3)
    holds(paying, bank=700)
    (listed,) = paying.told("pay", "list")["batches"]
    assert (listed["bank_reference"], listed["settled_by"]) == (DONE[3], "officer.one")


def test_one_that_never_had_a_file_is_let_go_and_cannot_have_been_executed(
    site: Site, paying: Desk
) -> None:
    claimed(site, guarantee(site))
    owner = site.db.owner
    owner.execute("select billing.open_batch(insurer_id) from registry.insurer")
    message = one(owner, "select message from billing.batch")["message"]
    paying.told("pay", "settle", message, *DONE, code=3)
    holds(paying, in_batch=700)
    paying.told("pay", "settle", message, *NEVER)
    holds(paying, owed=700)


def test_each_claim_is_what_it_was_before_the_batch(site: Site, paying: Desk) -> None:
    """One that came back is not to be cancelled; one that was taken newly may be."""
    claimed(site, guarantee(site, "alice"))
    (batch,) = paying.run()
    ((end_to_end, _, _),) = paying.transfers()
    paying.told("pay", "confirm", batch["batch"])
    returns = paying.payer.with_name("returns.csv")
    returns.write_text(f"end_to_end,reason\n{end_to_end},AC01\n")
    paying.told("pay", "return", str(returns))
    paying.bank(site, OTHER_IBAN)
    day_passes(site)
    engagement = guarantee(site, "bob")
    fresh = claimed(site, engagement)["claim_id"]
    (lost,) = paying.run()
    ((lost_transfer, _, _),) = paying.transfers()
    paying.told("pay", "settle", lost["batch"], *NEVER)
    assert sorted(row["state"] for row in standing(site)) == ["accepted", "returned"]
    holds(paying, owed=1400)
    # The bank returns nothing of what it never had, and nobody is told of it as a payment.
    returns.write_text(f"end_to_end,reason\n{lost_transfer},AC01\n")
    paying.told("pay", "return", str(returns), code=3)
    assert (
        site.db.owner.execute("select * from billing.notice(%s)", (lost_transfer,)).fetchall() == []
    )
    became = one(
        site.db.owner,
        "select b.* from billing.engagement e, billing.became(e) b where b.claim_id = %s",
        fresh,
    )
    assert (became["state"], became["batched_on"], became["remittance"]) == ("accepted", None, None)
    assert about(site, "cancel", fresh)["state"] == "cancelled"
    holds(paying, owed=700)


def test_what_cannot_be_said_is_refused_by_its_field(site: Site, paying: Desk) -> None:
    claimed(site, guarantee(site))
    (lost,) = paying.run()
    message = lost["batch"]
    for words in (
        (*DONE[:2], *DONE[4:]),
        (*NEVER[:2], *NEVER[4:]),
        (*DONE, "--reason", "Vu"),
        (*NEVER, "--reference", "VIR1"),
        (*DONE[:3], "no reference", *DONE[4:]),
        (*DONE[:-1], "no name"),
        (*NEVER[:3], "Le 1 85 05 78 006 084", *NEVER[4:]),
    ):
        told = paying.told("pay", "settle", message, *words, code=2)
        assert "185" not in str(told)
    paying.told("pay", "settle", "RP" + "0" * 32, *NEVER, code=3)
    with site.db.connect("rempart_desk") as desk:
        for executed, word, by, because in (
            (True, "", "officer.one", "reference_not_valid"),
            (True, None, "officer.one", "reference_not_valid"),
            (False, "1850578006084", "officer.one", "reason_not_plain"),
            (False, None, "officer.one", "reason_not_plain"),
            (False, "Vu", None, "author_not_valid"),
            (True, "VIR1", "2", "author_not_valid"),
        ):
            row = one(desk, SETTLE, message, executed, word, by)
            assert row["refused_because"] == because
        with pytest.raises(psycopg.Error) as raised:
            one(desk, SETTLE, message, None, "VIR1", "officer.one")
        assert raised.value.sqlstate == "RP031"
    for role in ("rempart_jobs", "rempart_edge"):
        with (
            site.db.connect(role) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(SETTLE, (message, False, "Vu", "officer.one"))
    holds(paying, in_batch=700)


def test_of_all_who_confirm_and_settle_at_one_moment_one_is_heard(site: Site, paying: Desk) -> None:
    for person in ("alice", "bob"):
        claimed(site, guarantee(site, person))
    (lost,) = paying.run()
    said = [(SETTLE, (lost["batch"], False, "Vu", "officer.one")),
            (SETTLE, (lost["batch"], True, "VIR1", "officer.two")),
            ("select * from billing.confirm_batch(%s)", (lost["batch"],))]  # fmt: skip

    def says(number: int) -> str | None:
        statement, words = said[number % 3]
        with site.db.connect("rempart_jobs" if number % 3 == 2 else "rempart_desk") as connection:
            because: str | None = one(connection, statement, *words)["refused_because"]
            return because

    with ThreadPoolExecutor(9) as pool:
        found = list(pool.map(says, range(9)))
    kept = one(site.db.owner, "select paid_at, abandoned_at from billing.batch")
    never, paid = ([None] * 3, ["batch_paid"] * 3), (["batch_abandoned"] * 3, [None] * 3)
    told = (found[0::3], found[1::3])
    assert told == ((never[0], paid[0]) if kept["paid_at"] is None else (never[1], paid[1]))
    assert found[2::3] == found[1::3]
    holds(paying, **({"owed": 1400} if kept["paid_at"] is None else {"bank": 1400}))


@pytest.mark.slow
def test_killed_at_any_step_it_is_said_again_and_pays_nobody_twice(
    site: Site, paying: Desk
) -> None:
    """Each way at each step; before it is said again, a run comes."""
    officer = Runs(site, paying, "rempart_desk")
    paid, owed = 0, 0
    for step in (1, 2):
        for mark, words in (("!", NEVER), ("+", (*DONE[:3], "VU", *DONE[4:]))):
            claimed(site, guarantee(site, "alice"))
            (batch,) = paying.run()
            owed += 700
            officer.killed(step, mark + batch["batch"])
            # Before it is said again a run comes, and makes no file that is not to be handed over.
            left = paying.run()
            assert [each["batch"] for each in left] == ([batch["batch"]] if step == 1 else [])
            assert len(paying.files()) == len(left)
            paying.told("pay", "settle", batch["batch"], *words)
            assert (paying.files(), paid_twice(site)) == ({}, 0)
            if mark == "+":
                paid, owed = paid + owed, 0
            holds(paying, bank=paid, owed=owed)
            day_passes(site)
    officer.close()


def test_a_run_that_was_about_to_write_its_file_is_told(site: Site, paying: Desk) -> None:
    claimed(site, guarantee(site))
    (lost,) = paying.run()
    paying.told("pay", "settle", lost["batch"], *NEVER)
    with site.db.connect("rempart_jobs") as jobs:
        note = "select refused_because from billing.note_file(%s, sha256(''))"
        batch = one(site.db.owner, "select batch_id from billing.batch")["batch_id"]
        assert one(jobs, note, batch)["refused_because"] == "batch_abandoned"
        assert one(jobs, note, batch + 1)["refused_because"] == "another_file"


def test_an_iban_that_only_an_abandoned_batch_was_made_for_is_erased(
    site: Site, paying: Desk
) -> None:
    claimed(site, guarantee(site))
    (lost,) = paying.run()
    paying.bank(site, OTHER_IBAN)
    site.db.owner.execute(
        "update billing.bank_detail set stated_at = stated_at - interval '14 months',"
        " effective_at = effective_at - interval '14 months'"
    )
    assert counts(purged(site.db))["replaced_iban"] == 0
    paying.told("pay", "settle", lost["batch"], *NEVER)
    assert counts(purged(site.db))["replaced_iban"] == 1


def test_whatever_is_changed_in_it_is_found(site: Site, paying: Desk) -> None:
    claimed(site, guarantee(site))
    (lost,) = paying.run()
    paying.told("pay", "settle", lost["batch"], *NEVER)
    owner = site.db.owner
    for damage in (
        "update billing.transfer set state = 'batched'",
        "update billing.transfer set state = 'paid'",
        "update billing.batch set abandoned_at = null, settled_by = null, settled_because = null",
        "update billing.claim set state = 'batched'",
        "update billing.claim set state = 'paid'",
        "delete from billing.ledger where step = 'abandoned'",
        "update billing.ledger set amount_cents = 1 where step = 'abandoned'",
    ):
        with owner.transaction(force_rollback=True):
            owner.execute(damage)
            row = one(owner, "select * from billing.check_ledger()")
            assert row["wrong"] or row["wrong_batches"], damage
