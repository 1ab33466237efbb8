"""My payments: what waits, what is under way, what was paid; for a site's people, and nobody's."""

from typing import Any

import httpx
import pytest

from rempart.api.payments import not_heard
from rempart.billing import Claimant, Guarantees, NotHeard
from rempart.foundation.database import Database
from tests.http.platform import RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.test_site import bob_at_work
from tests.portal.visitor import Visitor
from tests.support.asking import one
from tests.support.claiming import LINE
from tests.support.days import PARIS_DAY
from tests.support.paying import MORE_PAID, paid_to

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

AT = "/v1/portal/"


async def said(who: Visitor, path: str, message: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await who.post(AT + path, message or {}, edge=True)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def engaged(who: Visitor, person: str = "alice", rpps: str = RPPS) -> str:
    """Ask about somebody who is covered; the number that was given."""
    question = who.platform.question(person, professional=rpps, site=SITE)
    return str((await said(who, "rights-questions", question))["engagement"])


async def claimed(who: Visitor, number: str) -> dict[str, Any]:
    told = {"engagement": number, "reference": f"F-{number[:4]}", "lines": [LINE]}
    return await said(who, "claims", told)


async def looked_up(who: Visitor, number: str) -> dict[str, Any]:
    return await said(who, "payments/look-up", {"engagement": number})


def yesterday(platform: Platform) -> None:
    """Let everything that was given and claimed have been so a day earlier."""
    for table, column in (("engagement", "given_at"), ("claim", "made_at")):
        platform.db.owner.execute(
            f"update billing.{table} set {column} = {column} - interval '1 day'"
        )


async def test_a_guarantee_goes_from_waiting_to_paid(alice: Visitor) -> None:
    platform = alice.platform
    number, entries = await engaged(alice), platform.entries()
    (row,) = (await said(alice, "payments"))["to_bill"]
    assert (row["engagement"], row["state"], row["domain"]) == (number, "to_bill", "PHAR")
    assert (row["rate_bp"], row["care_date"]) == (10000, platform.today.isoformat())
    # As somebody reads it from a slip.
    spoken = number.lower().replace("-", " ")
    assert (await looked_up(alice, spoken))["guarantee"] == row
    claim = await claimed(alice, number)
    page = await said(alice, "payments")
    (row,) = page["claimed"]
    assert page["to_bill"] == []
    assert (row["claim"], row["claimed_cents"]) == (claim["claim"], 700)
    # Why it is not paid: nobody said where to.
    assert (row["state"], row["because"]) == ("accepted", "no_bank_detail")
    assert (await said(alice, "payments/paid"))["remittances"] == []
    name = paid_to(platform.db, SITE)
    assert (await said(alice, "payments"))["claimed"] == []
    (paid,) = (await said(alice, "payments/paid"))["remittances"]
    assert (paid["remittance"], paid["amount_cents"], paid["claims"]) == (name, 700, 1)
    notice = await said(alice, "payments/notice", {"remittance": name})
    assert [line["engagement"] for line in notice["lines"]] == [number]
    found = await looked_up(alice, number)
    assert (found["guarantee"]["state"], found["remittance"]) == ("paid", name)
    assert (found["paid_at"], found["account"]) == (paid["paid_at"], "2606")
    # Looking at one's money discloses nobody: no entry, and no budget.
    assert platform.entries() == entries


async def test_older_payments_are_listed_before_one_that_is_named(alice: Visitor) -> None:
    await claimed(alice, await engaged(alice))
    first = paid_to(alice.platform.db, SITE)
    alice.platform.db.owner.execute(MORE_PAID, (SITE, 1, 200))
    told = await said(alice, "payments/paid")
    assert (len(told["remittances"]), told["has_more"]) == (200, True)
    before = {"before": told["remittances"][-1]["remittance"]}
    told = await said(alice, "payments/paid", before)
    (paid,) = told["remittances"]
    assert (paid["remittance"], told["has_more"]) == (first, False)
    for named, code in ((f"RP{'0' * 32}", "remittance_unknown"), ("LEAKED", "bad_format")):
        refused = await alice.post(AT + "payments/paid", {"before": named}, edge=True)
        assert refused.json()["code"] == code
        assert "LEAKED" not in refused.text


async def test_what_the_bank_sent_back_waits_and_says_why(alice: Visitor) -> None:
    owner = alice.platform.db.owner
    number = await engaged(alice)
    await claimed(alice, number)
    name = paid_to(alice.platform.db, SITE)
    owner.execute("select billing.take_return(%s, 'AC04')", (name,))
    (row,) = (await said(alice, "payments"))["claimed"]
    why = (row["state"], row["because"], row["bank_reason"])
    assert why == ("returned", "bank_returned", "AC04")
    assert (await looked_up(alice, number))["guarantee"] == row
    # Another bank detail is in force: nothing is in the way any more.
    one(owner, "select * from billing.set_bank(%s, %s, '3000')", SITE, bytes(1200))
    owner.execute(
        "update billing.bank_detail set effective_at = effective_at - interval '72 hours',"
        " stated_at = stated_at - interval '72 hours'"
    )
    (row,) = (await said(alice, "payments"))["claimed"]
    assert (row["state"], row["because"]) == ("returned", None)
    # In the next batch: on its way, and no payment of today's yet.
    owner.execute("update billing.batch set on_day = on_day - 1")
    owner.execute("select billing.open_batch(o.insurer_id) from billing.list_owing() o")
    found = await looked_up(alice, number)
    assert found["guarantee"]["state"] == "batched"
    assert found["guarantee"]["batched_on"] == alice.platform.today.isoformat()
    assert found["remittance"] is None


async def test_what_the_insurer_disputes_is_marked_and_paid(alice: Visitor) -> None:
    number = await engaged(alice)
    await claimed(alice, number)
    (row,) = (await said(alice, "payments"))["claimed"]
    assert not row["disputed"]
    alice.platform.db.owner.execute(
        "update billing.answer set answer = 'rejected', because = 'care_doubted',"
        " answered_at = clock_timestamp(), installation_id = 1"
    )
    (row,) = (await said(alice, "payments"))["claimed"]
    assert row["disputed"]
    name = paid_to(alice.platform.db, SITE)
    found = (await looked_up(alice, number))["guarantee"]
    assert (found["state"], found["disputed"]) == ("paid", True)
    (line,) = (await said(alice, "payments/notice", {"remittance": name}))["lines"]
    assert line["disputed"]


async def test_what_is_over_says_so_and_what_was_cancelled_waits_again(alice: Visitor) -> None:
    owner = alice.platform.db.owner
    number = await engaged(alice)
    claim = await claimed(alice, number)
    path = f"{AT}claims/{claim['claim']}/cancellation"
    assert (await alice.post(path, edge=True, body=b"")).status_code == 200
    (row,) = (await said(alice, "payments"))["to_bill"]
    assert (row["engagement"], row["claim"]) == (number, None)
    owner.execute(f"update billing.engagement set expires_on = {PARIS_DAY}")
    assert (await looked_up(alice, number))["guarantee"]["state"] == "to_bill"
    for state, change in (
        ("expired", f"expires_on = {PARIS_DAY} - 1"),
        ("cancelled", f"expires_on = {PARIS_DAY}, cancelled_at = clock_timestamp()"),
        ("replaced", "replaced_by = engagement_id"),
    ):
        owner.execute(f"update billing.engagement set {change}")
        assert (await looked_up(alice, number))["guarantee"]["state"] == state
        assert (await said(alice, "payments"))["to_bill"] == []


async def test_todays_are_ones_own_and_the_days_before_are_the_sites(alice: Visitor) -> None:
    """A list that moved with each question would follow a colleague's patients as they come."""
    platform = alice.platform
    bob = await bob_at_work(alice)
    bobs = await engaged(bob, "bob", rpps="10101010105")
    alices = await engaged(alice)
    for who, own in ((alice, alices), (bob, bobs)):
        assert [row["engagement"] for row in (await said(who, "payments"))["to_bill"]] == [own]
    # Whoever has the number is told at once, as a software of the site is.
    assert (await looked_up(alice, bobs))["guarantee"]["state"] == "to_bill"
    yesterday(platform)
    every = {row["engagement"] for row in (await said(alice, "payments"))["to_bill"]}
    assert every == {alices, bobs}
    assert [row["engagement"] for row in (await said(bob, "payments"))["to_bill"]] == [bobs]
    await claimed(alice, alices)
    assert (await said(bob, "payments"))["claimed"] == []
    yesterday(platform)
    assert [row["engagement"] for row in (await said(bob, "payments"))["claimed"]] == [alices]


async def test_no_row_says_for_whom(alice: Visitor) -> None:
    await claimed(alice, await engaged(alice))
    await engaged(alice, "bob")
    page = await said(alice, "payments")
    row = one(alice.platform.db.owner, "select member_reference, asked from billing.engagement")
    for named in (row["member_reference"].hex(), row["asked"].hex(), "12345678"):
        assert named not in str(page)
    assert {frozenset(each) for rows in ("to_bill", "claimed") for each in page[rows]} == {
        frozenset({
            "engagement", "is_authorization", "domain", "care_date", "expires_on", "rate_bp",
            "amount_cents", "ceiling_cents", "state", "claim", "claimed_at", "claimed_cents",
            "because", "batched_on", "bank_reason", "disputed",
        })
    }  # fmt: skip


async def test_what_cannot_be_told_is_refused(alice: Visitor) -> None:
    def post(path: str, message: dict[str, Any], **how: Any) -> Any:  # noqa: ANN401 - as `post` takes them
        return alice.post(AT + path, message, edge=True, **how)

    number = await engaged(alice)
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    for written in ("", "LEAKED", wrong):
        answer: httpx.Response = await post("payments/look-up", {"engagement": written})
        assert_problem(answer, "bad_format", "engagement")
    unknown = {"engagement": "0000-0000-0000-0000-0"}
    answer = await post("payments/look-up", unknown)
    assert_problem(answer, "engagement_unknown")
    answer = await post("payments/notice", {"remittance": "RP" + "0" * 32})
    assert_problem(answer, "remittance_unknown")
    assert_problem(await post("payments", {}, proved=False), "invalid_proof")


async def test_a_proof_serves_once_and_a_session_that_is_over_is_told_so(alice: Visitor) -> None:
    """What the guard let in is looked at again by the reading itself."""
    platform, number = alice.platform, await engaged(alice)
    edge = await Database.open(platform.db.dsn("rempart_edge"), max_size=1)
    guarantees = Guarantees.of(edge, platform.db.keyring)
    dead = Claimant("0" * 43, alice.key.jkt, "a")
    live = Claimant(str(alice.cookie), alice.key.jkt, "b")
    try:
        assert await guarantees.waiting(dead) is NotHeard.INVALID_TOKEN
        assert await guarantees.find(dead, number) is NotHeard.INVALID_TOKEN
        assert not isinstance(await guarantees.waiting(live), NotHeard)
        assert await guarantees.waiting(live) is NotHeard.PROOF_REPEATED
        assert await guarantees.find(live, number) is NotHeard.PROOF_REPEATED
    finally:
        await edge.close()
    assert not_heard(NotHeard.INVALID_TOKEN).code == "session_over"
    assert not_heard(NotHeard.PROOF_REPEATED).code == "proof_repeated"
