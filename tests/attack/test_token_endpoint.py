"""The token endpoint under attack: it answers no, changes nothing, tells nothing."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from rempart.identity import ClientKey, NonceClock
from tests.attack.forged_assertions import ASSERTIONS, DAY, impostor, now, signed
from tests.attack.signing_in import (
    ASSERTION_TYPE,
    FORM,
    INSTALLATIONS_URL,
    TOKEN_URL,
    Door,
    door,
)
from tests.identity.arranged import ALICE, BOB, SITE, Arranged, arrange
from tests.support.database import DatabaseUnderTest

pytestmark = pytest.mark.anyio


@pytest.fixture
def arranged(db: DatabaseUnderTest) -> Arranged:
    return arrange(db)


@pytest.fixture
def key(arranged: Arranged) -> ClientKey:
    return arranged.installation(ALICE)


@pytest.fixture
async def signin(db: DatabaseUnderTest, anyio_backend: str) -> AsyncIterator[Door]:
    async with door(db) as opened:
        yield opened


def refused(answer: httpx.Response, error: str, status: int = 400) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == error
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.headers.get_list("DPoP-Nonce")) == 1
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def minted(arranged: Arranged) -> int:
    (row,) = arranged.owner("select count(*) as n from identity.token")
    return int(row["n"])


@pytest.mark.parametrize("forge", [pytest.param(make, id=name) for name, make in ASSERTIONS])
async def test_a_forged_assertion_mints_nothing(
    signin: Door, arranged: Arranged, key: ClientKey, forge: Callable[[ClientKey], str]
) -> None:
    answer = await signin.token(key, form=signin.form(forge(key)))
    refused(answer, "invalid_client", 401)
    assert minted(arranged) == 0


async def test_an_honest_software_gets_a_token(signin: Door, key: ClientKey) -> None:
    answer = await signin.token(key)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.json()["token_type"] == "DPoP"
    assert answer.json()["expires_in"] == 300
    assert answer.json()["scope"] == "rights"
    assert len(answer.json()["access_token"]) == 43
    assert answer.headers["Cache-Control"] == "no-store"
    assert "DPoP-Nonce" in answer.headers


@pytest.mark.parametrize("skew", [-DAY + 400, -3_600, 3_600, DAY - 400])
async def test_a_wrong_clock_does_not_stop_a_pharmacy(
    signin: Door, key: ClientKey, skew: int
) -> None:
    now = time.time() + skew
    assertion = key.assertion(key.client_id or "", TOKEN_URL, now=now)
    assert (await signin.token(key, assertion=assertion)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [{"aud": [TOKEN_URL]}, {"iat": ...}, {"nbf": now() - 5}, {"exp": now() + 200, "iat": now()}],
)
async def test_other_good_spellings(signin: Door, key: ClientKey, changes: dict[str, Any]) -> None:
    assert (await signin.token(key, assertion=signed(key, **changes))).status_code == 200


async def test_the_first_answer_gives_the_nonce(signin: Door, key: ClientKey) -> None:
    body = urlencode(signin.form(key.assertion(key.client_id or "", TOKEN_URL))).encode()
    first = await signin.token(key, body=body, proof=key.proof("POST", TOKEN_URL, body))
    refused(first, "use_dpop_nonce")
    nonce = first.headers["DPoP-Nonce"]
    proof = key.proof("POST", TOKEN_URL, body, nonce=nonce)
    assert (await signin.token(key, body=body, proof=proof)).status_code == 200


async def test_an_old_nonce_is_refused(signin: Door, db: DatabaseUnderTest, key: ClientKey) -> None:
    old = NonceClock(db.keyring.secret("nonce"), clock=lambda: time.time() - 600).current()
    body = urlencode(signin.form(key.assertion(key.client_id or "", TOKEN_URL))).encode()
    proof = key.proof("POST", TOKEN_URL, body, nonce=old)
    refused(await signin.token(key, body=body, proof=proof), "use_dpop_nonce")


async def test_an_assertion_serves_once(signin: Door, arranged: Arranged, key: ClientKey) -> None:
    assertion = key.assertion(key.client_id or "", TOKEN_URL)
    assert (await signin.token(key, assertion=assertion)).status_code == 200
    refused(await signin.token(key, assertion=assertion), "invalid_client", 401)
    assert minted(arranged) == 1


async def test_a_request_serves_once_at_two_processes(
    db: DatabaseUnderTest, arranged: Arranged, key: ClientKey
) -> None:
    async with door(db) as first, door(db) as second:
        body = urlencode(first.form(key.assertion(key.client_id or "", TOKEN_URL))).encode()
        proof = first.proof(key, TOKEN_URL, body)
        answers = await asyncio.gather(
            *(one.token(key, body=body, proof=proof) for one in [first, second] * 4)
        )
    assert sorted(a.status_code for a in answers) == [200] + [401] * 7
    assert minted(arranged) == 1


async def test_a_proof_serves_once(signin: Door, arranged: Arranged, key: ClientKey) -> None:
    """With a fresh assertion under an old proof's identifier: the proof alone is the repeat."""
    for expected in (200, 400):
        body = urlencode(signin.form(key.assertion(key.client_id or "", TOKEN_URL))).encode()
        honest = signin.proof(key, TOKEN_URL, body).split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(honest + "=="))
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk}
        proof = key.sign(header, told | {"jti": "the-same-identifier"})
        answer = await signin.token(key, body=body, proof=proof)
        assert answer.status_code == expected
    refused(answer, "invalid_dpop_proof")
    assert minted(arranged) == 1


