"""Who asks: without a live token and a proof of this very request, nothing is read at all."""

import json
from typing import Any

import pytest

from rempart.identity import ClientKey
from tests.http.platform import ASK, EDGE, Platform
from tests.http.shape import assert_problem

pytestmark = pytest.mark.anyio


async def test_each_thing_missing_or_wrong_is_refused_and_leaves_nothing(
    platform: Platform,
) -> None:
    body = json.dumps(platform.question()).encode()
    cases: list[tuple[dict[str, str], dict[str, Any], str]] = [
        # headers, what the proof is for, code
        ({"Authorization": f"Bearer {platform.token}"}, {}, "invalid_token"),
        ({"Authorization": "DPoP"}, {}, "invalid_token"),
        ({"Authorization": f"DPoP {platform.token}x"}, {}, "invalid_token"),
        ({"Authorization": f"DPoP {'A' * 43}"}, {"token": "A" * 43}, "invalid_token"),
        ({"Authorization": f"DPoP {'A' * 43}"}, {}, "invalid_proof"),
        ({"DPoP": ""}, {}, "invalid_proof"),
        ({"DPoP": "a.b.c"}, {}, "invalid_proof"),
        ({"DPoP": "a" * 5_000}, {}, "invalid_proof"),
        ({}, {"method": "GET"}, "invalid_proof"),
        ({}, {"url": EDGE + "/v1/token"}, "invalid_proof"),
        ({}, {"url": "https://elsewhere.example" + ASK}, "invalid_proof"),
        ({}, {"token": None}, "invalid_proof"),
        ({}, {"signed": body + b" "}, "invalid_proof"),
        ({}, {"nonce": None}, "use_dpop_nonce"),
        ({}, {"nonce": "A" * 22}, "use_dpop_nonce"),
    ]
    before = platform.kept()
    for headers, proof, code in cases:
        response = await platform.send(body, headers=headers, **proof)
        assert_problem(response, code, never=(platform.token, "CANARY"))
        assert len(response.headers["dpop-nonce"]) == 22
    assert platform.kept() == before


async def test_no_token_at_all_is_told_as_the_standard_says(platform: Platform) -> None:
    response = await platform.edge.post(ASK, json=platform.question())
    assert_problem(response, "token_required")
    assert response.headers["www-authenticate"] == 'DPoP algs="ES256"'


@pytest.mark.parametrize("name", ["Authorization", "DPoP"])
async def test_a_header_given_twice_is_refused(platform: Platform, name: str) -> None:
    body = json.dumps(platform.question()).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Authorization", f"DPoP {platform.token}"),
        ("DPoP", platform.proof(body)),
    ]
    twice = [*headers, next(one for one in headers if one[0] == name)]
    response = await platform.edge.post(ASK, content=body, headers=twice)
    assert_problem(response, "invalid_token" if name == "Authorization" else "invalid_proof")


async def test_a_stolen_token_is_nothing_without_its_key(platform: Platform) -> None:
    before = platform.kept()
    body = json.dumps(platform.question()).encode()
    thief = ClientKey.generate()
    proof = thief.proof("POST", EDGE + ASK, body, platform.token, platform.nonces[EDGE])
    assert_problem(await platform.send(body, headers={"DPoP": proof}), "invalid_token")
    assert platform.kept() == before


async def test_a_revoked_installation_is_refused_at_once(platform: Platform) -> None:
    assert await platform.outcome() == "covered"
    platform.db.owner.execute("select identity.revoke_installation(%s)", (platform.client_id,))
    assert_problem(await platform.ask(), "invalid_token")


async def test_every_answer_carries_a_fresh_nonce(platform: Platform) -> None:
    for path in ("/v1/docs", "/v1/openapi.json", "/v1/none"):
        assert len((await platform.edge.get(path)).headers["dpop-nonce"]) == 22
    assert "dpop-nonce" in (await platform.ask()).headers


async def test_a_code_enrols_once(platform: Platform) -> None:
    platform.key = ClientKey.generate()
    assert_problem(await platform.enrol("AAAAA-BBBBB-CCCCC-DDDDD"), "code_not_valid")
