"""P10: what was delivered is erased six months after the claim; what is owed stays."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.support.asking import Site, one
from tests.support.claiming import about, claimed, guarantee
from tests.support.command_line import Told
from tests.support.database import DatabaseUnderTest
from tests.support.days import PARIS_DAY
from tests.support.paying import Desk
from tests.support.purging import counts, limit, purged
from tests.support.quoting import about_authorization, agreed, optician
from tests.support.sealing import Insurer, of_claim, paid

LEFT = "select count(*) as n from billing.claim_line"


def test_lines_go_after_six_months_and_the_claim_stays(site: Site) -> None:
    old, new = claimed(site, guarantee(site)), claimed(site, guarantee(site, "bob"))
    claimed(site, guarantee(site, "carol"), amount_cents=9999)
    owner, last_day = site.db.owner, limit(site.db, "claim_line")
    ages = "update billing.claim_line set made_on = %s where claim_id = %s"
    owner.execute(ages, (last_day, old["claim_id"]))
    assert counts(purged(site.db))["claim_line"] == 0
    assert one(owner, LEFT)["n"] == 2
    owner.execute(ages, (last_day - timedelta(1), old["claim_id"]))
    owner.execute("update billing.claim_refusal set minute = %s", (last_day - timedelta(1),))
    assert counts(purged(site.db))["claim_line"] == 1
    assert one(owner, "select claim_id from billing.claim_line")["claim_id"] == new["claim_id"]
    assert one(owner, "select count(*) as n from billing.claim_refusal")["n"] == 0
    assert about(site, "read", old["claim_id"])["amount_cents"] == 700


def test_sealed_lines_go_when_the_clear_ones_would_have(
    site: Site, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, insurer = Desk.open(told, tmp_path, monkeypatch), Insurer(told, tmp_path)
    desk.bank(site)
    insurer.trusted()
    old, new = paid(site, desk, "alice", "bob")
    assert told("lines", "seal")["sealed"] == 2
    owner = site.db.owner
    last_day = limit(site.db, "sealed_lines")
    assert last_day == limit(site.db, "claim_line")
    ages = "update billing.sealed_lines set made_on = %s where claim_id = %s"
    for days, left in ((0, {old.hex(), new.hex()}), (1, {new.hex()})):
        owner.execute(ages, (last_day - timedelta(days), old))
        assert counts(purged(site.db))["sealed_lines"] == days
        assert set(insurer.opened()) == left
    owner.execute("set role rempart_def_purge")
    try:
        owner.execute("delete from billing.sealed_lines")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("select sealed from billing.sealed_lines")
    finally:
        owner.execute("reset role")
    assert set(insurer.opened()) == {new.hex()}
    # What was erased is not made again, and what was paid stays.
    assert told("lines", "seal")["sealed"] == 0
    assert about(site, "read", old)["state"] == "paid"


def test_what_is_about_to_be_erased_is_not_sealed_any_more(
    site: Site, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So sealing and erasure never want the same line."""
    desk, insurer = Desk.open(told, tmp_path, monkeypatch), Insurer(told, tmp_path)
    desk.bank(site)
    (claim,) = paid(site, desk, "alice")
    insurer.trusted()
    ages = f"update billing.claim set made_at = ({PARIS_DAY} - interval '6 months')::date + %s"
    made_on = "update billing.claim_line set made_on = (select made_at::date from billing.claim)"
    for age, sealed in ((5, 0), (9, 1)):
        site.db.owner.execute(ages, (age,))
        site.db.owner.execute(made_on)
        purged(site.db)
        assert told("lines", "seal")["sealed"] == sealed
        assert of_claim(site, claim) == (1 - sealed, sealed)


def test_whoever_erases_can_erase_nothing_younger(site: Site) -> None:
    claimed(site, guarantee(site))
    site.db.owner.execute("set role rempart_def_purge")
    try:
        site.db.owner.execute(f"delete from billing.claim_line where made_on <= {PARIS_DAY}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            site.db.owner.execute("select category from billing.claim_line")
    finally:
        site.db.owner.execute("reset role")
    assert one(site.db.owner, LEFT)["n"] == 1


def test_lines_that_were_agreed_to_and_what_they_took_go_too(db: DatabaseUnderTest) -> None:
    shop, owner = optician(db), db.owner
    old, new = agreed(shop), agreed(shop, "bob")
    left_of = (
        "select (select count(*) from billing.authorized_line) as lines,"
        " (select count(*) from billing.frequency_use) as uses"
    )
    of_old = (
        " where engagement_id = (select e.engagement_id from billing.engagement e"
        " where e.number_hash = %s)"
    )
    line_ends = "update billing.authorized_line set expires_on = %s"
    use_ends = "update billing.frequency_use set counts_until = %s"
    for days, left in ((0, 4), (1, 2)):
        ago = timedelta(days)
        owner.execute(line_ends + of_old, (limit(db, "authorized_line") - ago, old))
        owner.execute(use_ends + of_old, (limit(db, "frequency_use") - ago, old))
        foreseen = "select what, due from journal.foresee_purge(36)"
        due = {row["what"]: row["due"] for row in owner.execute(foreseen).fetchall()}
        gone = counts(purged(db))
        assert due == gone
        assert (gone["authorized_line"], gone["frequency_use"]) == (2 * days, 2 * days)
        assert tuple(one(owner, left_of).values()) == (left, left)
    assert about_authorization(shop, "read", old)["amounts"] is None
    assert about_authorization(shop, "read", new)["amounts"] == [5000, 16000]
    owner.execute("set role rempart_def_purge")
    try:
        owner.execute("delete from billing.authorized_line")
        owner.execute("delete from billing.frequency_use")
    finally:
        owner.execute("reset role")
    assert tuple(one(owner, left_of).values()) == (2, 2)


def test_whoever_erases_waits_for_no_cancellation(db: DatabaseUnderTest) -> None:
    """Both delete several rows of one: waiting for each other, one of them would be lost."""
    shop, owner = optician(db), db.owner
    agreed(shop)
    owner.execute(f"update billing.frequency_use set counts_until = {PARIS_DAY} - 32")
    uses = "select category from billing.frequency_use order by category"
    jobs = db.connect("rempart_jobs")
    jobs.execute("set lock_timeout = '2s'")
    with owner.transaction():
        owner.execute("select from billing.frequency_use where category = 'MONTURE' for update")
        jobs.execute("select * from journal.open_purge('console', 36)")
        jobs.execute("select * from billing.erase_lines(10)")
    assert owner.execute(uses).fetchall() == [{"category": "MONTURE"}]
    # That run is past it; the next one, the night after, takes what was passed over.
    assert [counts(purged(db))["frequency_use"] for _ in range(2)] == [1, 1]
    assert owner.execute(uses).fetchall() == []