async def test_a_stolen_assertion_is_nothing_without_the_key(
    signin: Door, arranged: Arranged, key: ClientKey
) -> None:
    stolen = key.assertion(key.client_id or "", TOKEN_URL)
    thief = ClientKey.generate()
    refused(await signin.token(key, assertion=stolen, signer=thief), "invalid_client", 401)
    other = arranged.installation(BOB)
    refused(await signin.token(key, assertion=stolen, signer=other), "invalid_client", 401)
    assert minted(arranged) == 0
    assert (await signin.token(key, assertion=stolen)).status_code == 200


async def test_a_revoked_installation_gets_nothing(
    signin: Door, arranged: Arranged, key: ClientKey
) -> None:
    token = (await signin.token(key)).json()["access_token"]
    assert len(arranged.who(token, key.jkt)) == 1
    arranged.desk("revoke_installation", key.client_id)
    refused(await signin.token(key), "invalid_client", 401)
    assert arranged.who(token, key.jkt) == []


async def test_what_is_refused_tells_nobody_who_is_enrolled(
    signin: Door, arranged: Arranged, key: ClientKey
) -> None:
    nobody = ClientKey.generate().enrolled("inst_" + "0" * 32, SITE, "")
    revoked = arranged.installation(BOB)
    arranged.desk("revoke_installation", revoked.client_id)
    answers = [await signin.token(one) for one in (nobody, revoked, impostor(key))]
    assert len({(a.status_code, a.text) for a in answers}) == 1


async def test_too_many_tokens(signin: Door, arranged: Arranged, key: ClientKey) -> None:
    for _ in range(100):
        arranged.mint(key)
    answer = await signin.token(key)
    refused(answer, "slow_down", 429)
    assert answer.headers["Retry-After"] == "60"


BODIES: list[tuple[str, Callable[[str], bytes]]] = [
    ("empty", lambda _: b""),
    ("grant twice", lambda good: f"{good}&grant_type=client_credentials".encode()),
    ("assertion twice", lambda good: f"{good}&client_assertion=x".encode()),
    ("assertion twice, escaped", lambda good: f"{good}&client%5Fassertion=x".encode()),
    ("unknown field", lambda good: f"{good}&scope=all".encode()),
    ("many fields", lambda good: f"{good}{'&a=b' * 1000}".encode()),
    ("no grant", lambda good: good.replace("grant_type=client_credentials&", "").encode()),
    ("no assertion", lambda good: good[: good.index("&client_assertion=")].encode()),
    ("a field without value", lambda good: f"{good}&client_id".encode()),
    ("semicolons", lambda good: good.replace("&", ";").encode()),
    ("JSON", lambda _: b'{"grant_type":"client_credentials"}'),
    ("not ASCII", lambda good: f"{good}&client_id=é".encode()),
    ("not UTF-8", lambda good: f"{good}&client_id=%ff".encode()),
    ("NUL", lambda good: good.encode() + b"\0"),
]


