"""/v1/quotes and /v1/authorizations: lines are agreed to, amended, claimed and cancelled."""

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from psycopg.types.json import Jsonb

from rempart.api.quote_messages import QuoteAnswer
from rempart.api.quotes import ANSWER_BYTES
from rempart.foundation.database import Database
from rempart.journal import ReceiptError, check_budgets, verify
from rempart.rights import HeldAnswer, check_held
from tests.http.platform import SECRET, Platform
from tests.http.shape import assert_problem
from tests.http.test_claims import send
from tests.support.asking import INSURER, one

pytestmark = pytest.mark.anyio

QUOTES = "/v1/quotes"
LINE = {
    "category": "DM", "quantity": 1, "price_cents": 2000, "base_cents": 2000,
    "obligatory_cents": 1300,
}  # fmt: skip
COUNTED = {"mode": "on_request", "rate_bp": 10000, "every_months": 12}


@pytest.fixture
def counting(platform: Platform) -> Platform:
    """A platform where a device is agreed to first, and once a year."""
    rules = {"PHAR": {"mode": "direct", "rate_bp": 10000, "categories": {"DM": COUNTED}}}
    platform.db.owner.execute(
        "select registry.add_plan(%s, 'COMPLET', 'Complet', %s)", (INSURER, Jsonb(rules))
    )
    return platform


def body_of(platform: Platform, person: str = "alice", **changes: object) -> dict[str, Any]:
    scanned = {"evidence": "scan", "card_secret": SECRET, "lines": [LINE]}
    return platform.question(person, **(scanned | changes))


async def quote(platform: Platform, person: str = "alice", **changes: object) -> httpx.Response:
    return await send(platform, "POST", QUOTES, body_of(platform, person, **changes))


async def about(platform: Platform, step: str, number: str) -> httpx.Response:
    return await send(platform, "POST", f"/v1/authorizations/{step}", {"authorization": number})


async def test_lines_are_agreed_to_amended_claimed_and_cancelled(counting: Platform) -> None:
    found = await quote(counting)
    assert found.status_code == 200, found.text
    first = found.json()
    assert list(first) == [field.name for field in msgspec.structs.fields(QuoteAnswer)]
    assert (first["outcome"], first["amount_cents"]) == ("agreed", 700)
    (line,) = first["lines"]
    assert (line["amount_cents"], line["patient_cents"], line["units_left"]) == (700, 0, 0)
    assert line["next_from"] > first["expires_on"]
    told = (await about(counting, "look-ups", first["engagement"].lower())).json()
    assert {k: v for k, v in told.items() if k != "given_at"} == {
        "state": "standing", "amount_cents": 700, "lines": [700],
        "expires_on": first["expires_on"],
    }  # fmt: skip

    dearer = LINE | {"price_cents": 3000, "base_cents": 3000}
    second = (await quote(counting, lines=[dearer], replaces=first["engagement"])).json()
    assert (second["outcome"], second["amount_cents"]) == ("agreed", 1700)
    gone = await about(counting, "look-ups", first["engagement"])
    assert gone.json()["state"] == "replaced"
    stale = await quote(counting, replaces=first["engagement"])
    assert_problem(stale, "authorization_unknown")

    claim = {"engagement": second["engagement"], "reference": "F-1", "lines": [dearer]}
    made = await send(counting, "POST", "/v1/claims", claim)
    assert made.json()["amount_cents"] == 1700
    assert_problem(
        await about(counting, "cancellations", second["engagement"]), "authorization_claimed"
    )
    await send(counting, "POST", f"/v1/claims/{made.json()['claim']}/cancellation")
    done = await about(counting, "cancellations", second["engagement"])
    assert done.json()["state"] == "cancelled"
    assert (await quote(counting)).json()["outcome"] == "agreed"


