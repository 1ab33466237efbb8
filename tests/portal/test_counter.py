"""The counter: locked after five minutes, not closed; one touch changes hands."""

from typing import Any

import httpx
import pytest

from rempart.edge.cookie import COOKIE
from rempart.foundation.database import Database
from rempart.identity import ClientKey, Sessions
from tests.http.platform import EDGE, OTHER_RPPS, RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.test_exceptions import Asked, touch
from tests.portal.test_sessions import pass_time
from tests.portal.visitor import IN, Visitor, invited
from tests.support.asking import one

pytestmark = pytest.mark.anyio

ASK = "/v1/portal/rights-questions"


@pytest.fixture
async def bob(alice: Visitor) -> Visitor:
    """A colleague at the same counter: a key of his own there, a passkey of his own."""
    found = Visitor(alice.platform)
    enrolled = await found.enrol(await invited(alice.platform, OTHER_RPPS, "Bob Durand"))
    assert enrolled.status_code == 204
    return found


async def ask(visitor: Visitor, rpps: str = RPPS, **how: Any) -> httpx.Response:  # noqa: ANN401 - as `post` takes them
    question = visitor.platform.question(professional=rpps, site=SITE)
    return await visitor.post(ASK, question, edge=True, **how)


async def page(visitor: Visitor, path: str) -> httpx.Response:
    cookie = {"Cookie": f"{COOKIE}={visitor.cookie}"}
    return await visitor.platform.edge.get(f"/portal{path}", headers=cookie)


def session(platform: Platform, rpps: str) -> dict[str, Any]:
    """The one live session of somebody."""
    return one(
        platform.db.owner,
        "select s.session_no, s.began_at, s.ends_at, s.passkey_id"
        " from identity.session s join identity.token t using (token_hash)"
        " join identity.account a using (account_id)"
        " join identity.professional p using (professional_id)"
        " where t.revoked_at is null and p.rpps = %s",
        rpps,
    )


def askers(platform: Platform) -> list[str]:
    """Who asked, in order, as the journal has it."""
    found = platform.db.owner.execute(
        "select p.professional from journal.entry e join journal.payload p using (entry_no)"
        " where e.kind = 'answer' order by e.entry_no"
    )
    return [row["professional"] for row in found.fetchall()]


async def test_five_minutes_lock_it_and_one_touch_goes_on(alice: Visitor) -> None:
    begun = session(alice.platform, RPPS)
    pass_time(alice.platform, "4 minutes 50 seconds")
    assert (await ask(alice)).status_code == 200
    pass_time(alice.platform, "5 minutes 1 second")
    kept, old = alice.platform.kept(), alice.cookie
    for answer in (await ask(alice), await alice.use(), await alice.post(IN + "another", {})):
        assert_problem(answer, "session_locked")
    assert alice.platform.kept() == kept
    # Not closed: the same session, under a new token; the old one opens nothing.
    assert session(alice.platform, RPPS)["session_no"] == begun["session_no"]
    assert (await alice.sign_in()).status_code == 200
    again = session(alice.platform, RPPS)
    assert again["session_no"] == begun["session_no"]
    assert again["ends_at"] - again["began_at"] == begun["ends_at"] - begun["began_at"]
    assert alice.page["ends_at"] == again["ends_at"].isoformat()
    assert (await ask(alice)).json()["outcome"] == "covered"
    assert_problem(await ask(alice, cookie=old), "session_over")
    assert askers(alice.platform) == [RPPS, RPPS]


async def test_presence_keeps_it_open_and_cannot_unlock_it(alice: Visitor) -> None:
    for _ in range(3):
        pass_time(alice.platform, "4 minutes")
        assert (await alice.use()).status_code == 204
    pass_time(alice.platform, "6 minutes")
    assert_problem(await alice.use(), "session_locked")
    assert_problem(await alice.use(), "session_locked")


async def test_the_database_itself_refuses_a_locked_token(alice: Visitor) -> None:
    """An edge that skipped every check of its own gets nothing more."""
    token, jkt = str(alice.cookie), alice.key.jkt
    alive = "select (identity.alive(array[%s::text], array[%s::bytea]))[1] as i"
    owner = alice.platform.db.owner
    assert one(owner, alive, token, jkt)["i"] is not None
    pass_time(alice.platform, "5 minutes 1 second")
    assert one(owner, alive, token, jkt)["i"] is None
    async with await Database.open(alice.platform.db.dsn("rempart_edge"), max_size=1) as edge:
        sessions = Sessions(edge)
        assert await sessions.find(token, jkt) is None
        assert await sessions.use(token, jkt, "127.0.0.1") is False
        assert await sessions.sessions(token) == []
        assert await sessions.passkeys(token) == []
        assert await sessions.colleagues(token) == []
        locked = await sessions.find_locked(token, jkt)
        assert locked is not None
        assert (locked.name, locked.site_label) == ("Alice Martin", "Pharmacie d'essai")
        assert await sessions.find_locked(token, ClientKey.generate().jkt) is None
    assert one(owner, alive, token, jkt)["i"] is None
    # A software has nobody who could be away: its token is not locked.
    pass_time(alice.platform, "-5 minutes")
    assert one(owner, alive, alice.platform.token, alice.platform.key.jkt)["i"] is not None


