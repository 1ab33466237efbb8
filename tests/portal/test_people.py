"""The people of a site: invited by their administrator, and gone at once when they leave."""

import psycopg
import pytest

from rempart.foundation.database import Database
from rempart.identity import Codes, Sessions, add_site, close_account, open_account
from tests.http.platform import OTHER_RPPS, RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import IN, Visitor, invited
from tests.support.asking import one

pytestmark = pytest.mark.anyio

NEW = "10000000025"
BOB = {"professional": NEW, "name": "Bob Durand"}


@pytest.fixture(autouse=True)
def register(platform: Platform) -> None:
    """Put one more pharmacist on record, who works nowhere yet."""
    platform.db.owner.execute("select identity.add_professional(%s, 'pharmacien')", (NEW,))


async def invite(alice: Visitor, message: dict[str, str] | None = None) -> Codes:
    answer = await alice.post(IN + "colleagues", message or BOB)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["link"].startswith("http://localhost:8765/portal/enrol#")
    return Codes(told["link"].split("#")[1], told["second"])


async def bob_at_work(alice: Visitor) -> Visitor:
    bob = Visitor(alice.platform)
    assert (await bob.enrol(await invite(alice))).status_code == 204
    assert (await bob.sign_in()).status_code == 200
    return bob


async def asks(visitor: Visitor, rpps: str) -> str:
    question = visitor.platform.question(professional=rpps, site=SITE)
    answer = (await visitor.post("/v1/portal/rights-questions", question, edge=True)).json()
    return str(answer.get("outcome") or answer["code"])


async def test_an_invited_colleague_signs_in_and_asks(alice: Visitor) -> None:
    bob = await bob_at_work(alice)
    assert await asks(bob, NEW) == "covered"
    # At the profile of his profession; the site's own budget is what it was.
    kinds = alice.platform.db.owner.execute(
        "select kind from guard.budget b join identity.account a on a.account_id = b.id"
        " join identity.professional p using (professional_id)"
        " where kind = 2 and p.rpps = %s",
        (NEW,),
    ).fetchall()
    assert len(kinds) == 1


async def test_leaving_ends_everything_at_once(alice: Visitor) -> None:
    bob = await bob_at_work(alice)
    gone = await alice.post(IN + "colleagues/leave", {"professional": NEW})
    assert gone.status_code == 204
    assert_problem(await bob.use(), "session_over")
    assert await asks(bob, NEW) == "session_over"
    assert_problem(await bob.sign_in(), "passkey_refused")
    again = await alice.post(IN + "colleagues/leave", {"professional": NEW})
    assert_problem(again, "not_yours")


async def test_who_comes_back_makes_a_new_passkey(alice: Visitor) -> None:
    bob = await bob_at_work(alice)
    await alice.post(IN + "colleagues/leave", {"professional": NEW})
    assert (await Visitor(alice.platform).enrol(await invite(alice))).status_code == 204
    assert_problem(await bob.sign_in(), "passkey_refused")


async def test_the_operators_closing_ends_it_too(alice: Visitor) -> None:
    async with await Database.open(alice.platform.db.dsn("rempart_desk"), max_size=1) as desk:
        await close_account(desk, RPPS, SITE)
    assert_problem(await alice.use(), "session_over")
    assert_problem(await alice.sign_in(), "passkey_refused")


async def test_a_colleague_is_no_administrator(alice: Visitor) -> None:
    bob = await bob_at_work(alice)
    for path, message in (("colleagues", BOB), ("colleagues/leave", {"professional": RPPS})):
        assert_problem(await bob.post(IN + path, message), "not_administrator")
    async with await Database.open(alice.platform.db.dsn("rempart_edge"), max_size=1) as edge:
        assert await Sessions(edge).colleagues(str(bob.cookie)) == []
        listed = await Sessions(edge).colleagues(str(alice.cookie))
    assert [(one.name, one.state, one.is_administrator, one.is_me) for one in listed] == [
        ("Alice Martin", "active", True, True),
        ("Bob Durand", "active", False, False),
    ]


async def test_an_administrator_decides_nothing_elsewhere(alice: Visitor) -> None:
    """The same professional works at two sites: each has an account, passkeys and people."""
    async with await Database.open(alice.platform.db.dsn("rempart_desk"), max_size=1) as desk:
        await add_site(desk, "750000018", "Ailleurs")
        await open_account(desk, NEW, "750000018")
    assert_problem(await alice.post(IN + "colleagues/leave", {"professional": NEW}), "not_yours")
    bob = await bob_at_work(alice)
    await alice.post(IN + "colleagues/leave", {"professional": NEW})
    still = one(
        alice.platform.db.owner,
        "select left_at from identity.account join identity.site using (site_id)"
        " join identity.professional using (professional_id)"
        " where rpps = %s and identifier = '750000018'",
        NEW,
    )
    assert still["left_at"] is None
    assert_problem(await bob.use(), "session_over")


async def test_the_last_administrator_stays(alice: Visitor) -> None:
    leave = {"professional": RPPS}
    assert_problem(await alice.post(IN + "colleagues/leave", leave), "last_administrator")
    other = Visitor(alice.platform)
    await other.enrol(await invited(alice.platform, OTHER_RPPS, "Carol"))
    assert (await alice.post(IN + "colleagues/leave", leave)).status_code == 204
    assert_problem(await alice.use(), "session_over")


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"professional": "10000000033"}, "professional_unknown"),
        ({"professional": "10000000026"}, "bad_check_digit"),
        ({"professional": RPPS}, "has_a_passkey"),
        ({"name": "  "}, "bad_format"),
    ],
)
async def test_who_cannot_be_invited(alice: Visitor, changes: dict[str, str], code: str) -> None:
    answer = await alice.post(IN + "colleagues", BOB | changes)
    assert answer.json()["code"] == code
    count = one(alice.platform.db.owner, "select count(*) as n from identity.colleague")
    assert count["n"] == 1


async def test_the_portal_is_a_channel_that_closes_alone(alice: Visitor) -> None:
    owner = alice.platform.db.owner
    owner.execute("select guard.close_gate('channel', 'portal', 'Fuite en cours', 'Zoe', null)")
    assert await asks(alice, RPPS) == "closed"
    assert await alice.platform.outcome() == "covered"
    owner.execute("select guard.open_gate('channel', 'portal', 'Fini', 'Zoe')")
    owner.execute("select guard.close_gate('channel', 'software', 'Fuite en cours', 'Zoe', null)")
    assert await asks(alice, RPPS) == "covered"
    assert await alice.platform.outcome() == "closed"


async def test_the_last_two_administrators_do_not_leave_at_once(alice: Visitor) -> None:
    other = Visitor(alice.platform)
    await other.enrol(await invited(alice.platform, OTHER_RPPS, "Carol"))
    assert (await other.sign_in()).status_code == 200
    leave = "select refused_because from identity.leave_colleague(%s, %s, %s, %s)"
    first, second = (alice.platform.db.connect("rempart_signin") for _ in range(2))
    second.execute("set lock_timeout = '300ms'")
    with first.transaction():
        gone = one(first, leave, alice.cookie, alice.key.jkt, "a" * 22, RPPS)
        assert gone["refused_because"] is None
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute(leave, (other.cookie, other.key.jkt, "b" * 22, OTHER_RPPS))
    stays = one(second, leave, other.cookie, other.key.jkt, "c" * 22, OTHER_RPPS)
    assert stays["refused_because"] == "last_administrator"
