"""A key that the page makes itself: good on a marked database, refused on any other, both ways."""

import time
from types import SimpleNamespace

import httpx
import pytest

from rempart.foundation.database import Database
from rempart.identity import Sessions
from tests.http.platform import EDGE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import IN, Visitor, invited
from tests.support.asking import one
from tests.support.authenticator import Authenticator

pytestmark = pytest.mark.anyio

_MARK = "insert into foundation.mark (kind) values ('demonstration')"
_MODEL = b"rempart demo key"


def software(platform: Platform) -> Visitor:
    return Visitor(platform, device=Authenticator(EDGE, model=_MODEL))


async def listed(platform: Platform, token: str | None) -> list[bool]:
    async with await Database.open(platform.db.dsn("rempart_edge"), max_size=1) as database:
        passkeys = await Sessions(database).passkeys(token or "")
    return [passkey.is_software for passkey in passkeys]


async def test_it_enrols_and_signs_in_where_the_mark_is(platform: Platform) -> None:
    platform.db.owner.execute(_MARK)
    alice = software(platform)
    assert (await alice.enrol(await invited(platform))).status_code == 204
    assert (await alice.sign_in()).status_code == 200
    assert (await alice.use()).status_code == 204
    # Its owner is told what it is.
    assert await listed(platform, alice.cookie) == [True]


async def test_without_the_mark_it_is_refused_and_the_invitation_stays_good(
    platform: Platform,
) -> None:
    codes = await invited(platform)
    assert_problem(await software(platform).enrol(codes), "software_key_refused")
    assert one(platform.db.owner, "select count(*) as n from identity.passkey")["n"] == 0
    # The same link, the same second code, and an authenticator: nothing else was in the way.
    alice = Visitor(platform)
    assert (await alice.enrol(codes)).status_code == 204
    assert (await alice.sign_in()).status_code == 200
    assert await listed(platform, alice.cookie) == [False]


async def test_it_is_no_second_passkey_without_the_mark_either(platform: Platform) -> None:
    alice = Visitor(platform)
    await alice.enrol(await invited(platform))
    await alice.sign_in()
    for device, code in (
        (Authenticator(EDGE, model=_MODEL), "software_key_refused"),
        (Authenticator(EDGE), None),
    ):
        begun = await alice.post(IN + "another", {})
        made = {"credential": device.make(begun.json()), "label": "Autre"}
        answer = await alice.post(IN + "passkeys", made)
        if code is None:
            assert answer.status_code == 204, answer.text
        else:
            assert_problem(answer, code)


async def test_where_the_mark_is_gone_it_opens_no_session(platform: Platform) -> None:
    """A row that was copied out of a demonstration's database is worth nothing elsewhere."""
    platform.db.owner.execute(_MARK)
    alice = software(platform)
    await alice.enrol(await invited(platform))
    assert (await alice.sign_in()).status_code == 200
    platform.db.owner.execute("delete from foundation.mark")
    assert_problem(await alice.sign_in(), "software_key_refused")


async def test_pages_offer_it_where_the_mark_is_and_nowhere_else(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they show of the mark is five seconds old at most."""
    for path, sign in (("/portal/enrol", 'id="software"'), ("/portal/sign-in", "software-keys")):
        assert sign not in (await platform.edge.get(path)).text
    platform.db.owner.execute(_MARK)
    began = time.monotonic()
    later = SimpleNamespace(monotonic=lambda: began + 5)
    monkeypatch.setattr("rempart.foundation.demonstration.time", later)
    for path, sign in (("/portal/enrol", 'id="software"'), ("/portal/sign-in", "software-keys")):
        assert sign in (await platform.edge.get(path)).text


async def test_nor_is_it_touched_for_an_exception_where_the_mark_is_gone(
    platform: Platform,
) -> None:
    """In a session that a real passkey opened, too."""
    platform.db.owner.execute(_MARK)
    alice = Visitor(platform)
    await alice.enrol(await invited(platform))
    await alice.sign_in()
    second = Authenticator(EDGE, model=_MODEL)
    made = second.make((await alice.post(IN + "another", {})).json())
    answer = await alice.post(IN + "passkeys", {"credential": made, "label": "Autre"})
    assert answer.status_code == 204, answer.text
    assert (await _touched(alice, second)).status_code == 200
    platform.db.owner.execute("delete from foundation.mark")
    assert_problem(await _touched(alice, second), "passkey_refused")
    assert (await _touched(alice, alice.device)).status_code == 200


async def _touched(alice: Visitor, device: Authenticator) -> httpx.Response:
    begun = await alice.post(IN + "touch", {"digest": "5c" * 32})
    credential = {"credential": device.touch(begun.json())}
    return await alice.post(IN + "touch/passkey", credential)
