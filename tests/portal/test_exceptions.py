"""The exception over HTTP: sign-in verifies the touch, the edge uses it up, neither does both."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from rempart.edge.cookie import COOKIE
from rempart.rights import check_held
from rempart.rights.held import HeldAnswer
from tests.http.platform import EDGE, NUMBERS, RPPS, SECRET, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.test_people import NEW, invite
from tests.portal.visitor import IN, Visitor
from tests.support.asking import one
from tests.support.authenticator import PRESENT, Authenticator

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

QUESTIONS = "/v1/portal/rights-questions"


@dataclass
class Asked:
    """A question as a page writes it, and the digest that it has a passkey touched for."""

    body: bytes
    digest: str

    @classmethod
    def of(cls, platform: Platform, person: str = "alice", **changes: object) -> "Asked":
        salt = secrets.token_bytes(16)
        said = {"reason": "card_missing", "salt": salt.hex()}
        question = platform.question(person, professional=RPPS, site=SITE, exception=said)
        body = json.dumps(question | changes).encode()
        return cls(body, hashlib.sha256(salt + body).hexdigest())


async def begin(visitor: Visitor, asked: Asked) -> dict[str, Any]:
    begun = await visitor.post(IN + "touch", {"digest": asked.digest})
    assert begun.status_code == 200, begun.text
    options: dict[str, Any] = begun.json()
    return options


async def touch(
    visitor: Visitor, asked: Asked, device: Authenticator | None = None
) -> httpx.Response:
    """Have a passkey touched for a question; what sign-in says."""
    credential = (device or visitor.device).touch(await begin(visitor, asked))
    return await visitor.post(IN + "touch/passkey", {"credential": credential})


async def ask(visitor: Visitor, asked: Asked) -> httpx.Response:
    return await visitor.post(QUESTIONS, edge=True, body=asked.body)


async def test_a_touch_and_a_reason_answer_one_question(alice: Visitor) -> None:
    platform = alice.platform
    platform.empty("typed", 2, 4)
    question = platform.question(professional=RPPS, site=SITE)
    refused = await alice.post(QUESTIONS, question, edge=True)
    assert refused.json()["outcome"] == "better_evidence_needed"
    asked = Asked.of(platform)
    options = await begin(alice, asked)
    # The user is verified, and only a passkey of one's own will do.
    assert options["userVerification"] == "required"
    assert len(options["allowCredentials"]) == 1
    touched = await touch(alice, asked)
    assert touched.status_code == 200, touched.text
    assert list(touched.json()) == ["expires_at"]
    answer = await ask(alice, asked)
    assert answer.json()["outcome"] == "covered", answer.text
    # The same size as any other, and a receipt that opens to the exception and its reason.
    assert len(answer.content) == len(refused.content)
    (key,) = [
        row["public_key"] for row in (await platform.edge.get("/v1/receipt-keys")).json()["keys"]
    ]
    held = HeldAnswer(request=asked.body.decode(), answer=answer.json(), receipt_key=key)
    check_held(held, bytes.fromhex(key))
    assert_problem(await ask(alice, Asked.of(platform)), "touch_required")


async def test_what_was_touched_for_another_question_opens_nothing(alice: Visitor) -> None:
    alices, bobs = Asked.of(alice.platform), Asked.of(alice.platform, "bob")
    assert (await touch(alice, bobs)).status_code == 200
    assert_problem(await ask(alice, alices), "touch_required")
    assert (await ask(alice, bobs)).json()["outcome"] == "covered"
    # Used: the same bytes again are the same reference, and a replay; other bytes need a touch.
    assert (await ask(alice, bobs)).json()["outcome"] == "covered"
    assert_problem(await ask(alice, Asked.of(alice.platform, "bob")), "touch_required")


async def test_begun_and_not_touched_is_no_touch(alice: Visitor) -> None:
    asked = Asked.of(alice.platform)
    assert_problem(await ask(alice, asked), "touch_required")
    asked = Asked.of(alice.platform)
    await begin(alice, asked)
    assert_problem(await ask(alice, asked), "touch_required")


async def test_what_is_no_touch_is_not_taken_for_one(alice: Visitor) -> None:
    """From one set-up: each fault, and then the touch that has none."""
    asked = Asked.of(alice.platform)
    alice.device.flags = PRESENT
    assert_problem(await touch(alice, asked), "passkey_refused")
    alice.device.flags = Authenticator(EDGE).flags
    elsewhere = alice.device.touch(await begin(alice, asked), origin="https://evil.example")
    assert_problem(
        await alice.post(IN + "touch/passkey", {"credential": elsewhere}), "passkey_refused"
    )
    assert_problem(await touch(alice, asked, Authenticator(EDGE)), "passkey_refused")
    # A challenge that was made for a sign-in; one that was replaced; and one answered twice.
    signing_in = alice.device.touch(await alice.challenge())
    told = {"credential": signing_in}
    assert_problem(await alice.post(IN + "touch/passkey", told), "ceremony_over")
    replaced = alice.device.touch(await begin(alice, asked))
    options = await begin(alice, asked)
    told = {"credential": replaced}
    assert_problem(await alice.post(IN + "touch/passkey", told), "ceremony_over")
    told = {"credential": alice.device.touch(options)}
    assert (await alice.post(IN + "touch/passkey", told)).status_code == 200
    again = {"credential": alice.device.touch(options)}
    assert_problem(await alice.post(IN + "touch/passkey", again), "ceremony_over")
    assert (await ask(alice, asked)).json()["outcome"] == "covered"


async def test_a_challenge_of_a_touch_opens_no_session(alice: Visitor) -> None:
    touched = alice.device.touch(await begin(alice, Asked.of(alice.platform)))
    assert_problem(await alice.post(IN + "session", {"credential": touched}), "ceremony_over")


async def test_a_colleagues_passkey_or_session_does_not_count(alice: Visitor) -> None:
    alice.platform.db.owner.execute("select identity.add_professional(%s, 'pharmacien')", (NEW,))
    bob = Visitor(alice.platform)
    assert (await bob.enrol(await invite(alice))).status_code == 204
    assert (await bob.sign_in()).status_code == 200
    asked = Asked.of(alice.platform)
    assert_problem(await touch(alice, asked, bob.device), "passkey_refused")
    # Bob touches his own passkey for the very bytes that Alice then asks.
    assert (await touch(bob, asked)).status_code == 200
    assert_problem(await ask(alice, asked), "touch_required")
    assert (await touch(alice, asked)).status_code == 200
    assert (await ask(alice, asked)).json()["outcome"] == "covered"


async def test_a_copied_passkey_is_refused(alice: Visitor) -> None:
    asked = Asked.of(alice.platform)
    alice.device.sign_count = 0
    assert_problem(await touch(alice, asked), "passkey_refused")


async def test_a_touch_is_a_proved_step_of_a_live_session(alice: Visitor) -> None:
    digest = {"digest": Asked.of(alice.platform).digest}
    assert_problem(await alice.post(IN + "touch", digest, proved=False), "invalid_proof")
    bad = {"digest": "00"}
    assert_problem(await alice.post(IN + "touch", bad), "bad_format", "digest")
    assert_problem(await alice.post(IN + "touch/passkey", {"credential": "{}"}), "passkey_refused")
    await alice.post(IN + "session/close", {})
    assert_problem(await alice.post(IN + "touch", digest), "session_over")


async def test_an_exception_is_asked_in_one_way(alice: Visitor) -> None:
    platform = alice.platform
    for changes, code, field in (
        ({"exception": {"reason": "because", "salt": "0" * 32}}, "bad_format", "exception"),
        ({"exception": {"reason": "emergency"}}, "bad_format", "exception"),
        ({"exception": "emergency"}, "wrong_type", "exception"),
        ({"evidence": "scan", "card_secret": SECRET}, "bad_format", "exception"),
        ({"card_secret": SECRET}, "card_secret_forbidden", "card_secret"),
        ({"evidence": "exception"}, "bad_format", "evidence"),
    ):
        answer = await ask(alice, Asked.of(platform, **changes))
        assert answer.status_code == 422, answer.text
        assert (answer.json()["code"], answer.json()["field"]) == (code, field)


async def test_a_software_cannot_ask_for_one(alice: Visitor) -> None:
    asked = Asked.of(alice.platform)
    assert (await touch(alice, asked)).status_code == 200
    assert_problem(await alice.platform.send(asked.body), "unknown_field")


async def test_nothing_of_the_person_is_kept_with_a_touch(alice: Visitor) -> None:
    """P3: the digest is salted with what the database never sees."""
    asked = Asked.of(alice.platform)
    assert (await touch(alice, asked)).status_code == 200
    kept = one(alice.platform.db.owner, "select t::text as said from identity.touch t")["said"]
    salt = json.loads(asked.body)["exception"]["salt"]
    assert salt not in kept
    assert hashlib.sha256(asked.body).hexdigest() not in kept
    assert asked.digest in kept


async def test_the_administrators_page_says_when_who_and_why(alice: Visitor) -> None:
    platform = alice.platform
    seen = {"Cookie": f"{COOKIE}={alice.cookie}", "Accept-Language": "en"}
    before = (await platform.edge.get("/portal/people", headers=seen)).text
    assert "Exceptions of the last 30 days" in before
    assert "Card unreadable" not in before
    asked = Asked.of(platform, exception={"reason": "card_unreadable", "salt": "0" * 32})
    asked.digest = hashlib.sha256(bytes(16) + asked.body).hexdigest()
    assert (await touch(alice, asked)).status_code == 200
    assert (await ask(alice, asked)).json()["outcome"] == "covered"
    page = (await platform.edge.get("/portal/people", headers=seen)).text
    rows = page.partition('id="exceptions"')[2]
    assert rows.count("<tr>") == 1 + 1
    assert "Card unreadable or damaged" in rows
    assert "Alice Martin" in rows
    # Never about whom.
    assert NUMBERS["alice"] not in page


async def test_a_touch_is_made_within_three_minutes_and_good_for_two(alice: Visitor) -> None:
    owner, asked = alice.platform.db.owner, Asked.of(alice.platform)
    options = await begin(alice, asked)
    owner.execute("update identity.touch set expires_at = clock_timestamp()")
    told = {"credential": alice.device.touch(options)}
    assert_problem(await alice.post(IN + "touch/passkey", told), "ceremony_over")
    touched = await touch(alice, asked)
    row = one(
        owner,
        "select expires_at, expires_at <= clock_timestamp() + interval '2 minutes' as ok"
        " from identity.touch",
    )
    assert row["ok"]
    assert touched.json()["expires_at"] == row["expires_at"].isoformat()
