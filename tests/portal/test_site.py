"""A site's page: software connected and revoked by its administrator alone; alerts; whole days."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rempart.edge.cookie import COOKIE
from rempart.identity import ClientKey, Codes
from tests.http.platform import OTHER_RPPS, RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import IN, Visitor
from tests.support.ageing import age_journal
from tests.support.asking import one

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CODE = {"vendor": "Officine 9", "professionals": RPPS}


async def bob_at_work(alice: Visitor) -> Visitor:
    """A colleague of the same site, who is no administrator."""
    told = {"professional": OTHER_RPPS, "name": "Bob Durand"}
    codes = (await alice.post(IN + "colleagues", told)).json()
    bob = Visitor(alice.platform)
    both = Codes(codes["link"].split("#")[1], codes["second"])
    assert (await bob.enrol(both)).status_code == 204
    assert (await bob.sign_in()).status_code == 200
    return bob


async def page(visitor: Visitor) -> str:
    shown = await visitor.platform.edge.get(
        "/portal/site", headers={"Cookie": f"{COOKIE}={visitor.cookie}"}
    )
    assert shown.status_code == 200
    return shown.text


def alerts(alice: Visitor) -> dict[str, dict[str, Any]]:
    edge = alice.platform.db.connect("rempart_edge")
    rows = edge.execute("select * from guard.list_alerts(%s)", (alice.cookie,)).fetchall()
    return {row["kind"]: row for row in rows}


async def test_an_administrator_connects_a_software_that_then_asks(alice: Visitor) -> None:
    platform = alice.platform
    answer = await alice.post(IN + "devices", CODE)
    assert answer.status_code == 201, answer.text
    assert "Officine 9" in await page(alice)
    enrolled = await other_software(platform).enrol(answer.json()["code"])
    assert enrolled.status_code == 201, enrolled.text
    row = one(
        platform.db.owner,
        "select vendor, client_id, (select count(*) from identity.installation_account l"
        " where l.installation_id = i.installation_id) as accounts from identity.installation i"
        " where client_id = %s",
        enrolled.json()["client_id"],
    )
    assert (row["vendor"], row["accounts"]) == ("Officine 9", 1)
    # The code is used up, and the list has the software instead.
    assert (await other_software(platform).enrol(answer.json()["code"])).status_code == 403


def other_software(platform: Platform) -> Platform:
    """The same platform, met by a software with a key of its own."""
    return replace(platform, key=ClientKey.generate())


async def test_revoking_is_felt_by_the_next_question(alice: Visitor) -> None:
    platform = alice.platform
    assert await platform.outcome() == "covered"
    gone = await alice.post(IN + "devices/revoke", {"client_id": platform.client_id})
    assert gone.status_code == 204, gone.text
    assert await platform.outcome() == "invalid_token"
    assert "Révoqué le" in await page(alice)


async def test_nobody_else_may(alice: Visitor) -> None:
    """A colleague, an administrator of another site, a cookie without its key, a proof twice."""
    bob = await bob_at_work(alice)
    platform = alice.platform
    device = {"client_id": platform.client_id}
    for path, message in (("devices", CODE), ("devices/revoke", device)):
        assert_problem(await bob.post(IN + path, message), "not_administrator")
        assert_problem(await alice.post(IN + path, message, proved=False), "invalid_proof")
    assert_problem(await bob.post("/v1/portal/site/days", {}, edge=True), "not_administrator")
    shown = await platform.edge.get("/portal/site", headers={"Cookie": f"{COOKIE}={bob.cookie}"})
    assert shown.status_code == 303
    assert alerts(bob) == {}
    # Of another site: somebody's, and no name for whether it exists.
    platform.db.owner.execute(
        "select identity.add_site('750000026', 'Ailleurs');"
        " update identity.installation set site_id = (select site_id from identity.site"
        " where identifier = '750000026') where client_id = '" + platform.client_id + "'"
    )
    assert_problem(await alice.post(IN + "devices/revoke", device), "not_yours")
    assert platform.client_id not in await page(alice)
    browser = one(
        platform.db.owner,
        "select client_id from identity.installation join identity.browser using (installation_id)"
        " join identity.account using (account_id) join identity.professional"
        " using (professional_id) where rpps = %s",
        OTHER_RPPS,
    )["client_id"]
    assert_problem(await alice.post(IN + "devices/revoke", {"client_id": browser}), "not_yours")


async def test_a_code_is_for_colleagues_of_the_site_and_after_a_fresh_touch(
    alice: Visitor,
) -> None:
    owner = alice.platform.db.owner
    owner.execute("select identity.add_professional('10000000025', 'pharmacien')")
    elsewhere = CODE | {"professionals": f"{RPPS},10000000025"}
    assert_problem(await alice.post(IN + "devices", elsewhere), "not_yours")
    mistyped = CODE | {"professionals": "10001234566"}
    assert_problem(await alice.post(IN + "devices", mistyped), "bad_check_digit", "professionals")
    blank = CODE | {"vendor": "   "}
    assert_problem(await alice.post(IN + "devices", blank), "bad_format", "vendor")
    for _ in range(10):
        assert (await alice.post(IN + "devices", CODE)).status_code == 201
    assert_problem(await alice.post(IN + "devices", CODE), "too_many_codes")
    owner.execute("update identity.session set touched_at = touched_at - interval '11 minutes'")
    assert_problem(await alice.post(IN + "devices", CODE), "sign_in_again")


async def test_alerts_say_what_and_never_why(alice: Visitor) -> None:
    db = alice.platform.db
    assert alerts(alice) == {}
    assert "Rien à signaler" in await page(alice)
    told = {"professional": OTHER_RPPS, "name": "Bob Durand"}
    assert (await alice.post(IN + "colleagues", told)).status_code == 201
    desk = db.connect("rempart_desk")
    for scope, value in (
        ("site", SITE),
        ("account", f"{RPPS}@{SITE}"),
        ("client", alice.platform.client_id),
        ("professional", "10000000033"),
        ("insurer", "12345678"),
    ):
        desk.execute(
            "select guard.close_gate(%s, %s, 'Vu par le détecteur', 'Alice', null)", (scope, value)
        )
    account = one(
        db.owner,
        "select account_id from identity.account join identity.professional using"
        " (professional_id) where rpps = %s",
        OTHER_RPPS,
    )["account_id"]
    db.owner.execute("select guard.recover_caps(%s)", (account,))
    for last_four in ("2606", "3000"):
        desk.execute("select billing.set_bank(%s, %s, %s)", (SITE, bytes(1200), last_four))
    found = alerts(alice)
    assert set(found) == {
        "site_closed", "account_closed", "software_closed", "recovered", "invited", "bank_changes",
    }  # fmt: skip
    waits = found["bank_changes"]
    assert waits["about"] == "…3000"
    assert waits["until"] - waits["since"] == timedelta(hours=72)
    assert found["account_closed"]["about"] == "Alice Martin"
    assert found["recovered"]["until"] is not None
    text = await page(alice)
    assert "Le site est fermé" in text
    assert "Le compte bancaire va changer" in text
    assert "détecteur" not in text


async def test_an_administrator_is_told_that_the_bank_sent_a_payment_back(alice: Visitor) -> None:
    db = alice.platform.db
    put = "select billing.set_bank(%s, %s, '2606')"
    db.owner.execute(put, (SITE, bytes(1200)))
    assert alerts(alice) == {}
    db.owner.execute(
        "with made as (insert into billing.batch"
        " (insurer_id, on_day, message, made_at, file_digest, paid_at) values"
        " (1, current_date, 'RP' || repeat('0', 32), now(), sha256(''), now())"
        " returning batch_id) insert into billing.transfer (batch_id, site_id, detail_id,"
        " end_to_end, claims, amount_cents, state) select batch_id, d.site_id, detail_id,"
        " 'RP' || repeat('1', 32), 1, 700, 'paid' from made, billing.bank_detail d"
    )
    assert alerts(alice) == {}
    db.owner.execute("select billing.take_return('RP' || repeat('1', 32), 'AC04')")
    assert alerts(alice)["bank_refused"]["about"] == "…2606"
    assert "La banque a renvoyé un paiement" in await page(alice)
    db.owner.execute(put, (SITE, bytes(1200)))
    db.owner.execute(
        "update billing.bank_detail set effective_at = stated_at where effective_at > now()"
    )
    assert alerts(alice) == {}


async def test_days_that_are_over_are_counted_by_person_and_today_is_not(alice: Visitor) -> None:
    platform = alice.platform

    async def ask(person: str, **changes: object) -> None:
        question = platform.question(person, professional=RPPS, site=SITE, **changes)
        await alice.post("/v1/portal/rights-questions", question, edge=True)

    async def counted() -> list[dict[str, Any]]:
        answer = await alice.post("/v1/portal/site/days", {}, edge=True)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["days"]
        return found

    for person in ("alice", "bob", "stranger"):
        await ask(person)
    await ask("carol", domain="OPTI")
    platform.empty("fresh", 2)
    await ask("carol")
    assert await counted() == []
    age_journal(platform.db, timedelta(days=1))
    (row,) = await counted()
    assert row == {
        "on_day": (platform.today - timedelta(1)).isoformat(),
        "name": "Alice Martin",
        "answered": 2,
        "nothing_found": 1,
        "better_evidence": 1,
        "refused": 1,
    }
    age_journal(platform.db, timedelta(days=7))
    assert await counted() == []
