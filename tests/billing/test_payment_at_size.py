"""A day of a large insurer: 100,000 claims of 500 sites become one file, within a minute."""

import time
from pathlib import Path

import pytest

from rempart.billing import seal_iban
from tests.support.asking import Site, one
from tests.support.command_line import Told
from tests.support.kept import keep
from tests.support.paying import IBAN, Desk, holds

CLAIMS, SITES = 100_000, 500


@pytest.mark.soak
def test_a_hundred_thousand_claims_are_paid_in_a_minute(
    site: Site, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk.open(told, tmp_path, monkeypatch)
    desk.keyring.ensure("engagement")
    owed(site, desk)
    began = time.monotonic()
    (batch,) = desk.run()
    took = {"run": time.monotonic() - began}
    assert (batch["claims"], batch["transfers"]) == (CLAIMS, SITES)
    began = time.monotonic()
    desk.told("pay", "confirm", batch["batch"])
    took["confirm"] = time.monotonic() - began
    began = time.monotonic()
    holds(desk, bank=CLAIMS * 700)
    took["check"] = time.monotonic() - began
    today, began = site.today.isoformat(), time.monotonic()
    statement = told("pay", "statement", "12345678", "--from", today, "--to", today)
    took["statement"] = time.monotonic() - began
    assert statement["debit_cents"] == CLAIMS * 700
    keep("payment", took)
    assert took["run"] < 60


def owed(site: Site, desk: Desk) -> None:
    """Put claims on record as 500 sites would have made them, and where each is paid."""
    owner = site.db.owner
    owner.execute(
        "insert into identity.site (identifier, label)"
        " select (760000000 + i)::text, 'Pharmacie ' || i from generate_series(1, %s) i",
        (SITES,),
    )
    sites = owner.execute(
        "select site_id, identifier from identity.site where label ~ '[0-9]$'"
    ).fetchall()
    for row in sites:
        sealed = seal_iban(desk.keyring, row["identifier"], IBAN)
        owner.execute("select billing.set_bank(%s, %s, '2606')", (row["identifier"], sealed))
    insurer = one(owner, "select insurer_id from registry.insurer")["insurer_id"]
    owner.execute(
        "create temp table made as select decode(md5('c' || i), 'hex') as claim_id,"
        " decode(md5('e' || i), 'hex') as engagement_id, (%s::bigint[])[1 + i %% %s] as site_id"
        " from generate_series(1, %s) i",
        ([row["site_id"] for row in sites], SITES, CLAIMS),
    )
    owner.execute(
        "insert into billing.engagement (engagement_id, number_hash, site_id, account_id, asked,"
        " domain, care_on, insurer_id, member_reference, plan_id, given_at, expires_on, used_at)"
        " select engagement_id, sha256(engagement_id), site_id, 1, engagement_id, 'PHAR',"
        " current_date, %s, engagement_id, 1, now(), current_date + 30, now() from made",
        (insurer,),
    )
    owner.execute(
        "insert into billing.claim (claim_id, engagement_id, site_id, insurer_id, installation_id,"
        " reference, sameness, promised_cents, amount_cents, state, made_at)"
        " select claim_id, engagement_id, site_id, %s, 1, encode(claim_id, 'hex'),"
        " sha256(claim_id), 700, 700, 'accepted', now() from made",
        (insurer,),
    )
    owner.execute("select billing.await_answer(c) from billing.claim c")
    owner.execute(
        "insert into billing.ledger"
        " (insurer_id, site_id, claim_id, step, debit, credit, amount_cents)"
        " select insurer_id, site_id, claim_id, 'claimed', 'insurer', 'owed', amount_cents"
        " from billing.claim"
    )
