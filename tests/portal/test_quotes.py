"""Quotes from the portal: read forgivingly, for the session's account, withdrawn by its site."""

from typing import Any

import pytest

from rempart.portal.menu import AGREED_TO, AGREEING
from rempart.rights import ExceptionReason
from tests.http.platform import BORN, RPPS, SITE
from tests.http.shape import assert_problem
from tests.portal.visitor import Visitor
from tests.support.claiming import LINE
from tests.support.database import DatabaseUnderTest
from tests.support.quoting import count_glasses, line

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

QUOTES = "/v1/portal/quotes"
WITHDRAW = "/v1/portal/authorizations/cancellations"
AGREED_FIRST = {"PHAR": {"mode": "on_request", "rate_bp": 10000}}


def typed(alice: Visitor, **changes: object) -> dict[str, Any]:
    """What the page sends for a card typed by hand; who asks is the session's."""
    question = alice.platform.question(lines=[LINE], replaces=None) | changes
    del question["professional"], question["site"]
    return question


async def test_lines_are_agreed_to_amended_and_withdrawn(alice: Visitor) -> None:
    count_glasses(alice.platform.db, AGREED_FIRST)
    # As people write a day and a number.
    written = typed(alice, birth_date=f"{BORN:%d/%m/%Y}", insurer=" 12345678 ")
    answer = (await alice.post(QUOTES, written, edge=True)).json()
    assert (answer["outcome"], answer["amount_cents"]) == ("agreed", 700)
    assert [one["patient_cents"] for one in answer["lines"]] == [0]
    first = answer["engagement"]
    amended = typed(alice, lines=[LINE, LINE], replaces=first.lower())
    second = (await alice.post(QUOTES, amended, edge=True)).json()
    assert (second["outcome"], second["amount_cents"]) == ("agreed", 1400)
    # What it replaced is no more; its own lines are there to be billed as they were agreed to.
    look = await alice.post(
        "/v1/portal/payments/look-up", {"engagement": second["engagement"]}, edge=True
    )
    told = look.json()
    assert [one["agreed_cents"] for one in told["lines"]] == [700, 700]
    assert told["guarantee"]["amount_cents"] == 1400
    assert told["guarantee"]["rate_bp"] is None
    listed = (await alice.post("/v1/portal/payments", {}, edge=True)).json()["to_bill"]
    assert [one["engagement"] for one in listed] == [second["engagement"]]
    assert listed[0]["is_authorization"]
    withdrawn = await alice.post(WITHDRAW, {"authorization": second["engagement"]}, edge=True)
    assert withdrawn.json()["state"] == "cancelled"
    assert (await alice.post("/v1/portal/payments", {}, edge=True)).json()["to_bill"] == []


async def test_what_is_counted_is_told_of_no_card_that_is_typed(alice: Visitor) -> None:
    counted = {
        "PHAR": {
            "mode": "on_request",
            "rate_bp": 10000,
            "categories": {"DM": {"mode": "on_request", "amount_cents": 500, "every_months": 12}},
        }
    }
    count_glasses(alice.platform.db, counted)
    asked = typed(alice, lines=[line("DM", price=2000)])
    answer = (await alice.post(QUOTES, asked, edge=True)).json()
    assert answer["outcome"] == "better_evidence_needed"
    assert answer["lines"] is None


async def test_what_the_page_does_not_say_is_refused(alice: Visitor) -> None:
    for changes, code, field in (
        ({"lines": []}, "bad_format", "lines"),
        ({"birth_date": "soon"}, "bad_date", "birth_date"),
        ({"replaces": "LEAKED"}, "bad_format", "replaces"),
        (
            {"exception": {"reason": ExceptionReason.EMERGENCY.value, "salt": "0" * 32}},
            "bad_format",
            "exception",
        ),
    ):
        answer = await alice.post(QUOTES, typed(alice, **changes), edge=True)
        assert_problem(answer, code, field)
    other = typed(alice) | {"professional": "10101010105", "site": SITE}
    assert_problem(await alice.post(QUOTES, other, edge=True), "professional_not_linked")
    assert RPPS != "10101010105"


def test_the_menu_has_it_for_who_may_ask_for_one(db: DatabaseUnderTest) -> None:
    rows = db.owner.execute(
        "select distinct profession from identity.profession_domain where domain = any (%s)",
        (list(AGREED_TO),),
    ).fetchall()
    assert {row["profession"] for row in rows} == AGREEING