async def test_every_answer_has_one_size_whatever_it_says(counting: Platform) -> None:
    many = [LINE | {"price_cents": 10_000_000, "base_cents": 10_000_000}] * 40
    answers = [
        await quote(counting),
        await quote(counting, lines=many),
        await quote(counting, "bob", evidence="typed", card_secret=None),
        await quote(counting, "bob", lines=[LINE | {"category": "PH7"}]),
        await quote(counting, member_number="99999999"),
    ]
    assert [answer.json()["outcome"] for answer in answers] == [
        "agreed", "nothing_agreed", "better_evidence_needed", "covered", "no_right_found",
    ]  # fmt: skip
    assert {len(answer.content) for answer in answers} == {ANSWER_BYTES}
    assert answers[1].json()["lines"][39]["patient_cents"] == 10_000_000 - 1300
    assert [answer.json()["lines"] is None for answer in answers] == [
        False, False, True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changes, code, field",
    [
        ({"lines": []}, "bad_format", "lines"),
        ({"lines": [LINE] * 41}, "bad_format", "lines"),
        ({"lines": [LINE | {"correction": "-2.25"}]}, "bad_format", "lines"),
        ({"prescription": "x"}, "unknown_field", None),
        ({"replaces": "NB34-1EQP-PW3K-XJD5-W"}, "bad_format", "replaces"),
        ({"lines": [LINE | {"category": "VERRE"}]}, "category_unknown", None),
        ({"lines": [LINE | {"obligatory_cents": 2001}]}, "amounts_do_not_fit", None),
        ({"replaces": "NB34-1EQP-PW3K-XJD5-V"}, "authorization_unknown", None),
    ],
)
async def test_what_cannot_be_quoted_is_refused_by_name(
    counting: Platform, changes: dict[str, Any], code: str, field: str | None
) -> None:
    answer = await quote(counting, **changes)
    assert_problem(answer, code, field)


async def test_the_same_reference_gives_the_same_answer_for_the_same_lines(
    counting: Platform,
) -> None:
    first = (await quote(counting, reference="one")).json()
    again = (await quote(counting, reference="one")).json()
    told = ("outcome", "amount_cents", "engagement", "expires_on", "lines")
    assert [again[key] for key in told] == [first[key] for key in told]
    assert again["receipt"]["entry"] != first["receipt"]["entry"]
    other = await quote(counting, reference="one", lines=[LINE, LINE])
    assert_problem(other, "reference_reused", "reference")


async def test_a_quote_is_on_record_with_its_own_field(counting: Platform) -> None:
    """The receipt opens to amounts and days; the journal and its budgets hold together."""
    await counting.ask("bob")
    body = body_of(counting)
    answer = (await send(counting, "POST", QUOTES, body)).json()
    await quote(counting, "carol", evidence="typed", card_secret=None)
    key = counting.parts.receipt_keys
    public = msgspec.json.decode(key)["keys"][0]["public_key"]
    held = HeldAnswer(request=json.dumps(body), answer=answer, receipt_key=public)
    assert check_held(held, bytes.fromhex(public)).entry == answer["receipt"]["entry"]
    for change in ({"amount_cents": 701}, {"units_left": 1}, {"next_from": None}):
        forged = answer | {"lines": [answer["lines"][0] | change]}
        with pytest.raises(ReceiptError):
            check_held(
                HeldAnswer(request=json.dumps(body), answer=forged, receipt_key=public),
                bytes.fromhex(public),
            )
    async with await Database.open(counting.db.dsn("rempart_journal"), max_size=1) as auditor:
        found = await verify(auditor)
        assert (found.ok, found.problems) == (True, [])
        assert (await check_budgets(auditor)).ok
        counting.db.owner.execute("alter table journal.payload disable trigger user")
        counting.db.owner.execute(
            "update journal.payload set told = %s where told is not null", (b"\0" * 12,)
        )
        assert "commitment_a" in (await verify(auditor)).problems[0].what


async def test_nothing_of_what_somebody_needs_stands_in_the_journal(counting: Platform) -> None:
    await quote(counting)
    row = one(counting.db.owner, "select p::text as text from journal.payload p")
    assert "DM" not in row["text"]
    same = one(counting.db.owner, "select sameness from journal.reference")["sameness"]
    assert len(same) == hashlib.sha256().digest_size


def test_no_address_has_a_number() -> None:
    """The number of a prise en charge is told in a body, where no log of addresses keeps it."""
    routes = Path("src/rempart/routes.py").read_text(encoding="utf-8")
    assert "/v1/authorizations/{" not in routes
