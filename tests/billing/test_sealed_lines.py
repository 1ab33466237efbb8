"""Lines of paid claims: sealed to the insurer, who alone opens them; never twice, never lost."""

from typing import Any

import psycopg
import pytest

from rempart.billing import seal_lines
from rempart.cli import run_line
from tests.support.asking import INSURER, Site, one
from tests.support.claiming import LINE, claimed, guarantee
from tests.support.killing import Runs
from tests.support.paying import OTHER_IBAN, Desk, day_passes, holds
from tests.support.purging import as_role
from tests.support.sealing import Insurer, of_claim, paid

PH4 = LINE | {"category": "PH4", "quantity": 3, "price_cents": 3100, "base_cents": 3000}


@pytest.fixture
def desk(desk: Desk, site: Site) -> Desk:
    desk.bank(site)
    return desk


def test_what_was_paid_is_sealed_and_its_insurer_opens_it(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    made = key_holder.trusted()
    several = claimed(site, guarantee(site), LINE, PH4)["claim_id"]
    (single,) = paid(site, desk, "bob")
    waiting = claimed(site, guarantee(site, "carol"))["claim_id"]
    assert desk.told("lines", "list")["insurers"][0]["in_clear"] == 2
    done = desk.told("lines", "seal")
    assert done["sealed"] == 2
    (stands,) = done["insurers"]
    assert (stands["insurer"], stands["key"], stands["by"]) == (
        INSURER, made["fingerprint"].replace(" ", ""), "officer.one",
    )  # fmt: skip
    assert (stands["in_clear"], stands["sealed"]) == (0, 2)
    assert [of_claim(site, each) for each in (several, single, waiting)] == [(0, 1), (0, 1), (1, 0)]
    # One length whatever was delivered: it doesn't tell how many lines there were.
    sizes = "select distinct octet_length(sealed) as n from billing.sealed_lines"
    assert [row["n"] for row in site.db.owner.execute(sizes)] == [2508]
    day = site.today.isoformat()
    assert key_holder.opened() == {
        several.hex(): [
            (day, "1", "PH7", "1", "2000", "2000", "1300"),
            (day, "2", "PH4", "3", "3100", "3000", "1300"),
        ],
        single.hex(): [(day, "1", "PH7", "1", "2000", "2000", "1300")],
    }
    assert desk.told("lines", "seal")["sealed"] == 0
    holds(desk, bank=700 + 1700 + 700, owed=700)


def test_without_a_key_they_stay_in_clear_and_that_is_said(
    site: Site, desk: Desk, key_holder: Insurer, capsys: pytest.CaptureFixture[str]
) -> None:
    (claim,) = paid(site, desk, "alice")
    done = desk.told("lines", "seal")
    assert done["sealed"] == 0
    nothing = {"key": None, "stated_at": None, "by": None}
    assert done["insurers"] == [nothing | {"insurer": INSURER, "in_clear": 1, "sealed": 0}]
    assert of_claim(site, claim) == (1, 0)
    assert run_line(["lines", "list"]) == 0
    assert "stay in clear" in capsys.readouterr().out
    key_holder.trusted()
    assert desk.told("lines", "seal")["sealed"] == 1
    assert run_line(["lines", "seal"]) == 0
    assert "stay in clear" not in capsys.readouterr().out


def test_what_came_back_from_the_bank_is_paid_again(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    key_holder.trusted()
    (claim,) = paid(site, desk, "alice")
    assert desk.told("lines", "seal")["sealed"] == 1
    back = one(site.db.owner, "select end_to_end from billing.transfer")["end_to_end"]
    returns = key_holder.folder / "returns.csv"
    returns.write_text(f"end_to_end,reason\n{back},AC04\n")
    desk.told("pay", "return", str(returns))
    holds(desk, owed=700)
    desk.bank(site, OTHER_IBAN)
    day_passes(site)
    assert paid(site, desk) == []
    holds(desk, bank=700)
    assert desk.told("lines", "seal")["sealed"] == 0
    assert of_claim(site, claim) == (0, 1)
    assert list(key_holder.opened()) == [claim.hex()]


def test_what_came_back_before_it_was_sealed_stays_until_it_is_paid(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    key_holder.trusted()
    (claim,) = paid(site, desk, "alice")
    for state, left in (("returned", (1, 0)), ("batched", (1, 0)), ("paid", (0, 1))):
        site.db.owner.execute("update billing.claim set state = %s", (state,))
        desk.told("lines", "seal")
        assert of_claim(site, claim) == left


def test_a_restored_copy_seals_nothing_before_somebody_compared_it(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    """Its key may have been replaced since, because it leaked."""
    key_holder.trusted()
    (claim,) = paid(site, desk, "alice")
    site.db.owner.execute("update foundation.epoch set copy_at = now()")
    assert desk.told("lines", "seal")["sealed"] == 0
    assert of_claim(site, claim) == (1, 0)
    desk.told("pay", "resume", "--reason", "Comparé à la banque", "--by", "Alice")
    assert desk.told("lines", "seal")["sealed"] == 1


def test_two_at_once_and_more_than_a_batch(
    site: Site, desk: Desk, key_holder: Insurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_holder.trusted()
    claims = paid(site, desk, "alice", "bob", "carol")
    monkeypatch.setattr("rempart.billing.line_sealing._BATCH", 2)
    owner, stale = site.db.owner, _due(site)
    with owner.transaction():
        # Somebody takes a return of it at this moment: it is passed over, and nobody waits.
        owner.execute("select from billing.claim where claim_id = %s for update", (claims[0],))
        assert as_role(site.db, "rempart_jobs", seal_lines) == 2
    assert as_role(site.db, "rempart_jobs", seal_lines) == 1
    # The other worker had read the same lines before, and comes second: nothing is there twice.
    jobs = site.db.connect("rempart_jobs")
    (done,) = jobs.execute("select * from billing.keep_sealed(%s, %s, %s)", stale).fetchall()
    assert done["kept"] == 0
    assert [of_claim(site, each) for each in claims] == [(0, 1)] * 3
    with pytest.raises(psycopg.errors.DatabaseError):
        jobs.execute("select * from billing.keep_sealed(%s, %s, %s)", (*stale[:2], []))


def _due(site: Site) -> tuple[list[bytes], bytes, list[bytes]]:
    """What a worker would hand over now, sealed by nobody who is careful."""
    owner = site.db.owner
    key = one(owner, "select key_id from billing.line_key")["key_id"]
    rows = owner.execute("select * from billing.lines_to_seal(%s, 9)", (key,)).fetchall()
    return [row["claim_id"] for row in rows], key, [bytes(2508)] * len(rows)


def test_a_key_that_is_none_keeps_back_no_other_insurers_lines(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    """No command states such a key; whoever has the desk's role may."""
    key_holder.trusted()
    owner = site.db.owner
    owner.execute("select registry.add_insurer('00000001', 'La première')")
    state = "select * from billing.set_line_key('00000001', sha256(%s), %s, 'Mallory')"
    assert one(owner, state, bytes(1216), bytes(1216))["refused_because"] is None
    theirs, mine = paid(site, desk, "alice", "bob")
    owner.execute(
        "update billing.claim set insurer_id = registry.insurer_served('00000001')"
        " where claim_id = %s",
        (theirs,),
    )
    assert desk.told("lines", "seal", code=4)["error"]["kind"] == "unavailable"
    assert [of_claim(site, each) for each in (theirs, mine)] == [(1, 0), (0, 1)]


def test_a_transaction_that_is_cut_off_changes_nothing(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    key_holder.trusted()
    (claim,) = paid(site, desk, "alice")
    with site.db.connect("rempart_jobs", autocommit=False) as jobs:
        jobs.execute("select * from billing.keep_sealed(%s, %s, %s)", _due(site))
        jobs.rollback()
    assert of_claim(site, claim) == (1, 0)
    assert desk.told("lines", "seal")["sealed"] == 1


@pytest.mark.slow
def test_killed_at_any_step_nothing_is_lost_and_nothing_twice(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    key_holder.trusted()
    runs, steps, at, claims = Runs(site, desk), 1, 0, list[bytes]()
    while at < steps:
        at += 1
        claims += paid(site, desk, "alice", "bob")
        runs.killed(at, "seal")
        assert all(of_claim(site, each) in {(1, 0), (0, 1)} for each in claims), at
        if at == 1:
            runs.begin(0, "seal")
            code, steps = runs.ended()
            assert code == 0
        desk.told("lines", "seal")
        assert [of_claim(site, each) for each in claims] == [(0, 1)] * len(claims), at
        day_passes(site)
    runs.close()
    assert steps >= 6
    assert set(key_holder.opened()) == {each.hex() for each in claims}


def test_whoever_keeps_what_is_sealed_can_take_nothing_else_away(
    site: Site, desk: Desk, key_holder: Insurer
) -> None:
    """Row by row, whatever a function says: as the role that owns the functions."""
    key_holder.trusted()
    (sealed,) = paid(site, desk, "alice")
    desk.told("lines", "seal")
    clear = claimed(site, guarantee(site, "bob"))["claim_id"]
    owner = site.db.owner
    put = (
        "insert into billing.claim_line select %s, 9::smallint, current_date, 'PH7', 1::smallint,"
        " 1, 1, 0"
    )
    seal = (
        "insert into billing.sealed_lines select c.claim_id, c.insurer_id, k.key_id, current_date,"
        " now(), %s from billing.claim c, billing.line_key k where c.claim_id = %s"
    )
    refused: list[tuple[str, tuple[Any, ...]]] = [
        (put, (sealed,)),
        (seal, (bytes(2508), clear)),
        (seal, (bytes(2508), sealed)),
        ("update billing.sealed_lines set sealed = sealed", ()),
        ("delete from billing.sealed_lines", ()),
        ("update billing.claim_line set quantity = 2", ()),
        ("update billing.line_key set author = 'x'", ()),
    ]
    for statement, words in refused:
        owner.execute("set role rempart_def_billing")
        try:
            with pytest.raises(psycopg.Error) as error:
                owner.execute(statement, words)
        finally:
            owner.execute("reset role")
        assert error.value.sqlstate in {"42501", "23505"}, statement
    owner.execute("set role rempart_def_billing")
    owner.execute("delete from billing.claim_line")
    owner.execute("reset role")
    assert of_claim(site, clear) == (1, 0)


@pytest.mark.parametrize(
    "wrong", ["made_on = made_on - 1", "insurer_id = insurer_id + 1", "key_id = sha256('x')"]
)
def test_a_sealed_form_is_its_own_insurers_and_of_its_day(
    site: Site, desk: Desk, key_holder: Insurer, wrong: str
) -> None:
    key_holder.trusted()
    (claim,) = paid(site, desk, "alice")
    owner = site.db.owner
    owner.execute("select registry.add_insurer('87654321', 'Une autre')")
    owner.execute(
        "insert into billing.line_key (key_id, insurer_id, place, public, stated_at, author)"
        " select sha256('x'), i.insurer_id, 1, k.public, k.stated_at, k.author"
        " from billing.line_key k, registry.insurer i where i.amc_number = '87654321'"
    )
    row = {"made_on": "current_date", "insurer_id": "c.insurer_id", "key_id": "k.key_id"}
    name, _, value = wrong.partition(" = ")
    row[name] = value.replace(name, row[name])
    seal = (
        f"insert into billing.sealed_lines select c.claim_id, {row['insurer_id']}, {row['key_id']},"
        f" {row['made_on']}, now(), %s from billing.claim c, billing.line_key k"
        " where c.claim_id = %s and k.insurer_id = c.insurer_id"
    )
    owner.execute("set role rempart_def_billing")
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(seal, (bytes(2508), claim))
    finally:
        owner.execute("reset role")
