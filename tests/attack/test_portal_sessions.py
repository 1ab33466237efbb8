"""S10 and cross-site attacks, at the level of HTTP: 0 answers, and nothing changes."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rempart.edge.cookie import COOKIE
from rempart.identity import ClientKey
from tests.http.platform import EDGE, RPPS, SIGNIN, SITE, Platform
from tests.http.platform import platform as opened
from tests.http.shape import assert_problem
from tests.portal import conftest
from tests.portal.visitor import IN, Visitor, administrator, invited
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest

pytestmark = pytest.mark.anyio

ASK = "/v1/portal/rights-questions"
blinding_socket = conftest.blinding_socket
STEPS: tuple[tuple[str, dict[str, str]], ...] = (
    ("session/close", {}),
    ("another", {}),
    ("passkeys/revoke", {"passkey": "00000000-0000-4000-8000-000000000000"}),
    ("colleagues", {"professional": "10101010105", "name": "Mallory"}),
    ("colleagues/leave", {"professional": "10101010105"}),
)


@pytest.fixture
async def alice(
    db: DatabaseUnderTest, blinding_socket: Path, anyio_backend: str
) -> AsyncIterator[Visitor]:
    async with opened(db, blinding_socket) as platform:
        found = await administrator(platform)
        assert (await found.sign_in()).status_code == 200
        yield found


def everything(platform: Platform) -> tuple[object, ...]:
    """All that a thief could change: what a question leaves, and who may enter."""
    tables = ("colleague", "passkey", "invitation", "session", "token", "account", "browser")
    whole = "select coalesce(string_agg(t::text, '|' order by t::text), '') as said"
    said = [one(platform.db.owner, f"{whole} from identity.{t} t")["said"] for t in tables]
    return (*platform.kept(), *said)


async def try_all(thief: Visitor, **how: object) -> list[httpx.Response]:
    """Ask a question, say that one is there, and try every dangerous step."""
    question = thief.platform.question(professional=RPPS, site=SITE)
    tried = [
        await thief.post(ASK, question, edge=True, **how),  # type: ignore[arg-type]  # as given
        await thief.use(**how),
    ]
    for path, message in STEPS:
        tried.append(await thief.post(IN + path, message, **how))  # type: ignore[arg-type]  # as given
    return tried


async def test_a_stolen_cookie_alone_does_nothing(alice: Visitor) -> None:
    before = everything(alice.platform)
    for answer in await try_all(alice, proved=False):
        assert_problem(answer, "invalid_proof")
    assert everything(alice.platform) == before
    assert (await alice.use()).status_code == 204


async def test_a_stolen_cookie_with_a_key_of_the_thiefs_does_nothing(alice: Visitor) -> None:
    thief = Visitor(alice.platform, cookie=alice.cookie)
    before = everything(alice.platform)
    for answer in await try_all(thief):
        assert_problem(answer, "session_over")
    assert everything(alice.platform) == before


async def test_a_stolen_cookie_with_the_thiefs_own_live_session_does_nothing(
    alice: Visitor,
) -> None:
    """A colleague with a session of his own takes Alice's cookie: his key is not hers."""
    thief = Visitor(alice.platform, cookie=alice.cookie, key=alice.platform.key)
    before = everything(alice.platform)
    for answer in await try_all(thief):
        assert_problem(answer, "session_over")
    assert everything(alice.platform) == before


async def test_a_stolen_cookie_shown_at_a_thiefs_own_sign_in_ends_nothing(alice: Visitor) -> None:
    thief = Visitor(alice.platform)
    enrolled = await thief.enrol(await invited(alice.platform, "10101010105", "Mallory"))
    assert enrolled.status_code == 204
    thief.cookie = alice.cookie
    assert (await thief.sign_in()).status_code == 200
    assert thief.cookie != alice.cookie
    assert (await alice.use()).status_code == 204


async def test_a_captured_request_serves_once(alice: Visitor) -> None:
    question = alice.platform.question(professional=RPPS, site=SITE)
    body = json.dumps(question).encode()
    for path, base, content in (
        (ASK, EDGE, body),
        (IN + "colleagues/leave", SIGNIN, b'{"professional": "10101010105"}'),
    ):
        nonce = alice.platform.nonces[base]
        proof = alice.key.proof("POST", base + path, content, alice.cookie, nonce)
        headers: dict[str, str | None] = {"DPoP": proof}
        at_edge = base == EDGE
        first = await alice.post(path, body=content, headers=headers, edge=at_edge)
        assert first.status_code in {200, 404}, first.text
        again = await alice.post(path, body=content, headers=headers, edge=at_edge)
        assert again.json()["code"] in {"proof_repeated", "too_many_questions"}


@pytest.mark.parametrize("path", [ASK, IN + "another"])
async def test_a_proof_is_for_one_request_alone(alice: Visitor, path: str) -> None:
    """Another body, address, method, token, nonce or key: each is refused before anything else."""
    edge = path == ASK
    base = EDGE if edge else SIGNIN
    question = alice.platform.question(professional=RPPS, site=SITE)
    body = json.dumps(question if edge else {}).encode()
    token, nonce = alice.cookie, alice.platform.nonces[base]
    other = ClientKey.generate()
    before = everything(alice.platform)
    for proof in (
        alice.key.proof("POST", base + path, body + b" ", token, nonce),
        alice.key.proof("POST", base + path + "/x", body, token, nonce),
        alice.key.proof("POST", "http://evil.example" + path, body, token, nonce),
        alice.key.proof("GET", base + path, body, token, nonce),
        alice.key.proof("POST", base + path, body, "A" * 43, nonce),
        alice.key.proof("POST", base + path, body, None, nonce),
        alice.key.proof("POST", base + path, body, token, "A" * 22),
        alice.key.proof("POST", base + path, body, token, None),
        other.proof("POST", base + path, body, token, nonce),
        "x.y.z",
    ):
        answer = await alice.post(path, body=body, headers={"DPoP": proof}, edge=edge)
        assert answer.status_code == 401, answer.text
    assert everything(alice.platform) == before


