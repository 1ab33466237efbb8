"""A session's life: 30 minutes idle, 4 hours in all, listed to its owner, ended from anywhere."""

import pytest

from rempart.foundation.database import Database
from rempart.identity import ClientKey, Sessions
from tests.http.platform import EDGE, RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import IN, Visitor
from tests.support.asking import one
from tests.support.authenticator import Authenticator

pytestmark = pytest.mark.anyio


def pass_time(platform: Platform, interval: str) -> None:
    """Let time pass for every session: all of its instants lie that much further back."""
    platform.db.owner.execute(
        "update identity.token set minted_at = minted_at - %s::interval,"
        " expires_at = expires_at - %s::interval, locks_at = locks_at - %s::interval",
        (interval, interval, interval),
    )
    platform.db.owner.execute(
        "update identity.session set began_at = began_at - %s::interval,"
        " touched_at = touched_at - %s::interval, used_at = used_at - %s::interval,"
        " ends_at = ends_at - %s::interval",
        (interval, interval, interval, interval),
    )


def left(platform: Platform) -> float:
    """Minutes until the session ends if nobody comes."""
    row = one(
        platform.db.owner,
        "select extract(epoch from expires_at - clock_timestamp()) / 60 as minutes"
        " from identity.session join identity.token using (token_hash) where revoked_at is null",
    )
    return float(row["minutes"])


async def test_thirty_minutes_idle_end_it(alice: Visitor) -> None:
    pass_time(alice.platform, "4 minutes")
    assert (await alice.use()).status_code == 204
    pass_time(alice.platform, "29 minutes")
    assert_problem(await alice.use(), "session_locked")
    pass_time(alice.platform, "2 minutes")
    assert_problem(await alice.use(), "session_over")


async def test_four_hours_end_it_however_busy(alice: Visitor) -> None:
    for _ in range(56):
        pass_time(alice.platform, "4 minutes")
        assert (await alice.use()).status_code == 204
    assert left(alice.platform) < 16
    for _ in range(4):
        pass_time(alice.platform, "4 minutes")
        answer = await alice.use()
    assert_problem(answer, "session_over")


async def test_a_question_keeps_it_alive_and_a_look_at_a_page_does_not(alice: Visitor) -> None:
    pass_time(alice.platform, "4 minutes")
    question = alice.platform.question(professional=RPPS, site=SITE)
    answer = await alice.post("/v1/portal/rights-questions", question, edge=True)
    assert answer.json()["outcome"] == "covered"
    assert left(alice.platform) > 29
    pass_time(alice.platform, "4 minutes")
    async with await Database.open(alice.platform.db.dsn("rempart_edge"), max_size=1) as edge:
        assert await Sessions(edge).find(str(alice.cookie), None) is not None
        assert len(await Sessions(edge).sessions(str(alice.cookie))) == 1
    assert left(alice.platform) < 27
    pass_time(alice.platform, "2 minutes")
    assert_problem(await alice.use(), "session_locked")


async def test_a_session_asks_for_its_own_account_only(alice: Visitor) -> None:
    question = alice.platform.question(professional="10101010105", site=SITE)
    answer = await alice.post("/v1/portal/rights-questions", question, edge=True)
    assert_problem(answer, "professional_not_linked")


async def test_its_owner_sees_them_and_ends_them(alice: Visitor) -> None:
    here = alice.key, alice.cookie
    alice.key, alice.cookie = ClientKey.generate(), None
    assert (await alice.sign_in()).status_code == 200
    async with await Database.open(alice.platform.db.dsn("rempart_edge"), max_size=1) as edge:
        listed = await Sessions(edge).sessions(str(alice.cookie))
    assert [one.is_this for one in listed] == [True, False]
    assert {(one.network, one.device, one.passkey) for one in listed} == {
        ("127.0.0.1", "Chrome 156, Linux", "Ordinateur du comptoir")
    }
    ended = await alice.post(IN + "session/close", {"session": listed[1].session_no})
    assert ended.status_code == 204
    assert "set-cookie" not in ended.headers
    assert_problem(await alice.use(key=here[0], cookie=here[1]), "session_over")
    assert (await alice.use()).status_code == 204
    # Signing out takes the cookie away too.
    out = await alice.post(IN + "session/close", {})
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert_problem(await alice.use(), "session_over")