async def test_it_is_locked_by_hand(alice: Visitor) -> None:
    assert (await alice.post(IN + "session/lock", {})).status_code == 204
    assert_problem(await ask(alice), "session_locked")
    assert_problem(await alice.post(IN + "session/lock", {}), "session_locked")
    assert (await alice.sign_in()).status_code == 200
    assert (await ask(alice)).status_code == 200


async def test_locking_needs_the_proof_of_the_sessions_own_key(alice: Visitor) -> None:
    thief = Visitor(alice.platform, cookie=alice.cookie)
    assert_problem(await thief.post(IN + "session/lock", {}), "session_over")
    bare = await alice.post(IN + "session/lock", {}, proved=False)
    assert_problem(bare, "invalid_proof")
    assert (await ask(alice)).status_code == 200


async def test_changing_hands_each_question_is_of_whoever_touched(
    alice: Visitor, bob: Visitor
) -> None:
    assert (await ask(alice)).status_code == 200
    # As the page does: the one leaves, the other's touch begins; the cookie is the browser's.
    bob.cookie = alice.cookie
    assert (await alice.post(IN + "session/lock", {})).status_code == 204
    assert (await bob.sign_in()).status_code == 200
    assert (await ask(bob, OTHER_RPPS)).status_code == 200
    # What she left there asks nothing, and his asks for nobody but him.
    assert_problem(await ask(alice), "session_locked")
    assert_problem(await ask(bob, RPPS), "professional_not_linked")
    hers, his = (session(alice.platform, rpps)["session_no"] for rpps in (RPPS, OTHER_RPPS))
    assert (await alice.sign_in()).status_code == 200
    assert (await ask(alice)).status_code == 200
    assert session(alice.platform, RPPS)["session_no"] == hers != his
    assert askers(alice.platform) == [RPPS, OTHER_RPPS, RPPS]


async def test_after_thirty_minutes_the_touch_begins_another(alice: Visitor) -> None:
    first = session(alice.platform, RPPS)["session_no"]
    pass_time(alice.platform, "31 minutes")
    assert (await alice.sign_in()).status_code == 200
    assert session_count(alice.platform) == 2
    row = one(
        alice.platform.db.owner,
        "select session_no from identity.session order by began_at desc limit 1",
    )
    assert row["session_no"] != first


async def test_touches_do_not_stretch_the_four_hours(alice: Visitor) -> None:
    begun = session(alice.platform, RPPS)["session_no"]
    for _ in range(9):
        pass_time(alice.platform, "25 minutes")
        assert (await alice.sign_in()).status_code == 200
    assert session(alice.platform, RPPS)["session_no"] == begun
    # In its last ten minutes a touch begins the next: nobody unlocks what is about to end.
    pass_time(alice.platform, "6 minutes")
    assert (await alice.sign_in()).status_code == 200
    assert session(alice.platform, RPPS)["session_no"] != begun
    assert session_count(alice.platform) == 2


async def test_coming_back_counts_as_a_fresh_touch_and_as_one_session(alice: Visitor) -> None:
    pass_time(alice.platform, "20 minutes")
    assert (await alice.sign_in()).status_code == 200
    assert (await alice.post(IN + "another", {})).status_code == 200
    assert session_count(alice.platform) == 1


async def test_what_was_touched_for_one_question_does_not_outlive_its_token(alice: Visitor) -> None:
    asked = Asked.of(alice.platform)
    assert (await touch(alice, asked)).status_code == 200
    assert (await alice.sign_in()).status_code == 200
    assert one(alice.platform.db.owner, "select count(*) as n from identity.touch")["n"] == 0
    assert session_count(alice.platform) == 1


@pytest.mark.parametrize("path", ["", "/account", "/people"])
async def test_a_locked_session_is_shown_the_lock_screen_alone(alice: Visitor, path: str) -> None:
    assert (await page(alice, "/account")).status_code == 200
    pass_time(alice.platform, "6 minutes")
    answer = await page(alice, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/locked")
    assert answer.content == b""
    screen = await page(alice, "/locked")
    assert screen.status_code == 200
    assert "Alice Martin" in screen.text
    assert RPPS not in screen.text
    assert "/portal/account" not in screen.text
    pass_time(alice.platform, "25 minutes")
    for gone in ("/locked", path):
        answer = await page(alice, gone)
        assert (answer.status_code, answer.headers["location"]) == (303, "/portal/sign-in")


async def test_the_lock_screen_is_for_sessions(alice: Visitor) -> None:
    answer = await alice.platform.edge.get(f"{EDGE}/portal/locked")
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/sign-in")
    # A page that has emptied itself is not sent back when the database has not locked yet.
    assert (await page(alice, "/locked")).status_code == 200


def session_count(platform: Platform) -> int:
    return int(one(platform.db.owner, "select count(*) as n from identity.session")["n"])


async def test_a_touch_in_the_last_half_hour_asks_no_longer_than_the_four_hours(
    alice: Visitor,
) -> None:
    for _ in range(9):
        pass_time(alice.platform, "25 minutes")
        assert (await alice.sign_in()).status_code == 200
    assert session_count(alice.platform) == 1
    row = one(
        alice.platform.db.owner,
        "select t.expires_at <= s.ends_at as ok from identity.session s"
        " join identity.token t using (token_hash)",
    )
    assert row["ok"]
