"""An administrator who is stopped decides nothing about others, and keeps what is his own."""

import pytest

from tests.http.platform import OTHER_RPPS, RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import IN, Visitor, invited

pytestmark = pytest.mark.anyio

NEW = "10000000025"
STEPS: tuple[tuple[str, dict[str, str]], ...] = (
    ("colleagues", {"professional": NEW, "name": "Xavier Blanc"}),
    ("colleagues/leave", {"professional": OTHER_RPPS}),
    ("colleagues/unblock", {"professional": OTHER_RPPS}),
    ("colleagues/recover", {"professional": OTHER_RPPS}),
    ("devices", {"vendor": "Officine 9", "professionals": OTHER_RPPS}),
)


@pytest.fixture
async def bob(alice: Visitor) -> Visitor:
    """A second administrator of the same site, signed in."""
    alice.platform.db.owner.execute("select identity.add_professional(%s, 'pharmacien')", (NEW,))
    found = Visitor(alice.platform)
    enrolled = await found.enrol(await invited(alice.platform, OTHER_RPPS, "Bob Durand"))
    assert enrolled.status_code == 204
    assert (await found.sign_in()).status_code == 200
    return found


def close(platform: Platform, scope: str, value: str) -> None:
    platform.db.owner.execute(
        "select guard.close_gate(%s, %s, 'Essai', 'alice', null)", (scope, value)
    )


def hold(platform: Platform) -> None:
    platform.db.owner.execute(
        "insert into guard.hold (account_id, value, reason, author, placed_at)"
        " select a.account_id, %s, 'Essai', 'alice', now() from identity.account a"
        " join identity.professional p using (professional_id) where p.rpps = %s",
        (f"{RPPS}@{SITE}", RPPS),
    )


async def assert_refused(alice: Visitor) -> None:
    device = {"client_id": alice.platform.client_id}
    for path, message in (*STEPS, ("devices/revoke", device)):
        assert_problem(await alice.post(IN + path, message), "account_stopped")


@pytest.mark.parametrize(
    "scope,value", [("account", f"{RPPS}@{SITE}"), ("professional", RPPS), ("site", SITE)]
)
async def test_a_gate_on_an_administrator(
    alice: Visitor, bob: Visitor, scope: str, value: str
) -> None:
    close(alice.platform, scope, value)
    await assert_refused(alice)
    # Neither a colleague nor a software came of it, and nobody has left.
    assert (await bob.use()).status_code == 204
    assert await alice.platform.outcome() == "closed"
    # What is his own: a session goes on, and can be ended.
    assert (await alice.use()).status_code == 204
    alice.platform.db.owner.execute("delete from guard.gate")
    assert (await alice.post(IN + "colleagues", STEPS[0][1])).status_code == 201


async def test_a_hold_on_an_administrator(alice: Visitor, bob: Visitor) -> None:
    """The other one goes on, and can end the account that is held."""
    hold(alice.platform)
    await assert_refused(alice)
    left = await bob.post(IN + "colleagues/leave", {"professional": RPPS})
    assert left.status_code == 204


async def test_what_is_closed_for_everybody_stops_no_administrator(
    alice: Visitor, bob: Visitor
) -> None:
    """Whoever leaves while the platform is closed is out all the same."""
    close(alice.platform, "platform", "")
    left = await alice.post(IN + "colleagues/leave", {"professional": OTHER_RPPS})
    assert left.status_code == 204
    assert_problem(await bob.use(), "session_over")