@pytest.mark.parametrize("bend", [pytest.param(make, id=name) for name, make in BODIES])
async def test_a_bent_form_is_refused(
    signin: Door, arranged: Arranged, key: ClientKey, bend: Callable[[str], bytes]
) -> None:
    good = urlencode(signin.form(key.assertion(key.client_id or "", TOKEN_URL)))
    answer = await signin.token(key, body=bend(good))
    assert answer.json()["error"] in {"invalid_request", "invalid_client"}
    assert answer.status_code in {400, 401}
    assert minted(arranged) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"grant_type": "password"},
        {"grant_type": "CLIENT_CREDENTIALS"},
        {"grant_type": ""},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    ],
)
async def test_another_grant_is_refused(
    signin: Door, key: ClientKey, changes: dict[str, str]
) -> None:
    form = signin.form(key.assertion(key.client_id or "", TOKEN_URL)) | changes
    refused(await signin.token(key, form=form), "unsupported_grant_type")


async def test_a_client_named_beside_must_agree(signin: Door, key: ClientKey) -> None:
    def form(client_id: str) -> dict[str, str]:
        assertion = key.assertion(key.client_id or "", TOKEN_URL)
        return signin.form(assertion) | {"client_id": client_id}

    assert (await signin.token(key, form=form(key.client_id or ""))).status_code == 200
    refused(await signin.token(key, form=form("inst_" + "0" * 32)), "invalid_client", 401)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain", ""])
async def test_another_kind_of_body_is_refused(signin: Door, key: ClientKey, kind: str) -> None:
    body = urlencode(signin.form(key.assertion(key.client_id or "", TOKEN_URL))).encode()
    headers = {"Content-Type": kind, "DPoP": signin.proof(key, TOKEN_URL, body)}
    refused(await signin.post(TOKEN_URL, body, headers), "invalid_request")


async def test_fields_in_the_address_are_refused(signin: Door, key: ClientKey) -> None:
    body = urlencode(signin.form(key.assertion(key.client_id or "", TOKEN_URL))).encode()
    headers = {"Content-Type": FORM, "DPoP": signin.proof(key, TOKEN_URL, body)}
    url = f"{TOKEN_URL}?client_assertion_type={ASSERTION_TYPE}"
    refused(await signin.post(url, body, headers), "invalid_request")


@pytest.mark.parametrize("proofs", [0, 2])
async def test_one_proof_and_only_one(signin: Door, key: ClientKey, proofs: int) -> None:
    body = urlencode(signin.form(key.assertion(key.client_id or "", TOKEN_URL))).encode()
    headers = [("Content-Type", FORM)]
    headers += [("DPoP", signin.proof(key, TOKEN_URL, body)) for _ in range(proofs)]
    refused(await signin.post(TOKEN_URL, body, headers), "invalid_dpop_proof")


async def test_a_proof_for_something_else_is_refused(
    signin: Door, arranged: Arranged, key: ClientKey
) -> None:
    body = urlencode(signin.form(key.assertion(key.client_id or "", TOKEN_URL))).encode()
    nonce = signin.nonces.current()
    for proof in (
        key.proof("GET", TOKEN_URL, body, nonce=nonce),
        key.proof("POST", INSTALLATIONS_URL, body, nonce=nonce),
        key.proof("POST", "http://localhost:8765/v1/token", body, nonce=nonce),
        key.proof("POST", TOKEN_URL, body + b"&", nonce=nonce),
        key.proof("POST", TOKEN_URL, body, token="t" * 43, nonce=nonce),
        "x",
    ):
        refused(await signin.token(key, body=body, proof=proof), "invalid_dpop_proof")
    assert minted(arranged) == 0


async def test_a_large_body_is_refused(signin: Door, key: ClientKey) -> None:
    body = b"grant_type=" + b"a" * 17_000
    answer = await signin.token(key, body=body)
    assert answer.status_code == 413
