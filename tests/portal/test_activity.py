"""My activity: one's own questions and nobody else's, page by page; receipts that a check takes."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from rempart.cli import run_line
from rempart.identity import ClientKey
from rempart.rights import check_held, read_held
from tests.http.platform import EDGE, RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.http.test_claims import send
from tests.portal.visitor import Visitor
from tests.support.asking import Installation, Site, one, write_something

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

LIST = "/v1/portal/activity"
RECEIPT = f"{LIST}/receipt"
ASK = "/v1/portal/rights-questions"
IN_MONTH_13 = "2026-13-01T00:00:00+00:00"


def days(platform: Platform, **more: object) -> dict[str, Any]:
    today = platform.today
    return {"first_day": (today - timedelta(6)).isoformat(), "last_day": today.isoformat()} | more


async def asked(alice: Visitor, person: str = "alice", **changes: object) -> dict[str, Any]:
    question = alice.platform.question(person, professional=RPPS, site=SITE, **changes)
    answer = await alice.post(ASK, question, edge=True)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(alice: Visitor, **more: object) -> dict[str, Any]:
    answer = await alice.post(LIST, days(alice.platform, **more), edge=True)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_it_lists_time_domain_outcome_receipt_and_engagement_and_no_person(
    alice: Visitor,
) -> None:
    covered = await asked(alice)
    missed = await asked(alice, "stranger")
    page = await listed(alice)
    assert not page["has_more"]
    newest, oldest = page["entries"]
    assert (newest["outcome"], newest["engagement"]) == ("no_right_found", None)
    assert newest["entry"] == missed["receipt"]["entry"]
    assert (oldest["outcome"], oldest["domain"]) == ("covered", "PHAR")
    assert oldest["engagement"] == covered["engagement"]
    assert oldest["entry"] == covered["receipt"]["entry"]
    # What is in a row, and nothing else: no index, no reference, no insurer, no day of birth.
    assert {frozenset(row) for row in page["entries"]} == {
        frozenset({
            "at", "entry", "kind", "domain", "outcome", "refused_because", "tally", "engagement",
            "told_before",
        })
    }  # fmt: skip


async def test_two_questions_about_one_person_are_not_linked(alice: Visitor) -> None:
    """The same guarantee found again, and a repeat: its number stands once."""
    question = alice.platform.question(professional=RPPS, site=SITE)
    first = (await alice.post(ASK, question, edge=True)).json()
    again = (await alice.post(ASK, question, edge=True)).json()
    other = await asked(alice)
    assert first["engagement"] == again["engagement"] == other["engagement"]
    rows = (await listed(alice))["entries"]
    assert [(row["kind"], row["engagement"], row["told_before"]) for row in rows] == [
        ("answer", None, True),
        ("replay", None, True),
        ("answer", first["engagement"], False),
    ]


async def test_pages_are_by_key_and_filters_narrow(alice: Visitor) -> None:
    told = [(await asked(alice))["receipt"]["entry"] for _ in range(52)]
    page = await listed(alice)
    assert page["has_more"]
    last = page["entries"][-1]
    # What comes in meanwhile moves nothing: pages follow from the last row, not from a count.
    await asked(alice, "stranger")
    rest = await listed(alice, before_at=last["at"], before_entry=last["entry"])
    seen = [row["entry"] for row in page["entries"] + rest["entries"]]
    assert seen == told[::-1]
    assert len(page["entries"]) == 50
    assert not rest["has_more"]
    only = await listed(alice, outcome="no_right_found")
    assert [row["outcome"] for row in only["entries"]] == ["no_right_found"]
    assert (await listed(alice, domain="OPTI"))["entries"] == []
    today = alice.platform.today.isoformat()
    assert len((await listed(alice, first_day=today))["entries"]) == 50
    before = {"first_day": "2020-01-01", "last_day": "2020-02-01"}
    assert (await listed(alice, **before))["entries"] == []


async def test_refusals_stand_in_it(alice: Visitor) -> None:
    question = alice.platform.question(professional=RPPS, site=SITE, domain="OPTI")
    assert_problem(await alice.post(ASK, question, edge=True), "domain_not_allowed", "domain")
    (row,) = (await listed(alice, outcome="refused"))["entries"]
    assert (row["outcome"], row["refused_because"]) == ("", "domain_not_allowed")


async def test_a_colleague_sees_nothing_of_it(alice: Visitor) -> None:
    answer = await asked(alice)
    (row,) = (await listed(alice))["entries"]
    invited = await alice.post(
        "/v1/signin/colleagues", {"professional": "10101010105", "name": "Bob Durand"}
    )
    codes = invited.json()
    bob = Visitor(alice.platform)
    link = codes["link"].split("#")[1]
    begun = await bob.post(
        "/v1/signin/enrolment", {"link": link, "second": codes["second"]}, proved=False
    )
    made = bob.device.make(begun.json())
    told = {"link": link, "second": codes["second"], "credential": made, "label": "Poste"}
    assert (await bob.post("/v1/signin/passkey", told, proved=False)).status_code == 204
    assert (await bob.sign_in()).status_code == 200
    assert (await listed(bob))["entries"] == []
    which = {"at": row["at"], "entry": answer["receipt"]["entry"]}
    assert_problem(await bob.post(RECEIPT, which, edge=True), "not_yours")
    assert (await alice.post(RECEIPT, which, edge=True)).status_code == 200


async def test_a_stolen_cookie_reads_nothing(alice: Visitor) -> None:
    await asked(alice)
    wanted = days(alice.platform)
    assert_problem(await alice.post(LIST, wanted, edge=True, proved=False), "invalid_proof")
    thief = await alice.post(LIST, wanted, edge=True, key=ClientKey.generate())
    assert_problem(thief, "session_over")
    page = await alice.platform.edge.get(
        "/portal/activity", headers={"Cookie": f"__Host-rempart={alice.cookie}"}
    )
    assert page.status_code == 200
    assert "<td" not in page.text


async def test_a_proof_serves_once(alice: Visitor) -> None:
    body = json.dumps(days(alice.platform)).encode()
    proof = alice.key.proof(
        "POST", EDGE + LIST, body, alice.cookie, alice.platform.nonces.get(EDGE)
    )

    async def show() -> httpx.Response:
        return await alice.post(LIST, body=body, edge=True, headers={"DPoP": proof})

    assert (await show()).status_code == 200
    assert_problem(await show(), "proof_repeated")


async def test_nothing_is_read_in_a_transaction_that_wrote(alice: Visitor) -> None:
    """P1, with the edge's own role: write, read one's list, and roll back."""
    db, today = alice.platform.db, alice.platform.today
    jkt = one(db.owner, "select jkt from identity.token order by minted_at desc limit 1")["jkt"]
    here = Installation(0, str(alice.cookie), jkt)
    site = Site(db, SITE, RPPS, 0, 0, 0, here, today)
    call = "select * from journal.list_own(%s, %s, %s, %s, %s, null, null, null, null)"
    edge = db.connect("rempart_edge", autocommit=False)
    for savepoint in ("", "savepoint before"):
        if savepoint:
            edge.execute(savepoint)
        write_something(edge, site)
        with pytest.raises(psycopg.Error) as raised:
            edge.execute(call, (alice.cookie, jkt, "a", today, today))
        assert raised.value.sqlstate == "RP001"
        edge.rollback()
    assert edge.execute(call, (alice.cookie, jkt, "a", today, today)).fetchall() == []
    edge.rollback()
    site.ask(site.question())
    assert len(edge.execute(call, (alice.cookie, jkt, "a", today, today)).fetchall()) == 1


async def test_bad_requests_are_refused(alice: Visitor) -> None:
    for change, code, field in (
        ({"first_day": "2026-02-30"}, "bad_date", "first_day"),
        ({"first_day": "2020-01-01"}, "bad_date", "first_day"),
        ({"last_day": "2020-01-01"}, "bad_date", "first_day"),
        ({"last_day": "9999-12-31", "first_day": "9999-12-31"}, "bad_date", "first_day"),
        ({"domain": "NOPE"}, "bad_format", "domain"),
        ({"outcome": "everything"}, "bad_format", "outcome"),
        ({"before_at": "2026-01-01T00:00:00+00:00"}, "missing_field", "before_entry"),
        ({"before_at": IN_MONTH_13, "before_entry": "0" * 32}, "bad_format", "before_at"),
        ({"account": "1"}, "unknown_field", None),
    ):
        answer = await alice.post(LIST, days(alice.platform, **change), edge=True)
        assert_problem(answer, code, field)


@pytest.mark.parametrize("person", ["alice", "stranger"])
async def test_a_receipt_is_what_the_command_takes(
    alice: Visitor, person: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = await asked(alice, person)
    (row,) = (await listed(alice))["entries"]
    answer = await alice.post(RECEIPT, {"at": row["at"], "entry": row["entry"]}, edge=True)
    held = read_held(answer.content)
    assert held.record is not None
    # The same leaf as the answer's own receipt; nothing in it is the person's.
    assert held.answer["receipt"]["leaf"] == kept["receipt"]["leaf"]
    assert "CANARY" not in answer.text
    check_held(held, bytes.fromhex(held.receipt_key))
    file = tmp_path / "receipt.json"
    file.write_bytes(answer.content)
    words = ["journal", "check-receipt", str(file), "--key", held.receipt_key, "--json"]
    capsys.readouterr()
    assert run_line(words) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    file.write_text(answer.text.replace(held.record["care_date"], "2020-01-01"))
    assert run_line(words) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


async def test_a_receipt_of_a_quote_holds_what_was_told_of_each_line(alice: Visitor) -> None:
    """The software asked it for the same account; the portal tells its owner again."""
    line = {"category": "PH7", "price_cents": 2000, "base_cents": 2000, "obligatory_cents": 1300}
    question = alice.platform.question(professional=RPPS, site=SITE, lines=[line])
    quoted = (await send(alice.platform, "POST", "/v1/quotes", question)).json()
    (row,) = (await listed(alice))["entries"]
    answer = await alice.post(RECEIPT, {"at": row["at"], "entry": row["entry"]}, edge=True)
    held = read_held(answer.content)
    assert held.answer["lines"] == [{"amount_cents": 700, "units_left": None, "next_from": None}]
    assert held.answer["receipt"]["leaf"] == quoted["receipt"]["leaf"]
    check_held(held, bytes.fromhex(held.receipt_key))


async def test_what_a_payload_no_longer_opens_is_gone(alice: Visitor) -> None:
    await asked(alice)
    (row,) = (await listed(alice))["entries"]
    alice.platform.db.owner.execute("delete from journal.payload")
    assert (await listed(alice))["entries"] == []
    which = {"at": row["at"], "entry": row["entry"]}
    assert_problem(await alice.post(RECEIPT, which, edge=True), "not_yours")
