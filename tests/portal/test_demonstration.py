"""What a demonstration alone has: not there without the mark, and its proofs good once with it."""

import pytest

from rempart.cli import demo_stage
from rempart.foundation.database import Database
from tests.http.platform import Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.anyio

_MARK = "insert into foundation.mark (kind) values ('demonstration')"
_STEPS = ("/v1/portal/theft", "/v1/portal/theft/watch")


async def page(alice: Visitor, path: str) -> int:
    headers = {"Cookie": f"__Host-rempart={alice.cookie}"}
    return (await alice.platform.edge.get(path, headers=headers)).status_code


async def test_without_the_mark_there_is_no_such_page_and_no_such_step(alice: Visitor) -> None:
    assert await page(alice, "/demo") == 404
    assert await page(alice, "/portal/theft") == 404
    for step in _STEPS:
        assert_problem(await alice.post(step, {}, edge=True), "not_found")
    assert "/portal/theft" not in (await _account(alice))


async def test_with_it_there_are(alice: Visitor) -> None:
    alice.platform.db.owner.execute(_MARK)
    assert await page(alice, "/portal/theft") == 200
    assert "/portal/theft" in (await _account(alice))
    # The stage is another process, and none runs here: nothing is shown, and nothing begins.
    assert await page(alice, "/demo") == 503
    for step in _STEPS:
        assert_problem(await alice.post(step, {}, edge=True), "unavailable")


async def test_each_proof_begins_one_theft(alice: Visitor) -> None:
    alice.platform.db.owner.execute(_MARK)
    key = alice.key
    for step in _STEPS:
        url = "http://localhost:8765" + step
        nonce = alice.platform.nonces.get("http://localhost:8765")
        proof = key.proof("POST", url, b"{}", alice.cookie, nonce)
        again: dict[str, str | None] = {"DPoP": proof}
        assert_problem(await alice.post(step, {}, edge=True, headers=again), "unavailable")
        assert_problem(await alice.post(step, {}, edge=True, headers=again), "proof_repeated")


async def test_a_cookie_alone_begins_none(alice: Visitor) -> None:
    alice.platform.db.owner.execute(_MARK)
    for step in _STEPS:
        answer = await alice.post(step, {}, edge=True, proved=False)
        assert answer.status_code == 401
        assert_problem(await alice.post(step, {}, edge=True, cookie="A" * 43), "session_over")


async def test_the_stage_does_not_play_on_a_database_without_the_mark(platform: Platform) -> None:
    logins = [platform.db.dsn("rempart_desk"), platform.db.dsn("rempart_journal")]
    with pytest.raises(SystemExit, match="not a demonstration's"):
        await demo_stage.play(platform.settings, logins, seconds=1, people=100)


async def test_the_database_itself_says_no(platform: Platform, alice: Visitor) -> None:
    """Not the handler: asked directly, as the edge's role, it refuses."""
    async with await Database.open(platform.db.dsn("rempart_edge"), max_size=1) as edge:
        (row,) = await edge.call("identity.in_demonstration", alice.cookie, b"k" * 32, "j" * 20)
        assert row["refused_because"] == "not_found"
        platform.db.owner.execute(_MARK)
        (row,) = await edge.call("identity.in_demonstration", alice.cookie, b"k" * 32, "j" * 20)
        assert row["refused_because"] == "session_over"
        (row,) = await edge.call("identity.in_demonstration", alice.cookie, None, "j" * 20)
        assert row["refused_because"] == "session_over"


async def _account(alice: Visitor) -> str:
    headers = {"Cookie": f"__Host-rempart={alice.cookie}"}
    return (await alice.platform.edge.get("/portal/account", headers=headers)).text
