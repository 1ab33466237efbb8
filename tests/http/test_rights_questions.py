"""POST /v1/rights-questions: what is answered, and that how it came about cannot be told."""

import json

import pytest

from tests.http.platform import OTHER_RPPS, SECRET, Platform
from tests.http.shape import assert_problem

pytestmark = pytest.mark.anyio

KEYS = [
    "outcome",
    "rate_bp",
    "amount_cents",
    "ceiling_cents",
    "engagement",
    "expires_on",
    "receipt",
]
SIZE = 2048


async def test_a_covered_person_is_answered_with_a_guarantee(platform: Platform) -> None:
    before = platform.entries()
    response = await platform.ask("alice")
    assert response.status_code == 200, response.text
    answer = response.json()
    assert list(answer) == KEYS
    assert answer["outcome"] == "covered"
    assert (answer["rate_bp"], answer["amount_cents"], answer["ceiling_cents"]) == (
        10000,
        None,
        5000,
    )
    assert answer["engagement"]
    assert answer["expires_on"] > platform.today.isoformat()
    assert len(answer["receipt"]["entry"]) == 32
    assert len(answer["receipt"]["leaf"]) == 64
    assert platform.entries() == before + 1


async def test_answers_hold_no_identifier(platform: Platform) -> None:
    response = await platform.ask("alice", evidence="scan", card_secret=SECRET)
    sent = platform.question("alice")
    said = response.text + repr(response.headers)
    for name in ("member_number", "birth_date", "insurer", "professional", "site"):
        assert str(sent[name]) not in said
    assert SECRET not in said


async def test_what_led_to_no_right_cannot_be_told(platform: Platform) -> None:
    seen = []
    for person, changes in (
        ("stranger", {}),
        ("alice", {"birth_date": "1985-05-20"}),
        ("alice", {"birth_rank": 2}),
        ("ended", {}),
        ("not_begun", {}),
        ("optic_only", {}),
        ("alice", {"evidence": "scan", "card_secret": "A7QD2XRM4VTA6HFC"}),
    ):
        response = await platform.ask(person, **changes)
        answer = response.json()
        receipt = answer.pop("receipt")
        headers = dict(response.headers)
        assert headers.pop("x-request-id")
        assert headers.pop("dpop-nonce")
        shape = (receipt.keys(), [len(v) for v in receipt.values() if isinstance(v, str)])
        seen.append((response.status_code, answer, headers, len(response.content), repr(shape)))
    assert seen[0][1] == dict.fromkeys(KEYS[:-1]) | {"outcome": "no_right_found"}
    assert [one for one in seen if one != seen[0]] == []


async def test_every_answer_has_one_size(platform: Platform) -> None:
    sizes = {
        (response.json()["outcome"], len(response.content))
        for response in [
            await platform.ask("alice"),
            await platform.ask("stranger"),
            await platform.ask("alice", insurer="99999999"),
        ]
    }
    assert sizes == {("covered", SIZE), ("no_right_found", SIZE), ("insurer_not_served", SIZE)}


async def test_member_and_stranger_are_refused_alike_when_fresh_is_empty(
    platform: Platform,
) -> None:
    platform.empty("fresh", 2, 3, 4)
    answers = [await platform.ask(person) for person in ("alice", "stranger")]
    assert [one.json()["outcome"] for one in answers] == ["better_evidence_needed"] * 2
    assert {len(one.content) for one in answers} == {SIZE}


async def test_a_replay_gives_the_first_answer_and_is_recorded(platform: Platform) -> None:
    first = await platform.ask("alice", reference="once")
    before = platform.entries()
    again = await platform.ask("alice", reference="once")
    for name in KEYS[:-1]:
        assert again.json()[name] == first.json()[name]
    assert again.json()["receipt"]["entry"] != first.json()["receipt"]["entry"]
    assert platform.entries() == before + 1


async def test_a_reference_of_another_question_is_refused(platform: Platform) -> None:
    await platform.ask("alice", reference="once")
    assert_problem(await platform.ask("bob", reference="once"), "reference_reused", "reference")


async def test_an_unlinked_professional_is_refused_and_recorded(platform: Platform) -> None:
    before = platform.entries()
    response = await platform.ask(professional=OTHER_RPPS)
    assert_problem(response, "professional_not_linked", never=(OTHER_RPPS,))
    assert platform.entries() == before + 1


async def test_an_unknown_site_is_refused_alike(platform: Platform) -> None:
    assert_problem(await platform.ask(site="750099999"), "professional_not_linked")


async def test_a_domain_of_another_profession_is_refused(platform: Platform) -> None:
    assert_problem(await platform.ask(domain="HOSP"), "domain_not_allowed", "domain")


async def test_a_proof_works_once(platform: Platform) -> None:
    body = json.dumps(platform.question()).encode()
    proof = {"DPoP": platform.proof(body)}
    assert (await platform.send(body, headers=proof)).status_code == 200
    before = platform.kept()
    response = await platform.send(body, headers=proof)
    assert_problem(response, "proof_repeated")
    assert "invalid_dpop_proof" in response.headers["www-authenticate"]
    assert platform.kept()[1:] == before[1:]  # at most an entry that counts it


async def test_past_all_questions_the_wait_is_told(platform: Platform) -> None:
    platform.empty("all", 2)
    response = await platform.ask()
    assert_problem(response, "too_many_questions")
    assert int(response.headers["retry-after"]) > 0


async def test_a_dead_token_answers_nothing_and_leaves_nothing(platform: Platform) -> None:
    platform.db.owner.execute("update identity.token set revoked_at = clock_timestamp()")
    before = platform.kept()
    response = await platform.ask()
    assert_problem(response, "invalid_token")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert platform.kept() == before


async def test_an_account_without_a_budget_is_refused(platform: Platform) -> None:
    platform.db.owner.execute("delete from guard.budget where kind = 2")
    assert_problem(await platform.ask(), "account_not_ready")


@pytest.mark.parametrize("back, domain", [(8, "PHAR"), (31, "HOSP")])
async def test_the_window_is_the_same_here_and_in_the_database(
    platform: Platform, back: int, domain: str
) -> None:
    from datetime import timedelta

    inside = (platform.today - timedelta(back)).isoformat()
    outside = (platform.today - timedelta(back + 1)).isoformat()
    refused = "domain_not_allowed" if domain == "HOSP" else "covered"
    assert await platform.outcome("alice", domain=domain, care_date=inside) == refused
    before = platform.kept()
    response = await platform.ask("alice", domain=domain, care_date=outside)
    assert_problem(response, "care_date_out_of_window", "care_date", never=(outside,))
    assert platform.kept() == before
