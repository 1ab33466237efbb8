"""Signing in with a passkey: what opens a session, and everything that does not."""

import pytest

from rempart.edge.cookie import COOKIE
from rempart.identity import ClientKey
from rempart.identity.compact import encode
from rempart.identity.tokens import token_hash
from tests.http.platform import EDGE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import IN, Visitor, administrator, invited
from tests.support.asking import one
from tests.support.authenticator import PRESENT, VERIFIED, Authenticator

pytestmark = pytest.mark.anyio


def sessions(platform: Platform) -> int:
    return int(one(platform.db.owner, "select count(*) as n from identity.session")["n"])


async def test_a_passkey_opens_a_session(platform: Platform) -> None:
    alice = await administrator(platform)
    answer = await alice.sign_in()
    assert answer.status_code == 200
    assert alice.cookie is not None
    assert answer.headers["set-cookie"] == (
        f"{COOKIE}={alice.cookie}; Path=/; Secure; HttpOnly; SameSite=Strict"
    )
    # The page learns the token's hash, which proofs name it by, and not the token.
    assert alice.page["ath"] == encode(token_hash(alice.cookie))
    assert alice.cookie not in answer.text
    assert (await alice.use()).status_code == 204
    stored = one(platform.db.owner, "select * from identity.session")
    assert (stored["network"], stored["device"]) == ("127.0.0.1", "Chrome 156, Linux")
    assert bytes(stored["token_hash"]) == token_hash(alice.cookie)


async def test_only_a_hash_of_the_token_is_stored(alice: Visitor) -> None:
    owner = alice.platform.db.owner
    tables = owner.execute(
        "select c.oid::regclass::text as name from pg_class c join pg_namespace n"
        " on n.oid = c.relnamespace where n.nspname in ('identity', 'journal') and relkind = 'r'"
    ).fetchall()
    for table in tables:
        rows = owner.execute(f"select t::text as said from {table['name']} t").fetchall()
        assert [row for row in rows if alice.cookie and alice.cookie in row["said"]] == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"origin": "http://localhost:8766"}, id="another port"),
        pytest.param({"origin": "https://rempart.example.net"}, id="a look-alike"),
        pytest.param({"crossOrigin": True}, id="inside a frame of another site"),
        pytest.param({"topOrigin": "https://evil.example"}, id="inside a frame, named"),
        pytest.param({"type": "webauthn.create"}, id="a making, not a touch"),
        pytest.param({"challenge": encode(bytes(32))}, id="a challenge that nobody gave"),
        pytest.param({"challenge": "AA"}, id="no challenge"),
    ],
)
async def test_what_the_browser_wrote_must_be_ours(
    platform: Platform, changes: dict[str, object]
) -> None:
    alice = await administrator(platform)
    answer = await alice.sign_in(**changes)
    assert answer.json()["code"] in {"passkey_refused", "ceremony_over"}
    assert "set-cookie" not in answer.headers
    assert sessions(platform) == 0
    assert (await alice.sign_in()).status_code == 200


async def test_the_user_must_be_verified_and_the_relying_party_ours(platform: Platform) -> None:
    alice = await administrator(platform)
    for flags, rp_id in ((PRESENT, "localhost"), (VERIFIED, "localhost"), (5, "example.net")):
        alice.device.flags, alice.device.rp_id = flags, rp_id
        assert_problem(await alice.sign_in(), "passkey_refused")
    assert sessions(platform) == 0


async def test_another_key_and_another_handle_open_nothing(platform: Platform) -> None:
    alice = await administrator(platform)
    forger = Visitor(platform, Authenticator(EDGE))
    forger.device.credential_id, forger.device.handle = alice.device.credential_id, b"x" * 32
    assert_problem(await forger.sign_in(), "passkey_refused")
    forger.device.handle = alice.device.handle
    assert_problem(await forger.sign_in(), "passkey_refused")
    forger.device.key, forger.device.handle = alice.device.key, b"x" * 32
    assert_problem(await forger.sign_in(), "passkey_refused")
    assert sessions(platform) == 0


