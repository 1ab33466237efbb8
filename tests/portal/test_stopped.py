"""An administrator who is stopped decides nothing about others, and keeps what is his own."""

import pytest

from rempart.identity import Codes
from tests.http.platform import OTHER_RPPS, RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.test_site import other_software
from tests.portal.visitor import IN, Visitor, invited
from tests.support.asking import one

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


async def obtained(alice: Visitor) -> tuple[str, Codes]:
    """Obtain a code for a software, and both codes for a new colleague."""
    invitation = await alice.post(IN + "colleagues", STEPS[0][1])
    device = await alice.post(IN + "devices", STEPS[4][1])
    told = invitation.json()
    return device.json()["code"], Codes(told["link"].split("#")[1], told["second"])


async def assert_opens_nothing(alice: Visitor, code: str, codes: Codes) -> None:
    answer = await other_software(alice.platform).enrol(code)
    assert_problem(answer, "code_not_valid")
    assert_problem(await Visitor(alice.platform).enrol(codes), "invitation_not_valid")


async def test_what_a_stopped_administrator_obtained_before_opens_nothing(
    alice: Visitor, bob: Visitor
) -> None:
    """Whoever took the account over would come back through it."""
    code, codes = await obtained(alice)
    hold(alice.platform)
    await assert_opens_nothing(alice, code, codes)
    alice.platform.db.owner.execute("delete from guard.hold")
    close(alice.platform, "account", f"{RPPS}@{SITE}")
    await assert_opens_nothing(alice, code, codes)
    alice.platform.db.owner.execute("delete from guard.gate")
    assert (await other_software(alice.platform).enrol(code)).status_code == 201
    assert (await Visitor(alice.platform).enrol(codes)).status_code == 204
    # Nor for good, once the account has ended.
    code, codes = await obtained_anew(alice)
    assert (await bob.post(IN + "colleagues/leave", {"professional": RPPS})).status_code == 204
    await assert_opens_nothing(alice, code, codes)
    alice.platform.db.owner.execute("update identity.account set left_at = null")
    await assert_opens_nothing(alice, code, codes)


async def test_nor_does_a_recovery_that_he_approved(alice: Visitor, bob: Visitor) -> None:
    answer = await alice.post(IN + "colleagues/recover", {"professional": OTHER_RPPS})
    codes = Codes(answer.json()["link"].split("#")[1], "ABCD-2345")
    owner = alice.platform.db.owner
    alice_id = one(owner, "select obtained_by from identity.invitation where obtained_by > 0")[
        "obtained_by"
    ]
    owner.execute(
        "update identity.invitation set spoken_hash = %s where code_hash = %s",
        (codes.hashes[1], codes.hashes[0]),
    )
    hold(alice.platform)
    assert_problem(await Visitor(alice.platform).enrol(codes), "invitation_not_valid")
    owner.execute("delete from guard.hold")
    owner.execute("update identity.account set left_at = now() where account_id = %s", (alice_id,))
    assert_problem(await Visitor(alice.platform).enrol(codes), "invitation_not_valid")
    owner.execute("update identity.account set left_at = null where account_id = %s", (alice_id,))
    assert (await Visitor(alice.platform).enrol(codes)).status_code == 204
    assert_problem(await bob.use(), "session_over")


async def obtained_anew(alice: Visitor) -> tuple[str, Codes]:
    """Obtain the same again, for somebody who has no passkey yet."""
    owner = alice.platform.db.owner
    owner.execute(
        "delete from identity.passkey k using identity.account a"
        " join identity.professional p using (professional_id)"
        " where k.account_id = a.account_id and p.rpps = %s",
        (NEW,),
    )
    return await obtained(alice)