async def test_another_passkey_is_added_named_and_revoked(alice: Visitor) -> None:
    begun = await alice.post(IN + "another", {})
    phone = Authenticator(EDGE)
    told = {"credential": phone.make(begun.json()), "label": "Téléphone"}
    assert (await alice.post(IN + "passkeys", told)).status_code == 204
    there = Visitor(alice.platform, phone)
    assert (await there.sign_in()).status_code == 200
    async with await Database.open(alice.platform.db.dsn("rempart_edge"), max_size=1) as edge:
        first, second = await Sessions(edge).passkeys(str(alice.cookie))
    assert (first.label, second.label) == ("Ordinateur du comptoir", "Téléphone")
    revoked = await alice.post(IN + "passkeys/revoke", {"passkey": second.passkey_no})
    assert revoked.status_code == 204
    assert_problem(await there.use(), "session_over")
    assert_problem(await there.sign_in(), "passkey_refused")
    last = await alice.post(IN + "passkeys/revoke", {"passkey": first.passkey_no})
    assert_problem(last, "last_passkey")
    again = await alice.post(IN + "passkeys/revoke", {"passkey": second.passkey_no})
    assert_problem(again, "not_yours")


async def test_what_is_no_passkey_is_not_added(alice: Visitor) -> None:
    told = {"credential": "{}", "label": "x"}
    assert_problem(await alice.post(IN + "passkeys", told), "passkey_refused")


async def test_the_browser_is_told_which_passkeys_are_known(alice: Visitor) -> None:
    options = (await alice.post(IN + "another", {})).json()
    assert [one["type"] for one in options["excludeCredentials"]] == ["public-key"]


@pytest.mark.parametrize(
    "path, message",
    [
        ("another", {}),
        ("passkeys/revoke", {"passkey": "00000000-0000-4000-8000-000000000000"}),
        ("colleagues", {"professional": "10101010105", "name": "Bob"}),
        ("colleagues/leave", {"professional": "10101010105"}),
    ],
)
async def test_what_lets_people_in_asks_for_a_fresh_touch(
    alice: Visitor, path: str, message: dict[str, str]
) -> None:
    for _ in range(3):
        pass_time(alice.platform, "4 minutes")
        assert (await alice.use()).status_code == 204
    assert_problem(await alice.post(IN + path, message), "sign_in_again")
    assert (await alice.sign_in()).status_code == 200
    answer = await alice.post(IN + path, message)
    assert answer.status_code in {200, 201, 404}, answer.text


async def test_an_account_has_ten_passkeys_at_most(alice: Visitor) -> None:
    for _ in range(9):
        begun = await alice.post(IN + "another", {})
        told = {"credential": Authenticator(EDGE).make(begun.json()), "label": "x"}
        assert (await alice.post(IN + "passkeys", told)).status_code == 204
    begun = await alice.post(IN + "another", {})
    told = {"credential": Authenticator(EDGE).make(begun.json()), "label": "x"}
    assert_problem(await alice.post(IN + "passkeys", told), "too_many_passkeys")


async def test_what_is_over_is_swept_away(alice: Visitor) -> None:
    pass_time(alice.platform, "2 days")
    async with await Database.open(alice.platform.db.dsn("rempart_jobs"), max_size=1) as jobs:
        (row,) = await jobs.call("identity.sweep")
        assert row["sweep"] > 0
    assert one(alice.platform.db.owner, "select count(*) as n from identity.session")["n"] == 0
    assert (await alice.sign_in()).status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        (
            "update identity.installation set revoked_at = clock_timestamp()"
            " where installation_id in (select installation_id from identity.browser)"
        ),
        "update identity.account set left_at = clock_timestamp()",
        "update identity.passkey set revoked_at = clock_timestamp()",
        "update identity.session set ends_at = clock_timestamp()",
        (
            "update identity.token set minted_at = minted_at + interval '1 hour',"
            " expires_at = expires_at + interval '1 hour'"
        ),
    ],
)
async def test_each_end_alone_ends_it(alice: Visitor, statement: str) -> None:
    """Whoever ended it may have met a token that was being minted: it opens nothing either."""
    alice.platform.db.owner.execute(statement)
    assert_problem(await alice.use(), "session_over")


async def test_no_proved_step_lets_a_token_live_past_the_four_hours(alice: Visitor) -> None:
    """What is asked under it looks at the token alone."""
    for _ in range(55):
        pass_time(alice.platform, "4 minutes")
        assert (await alice.use()).status_code == 204
    assert left(alice.platform) < 20
    assert (await alice.post(IN + "touch", {"digest": "00" * 32})).status_code == 200
    assert left(alice.platform) < 20