async def test_a_touch_serves_once(platform: Platform) -> None:
    alice = await administrator(platform)
    touched = alice.device.touch(await alice.challenge())
    first = await alice.post(IN + "session", {"credential": touched})
    assert first.status_code == 200
    # The counter alone would refuse it; an authenticator without one must be refused as well.
    platform.db.owner.execute("update identity.passkey set sign_count = 0")
    again = await alice.post(IN + "session", {"credential": touched})
    assert_problem(again, "ceremony_over")
    assert sessions(platform) == 1


async def test_a_copied_passkey_is_refused(platform: Platform) -> None:
    alice = await administrator(platform)
    assert (await alice.sign_in()).status_code == 200
    alice.device.sign_count = 0
    assert_problem(await alice.sign_in(), "passkey_refused")


async def test_a_passkey_that_keeps_no_count_serves(platform: Platform) -> None:
    alice = await administrator(platform)
    for _ in range(2):
        alice.device.sign_count = -1
        assert (await alice.sign_in()).status_code == 200


async def test_a_challenge_is_over_after_three_minutes(platform: Platform) -> None:
    alice = await administrator(platform)
    options = await alice.challenge()
    platform.db.owner.execute(
        "update identity.challenge set expires_at = clock_timestamp() - interval '1 second'"
    )
    answer = await alice.post(IN + "session", {"credential": alice.device.touch(options)})
    assert_problem(answer, "ceremony_over")
    # Whoever begins the next one clears it away.
    await alice.challenge()
    assert one(platform.db.owner, "select count(*) as n from identity.challenge")["n"] == 1


async def test_an_enrolments_challenge_signs_nobody_in(platform: Platform) -> None:
    alice = await administrator(platform)
    codes = await invited(platform, "10101010105", "Bob")
    both = {"link": codes.link, "second": codes.second}
    begun = await alice.post(IN + "enrolment", both, proved=False)
    answer = await alice.post(IN + "session", {"credential": alice.device.touch(begun.json())})
    assert_problem(answer, "ceremony_over")


async def test_a_sign_in_needs_a_proof_by_the_browsers_key(platform: Platform) -> None:
    alice = await administrator(platform)
    touched = alice.device.touch(await alice.challenge())
    bare = await alice.post(IN + "session", {"credential": touched}, proved=False)
    assert_problem(bare, "invalid_proof")
    assert sessions(platform) == 0


async def test_six_months_of_absence_block(platform: Platform) -> None:
    alice = await administrator(platform)
    platform.db.owner.execute(
        "update identity.colleague set last_seen_at = clock_timestamp() - interval '6 months 1 day'"
    )
    assert_problem(await alice.sign_in(), "account_idle")
    assert sessions(platform) == 0
    platform.db.owner.execute(
        "update identity.colleague set last_seen_at = clock_timestamp() - interval '5 months'"
    )
    assert (await alice.sign_in()).status_code == 200


async def test_a_new_session_takes_the_place_of_the_browsers_old_one(alice: Visitor) -> None:
    old = alice.cookie
    assert (await alice.sign_in()).status_code == 200
    assert alice.cookie != old
    assert_problem(await alice.use(cookie=old), "session_over")
    assert (await alice.use()).status_code == 204


async def test_an_account_has_ten_sessions_at_most(alice: Visitor) -> None:
    first = alice.key, alice.cookie
    for _ in range(10):
        alice.key, alice.cookie = ClientKey.generate(), None
        assert (await alice.sign_in()).status_code == 200
    assert_problem(await alice.use(key=first[0], cookie=first[1]), "session_over")
    live = one(
        alice.platform.db.owner,
        "select count(*) as n from identity.token join identity.session using (token_hash)"
        " where revoked_at is null",
    )
    assert live["n"] == 10


async def test_the_key_of_another_account_is_refused(platform: Platform) -> None:
    alice = await administrator(platform)
    bob = Visitor(platform, key=alice.key)
    assert (await bob.enrol(await invited(platform, "10101010105", "Bob"))).status_code == 204
    assert (await alice.sign_in()).status_code == 200
    assert_problem(await bob.sign_in(), "key_already_enrolled")
    bob.key = platform.key  # a software's
    assert_problem(await bob.sign_in(), "key_already_enrolled")