FOREIGN: list[dict[str, str | None]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:8766"},
    {"Origin": "http://LOCALHOST:8765"},
    {"Origin": "http://localhost:8765/"},
    {"Origin": None},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": None, "Sec-Fetch-Site": None},
    {"Origin": None, "Sec-Fetch-Site": "cross-site", "Cookie": None},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_nothing_is_taken_from_another_site(
    alice: Visitor, headers: dict[str, str | None]
) -> None:
    before = everything(alice.platform)
    for answer in await try_all(alice, headers=headers):
        assert_problem(answer, "wrong_origin")
    for path, message in (("challenge", {}), ("enrolment", {"link": "x", "second": "y"})):
        answer = await alice.post(IN + path, message, proved=False, headers=headers)
        assert_problem(answer, "wrong_origin")
    assert everything(alice.platform) == before


async def test_another_site_cannot_sign_a_browser_in(alice: Visitor) -> None:
    """Login CSRF: a thief's own touch, sent from a victim's browser by the thief's page."""
    touched = alice.device.touch(await alice.challenge())
    for headers in FOREIGN:
        answer = await alice.post(IN + "session", {"credential": touched}, headers=headers)
        assert_problem(answer, "wrong_origin")
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_cannot_be_sent(alice: Visitor, kind: str) -> None:
    """What a form can send without asking first is refused even with everything else in order."""
    for answer in await try_all(alice, headers={"Content-Type": kind}):
        assert_problem(answer, "not_json")


async def test_only_the_portal_may_read_sign_ins_answers(alice: Visitor) -> None:
    http = alice.platform.signin
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop"}
    for origin in ("https://evil.example", "null", "http://localhost:8766"):
        preflight = await http.options(IN + "session", headers=ask | {"Origin": origin})
        assert not [name for name in preflight.headers if name.startswith("access-control")]
        assert preflight.status_code == 405
    allowed = await http.options(IN + "session", headers=ask | {"Origin": EDGE})
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == EDGE
    assert allowed.headers["access-control-allow-credentials"] == "true"
    # What software calls there stays closed to pages.
    token = await http.options("/v1/token", headers=ask | {"Origin": EDGE})
    assert token.status_code == 405
    assert "access-control-allow-origin" not in token.headers


async def test_a_session_is_never_the_one_that_was_planted(alice: Visitor) -> None:
    """Fixation: a thief plants a cookie before the sign-in; afterwards it opens nothing."""
    planted = "P" * 43
    victim = Visitor(alice.platform, alice.device, cookie=planted)
    assert (await victim.sign_in()).status_code == 200
    assert victim.cookie != planted
    assert_problem(await victim.use(cookie=planted), "session_over")


@pytest.mark.parametrize(
    "cookies",
    [
        f"{COOKIE}=",
        f"{COOKIE}=short",
        f"{COOKIE}={'A' * 44}",
        f"{COOKIE}={'A' * 42}'",
        f"rempart={'A' * 43}",
        f"{COOKIE.lower()}={'A' * 43}",
    ],
)
async def test_a_misshapen_cookie_is_no_session(alice: Visitor, cookies: str) -> None:
    assert_problem(await alice.use(headers={"Cookie": cookies}), "session_over")


async def test_two_cookies_of_the_name_are_none(alice: Visitor) -> None:
    both = f"{COOKIE}={alice.cookie}; {COOKIE}={'A' * 43}"
    assert_problem(await alice.use(headers={"Cookie": both}), "session_over")


async def test_a_browsers_key_mints_no_software_token(alice: Visitor) -> None:
    """The key without a passkey: an assertion for /v1/token, with the name of the browser."""
    named = one(
        alice.platform.db.owner,
        "select client_id from identity.installation join identity.browser using (installation_id)",
    )
    platform = alice.platform
    platform.key, platform.client_id = alice.key, named["client_id"]
    refused = await platform.mint()
    assert refused.json()["error"] == "invalid_client"
    assert refused.status_code == 401


async def test_a_sessions_token_is_no_access_token_elsewhere(alice: Visitor) -> None:
    """The cookie as a bearer of /v1/rights-questions: still bound to the browser's key."""
    platform = alice.platform
    platform.token = str(alice.cookie)
    assert_problem(await platform.ask(), "invalid_token")


async def test_the_edge_can_mint_no_session_and_end_none(alice: Visitor) -> None:
    import psycopg

    edge = alice.platform.db.connect("rempart_edge")
    for call in (
        "select identity.mint_session('', '', 0, false, '', '', '', '', '', '', '')",
        "select identity.open_challenge('')",
        "select identity.enrol_passkey('', '', '', '', '', 0, false, false, '')",
        "select identity.add_passkey('', '', '', '', '', '', 0, false, false, '')",
        "select identity.close_session('', '', '', null)",
        "select identity.invite_colleague('', '', '', '', '', '', '', '1 hour')",
        "select identity.proved_session('', '', '', false, false)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            edge.execute(call)
