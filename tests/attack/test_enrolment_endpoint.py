"""Enrolment under attack: a code serves once, with a proof of the key, or nothing happens."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from rempart.identity import ClientKey
from rempart.identity.codes import code_hash, new_code
from tests.attack.signing_in import FORM, INSTALLATIONS_URL, TOKEN_URL, Door, door
from tests.identity.arranged import ALICE, BOB, SITE, Arranged, arrange
from tests.support.database import DatabaseUnderTest

pytestmark = pytest.mark.anyio


@pytest.fixture
def arranged(db: DatabaseUnderTest) -> Arranged:
    return arrange(db)


@pytest.fixture
async def signin(db: DatabaseUnderTest, anyio_backend: str) -> AsyncIterator[Door]:
    async with door(db) as opened:
        yield opened


def code_for(arranged: Arranged, *rpps: str) -> str:
    code = new_code()
    issued = arranged.desk("issue_code", SITE, list(rpps), "Essai", code_hash(code), "1 hour")
    assert issued["refused_because"] is None
    return code


async def enrol(
    signin: Door,
    code: object,
    key: ClientKey | None = None,
    *,
    body: bytes | None = None,
    proof: str | None = None,
) -> httpx.Response:
    body = json.dumps({"code": code}).encode() if body is None else body
    proof = proof or signin.proof(key or ClientKey.generate(), INSTALLATIONS_URL, body)
    headers = {"Content-Type": "application/json", "DPoP": proof}
    return await signin.post(INSTALLATIONS_URL, body, headers)


async def test_enrolling(signin: Door, arranged: Arranged) -> None:
    key = ClientKey.generate()
    answer = await enrol(signin, code_for(arranged, ALICE).lower(), key)
    assert answer.status_code == 201, answer.text
    assert set(answer.json()) == {"client_id", "site", "insurer"}
    assert answer.json()["insurer"] is None
    assert answer.json()["site"] == SITE
    budgets = arranged.owner("select count(*) as n from guard.budget where kind = 1")
    assert budgets == [{"n": 1}]
    enrolled = key.enrolled(answer.json()["client_id"], SITE, "")
    assert (await signin.token(enrolled)).status_code == 200


async def test_an_insurers_software_is_enrolled_and_may_ask_nothing(
    signin: Door, arranged: Arranged
) -> None:
    amc, code = "990001", new_code()
    arranged.one("rempart_desk", "registry.add_insurer", amc, "Mutuelle d'essai")
    issued = arranged.desk("issue_insurer_code", amc, "Essai", "feeds", code_hash(code), "1 hour")
    assert issued["refused_because"] is None
    answer = await enrol(signin, code)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["insurer"], answer.json()["site"]) == (amc, None)
    # Without a budget of its own every question of its would be refused.
    assert arranged.owner("select from guard.budget where kind = 1") == []


async def test_a_code_is_used_once(signin: Door, arranged: Arranged) -> None:
    code = code_for(arranged, ALICE)
    answers = await asyncio.gather(*(enrol(signin, code) for _ in range(6)))
    assert sorted(a.status_code for a in answers) == [201] + [403] * 5
    assert {a.json()["code"] for a in answers if a.status_code == 403} == {"code_not_valid"}


async def test_unknown_used_and_expired_look_alike(signin: Door, arranged: Arranged) -> None:
    used, expired = code_for(arranged, ALICE), code_for(arranged, BOB)
    await enrol(signin, used)
    arranged.owner("update identity.enrolment_code set expires_at = issued_at")
    answers = [
        await enrol(signin, code) for code in (used, expired, new_code(), "nothing like one")
    ]
    told = {(a.status_code, a.json()["code"], a.json()["detail"]) for a in answers}
    assert len(told) == 1
    assert {a.status_code for a in answers} == {403}


async def test_a_known_key_is_not_enrolled_again(signin: Door, arranged: Arranged) -> None:
    key = ClientKey.generate()
    await enrol(signin, code_for(arranged, ALICE), key)
    second = code_for(arranged, BOB)
    answer = await enrol(signin, second, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_already_enrolled")
    assert (await enrol(signin, second)).status_code == 201


async def test_a_repeated_proof_enrols_nothing(signin: Door, arranged: Arranged) -> None:
    code, key = code_for(arranged, ALICE), ClientKey.generate()
    body = json.dumps({"code": code}).encode()
    proof = signin.proof(key, INSTALLATIONS_URL, body)
    assert (await enrol(signin, code, body=body, proof=proof)).status_code == 201
    arranged.owner("update identity.enrolment_code set used_at = null")
    answer = await enrol(signin, code, body=body, proof=proof)
    assert answer.json()["code"] == "proof_repeated"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"code":1}', b'{"code":null}', b'{"code":""}', b'{"code":"a","code":"b"}',
     b'{"code":"a","admin":true}', b'{"code":"\xff"}', b'{"code":"' + b"a" * 81 + b'"}', b"code=a",
     b'{"code":NaN}', b'\xef\xbb\xbf{"code":"a"}'],
)  # fmt: skip
async def test_a_bent_enrolment_is_refused(signin: Door, arranged: Arranged, body: bytes) -> None:
    answer = await enrol(signin, None, body=body)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert arranged.owner("select count(*) as n from identity.installation") == [{"n": 0}]


async def test_enrolling_without_a_good_proof(signin: Door, arranged: Arranged) -> None:
    code = code_for(arranged, ALICE)
    body = json.dumps({"code": code}).encode()
    key, kind = ClientKey.generate(), ("Content-Type", "application/json")
    good = signin.proof(key, INSTALLATIONS_URL, body)
    for headers in (
        [kind],
        [kind, ("DPoP", good), ("DPoP", good)],
        [kind, ("DPoP", "x")],
        [kind, ("DPoP", signin.proof(key, TOKEN_URL, body))],
        [kind, ("DPoP", signin.proof(key, INSTALLATIONS_URL, b"{}"))],
        [kind, ("DPoP", key.proof("POST", INSTALLATIONS_URL, body))],
    ):
        answer = await signin.post(INSTALLATIONS_URL, body, headers)
        assert answer.status_code == 401
        assert answer.json()["code"] in {"invalid_proof", "use_dpop_nonce"}
        assert "DPoP-Nonce" in answer.headers
    wrong = await signin.post(INSTALLATIONS_URL, body, {"Content-Type": FORM, "DPoP": good})
    assert wrong.json()["code"] == "not_json"
    assert (await enrol(signin, code, body=body, proof=good)).status_code == 201


async def test_nothing_is_enrolled_when_its_caps_cannot_be_set(
    signin: Door, arranged: Arranged
) -> None:
    code = code_for(arranged, ALICE)
    arranged.owner("delete from guard.profile where kind = 1")
    answer = await enrol(signin, code)
    assert answer.status_code >= 500
    assert arranged.owner("select count(*) as n from identity.installation") == [{"n": 0}]
    assert arranged.owner("select used_at from identity.enrolment_code") == [{"used_at": None}]
