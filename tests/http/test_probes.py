"""Alive, ready, measured: what is red is named, and no count tells an outcome."""

import shutil
from pathlib import Path

import pytest

from tests.http.platform import Platform, client, platform, start_blinding
from tests.http.shape import assert_problem
from tests.support.database import DatabaseUnderTest

pytestmark = pytest.mark.anyio

PARTS = {"database", "migration", "months", "strays", "heart", "taken_up", "blinding"}


def forget(one: Platform) -> None:
    """Let readiness look again at once."""
    readiness = one.readiness()
    readiness._looked_at = float("-inf")


async def red(one: Platform) -> set[str]:
    forget(one)
    response = await one.edge.get("/readyz")
    parts = response.json()["parts"]
    found = {name for name, state in parts.items() if state != "ok"}
    assert parts.keys() == PARTS
    assert response.status_code == (503 if found else 200)
    assert response.json()["ready"] is (not found)
    return found


async def test_alive(platform: Platform) -> None:
    for asking in (platform.edge, platform.signin):
        assert (await asking.get("/healthz")).json() == {"alive": True}


async def test_each_part_that_fails_is_named(platform: Platform) -> None:
    owner = platform.db.owner
    owner.execute("select guard.beat(1000000)")
    assert await red(platform) == set()
    owner.execute("update guard.clock set wall_at = clock_timestamp() - interval '1 minute'")
    assert await red(platform) == {"heart"}
    owner.execute("select guard.beat(1000000)")
    owner.execute(
        "insert into foundation.migration (number, name, digest) values (9999, 'later', sha256(''))"
    )
    assert await red(platform) == {"migration"}
    owner.execute("delete from foundation.migration where number = 9999")
    owner.execute("revoke execute on function foundation.ready() from rempart_edge")
    assert await red(platform) >= {"database", "migration", "heart"}


async def test_a_server_that_nobody_took_up_answers_nobody(platform: Platform) -> None:
    """After a start that showed no mark: the tables may be a restored copy."""
    assert await platform.outcome() == "covered"
    before = platform.kept()
    platform.db.owner.execute("update guard.clock set boot = boot - interval '1 hour'")
    assert_problem(await platform.ask(), "unavailable")
    assert platform.kept() == before
    platform.db.owner.execute("update guard.clock set wall_at = clock_timestamp()")
    assert await red(platform) == {"taken_up"}


async def test_without_blinding_nothing_is_answered_and_nothing_is_charged(
    db: DatabaseUnderTest,
) -> None:
    process, socket = start_blinding(db.cluster)
    async with platform(db, socket) as one:
        assert await one.outcome() == "covered"
        process.stop()
        before = one.kept()
        assert_problem(await one.ask(), "unavailable")
        assert one.kept() == before
        assert "blinding" in await red(one)
    shutil.rmtree(socket.parent)


async def test_without_its_functions_nothing_is_answered(platform: Platform) -> None:
    before = platform.kept()
    platform.db.owner.execute("revoke execute on procedure rights.ask(jsonb) from rempart_edge")
    assert_problem(await platform.ask(), "unavailable")
    assert platform.kept() == before


async def test_a_wrong_schema_does_not_start(db: DatabaseUnderTest, blinding_socket: Path) -> None:
    from rempart.opened import SchemaMismatchError

    db.owner.execute("delete from foundation.migration where number > 1")
    with pytest.raises(SchemaMismatchError):
        async with platform(db, blinding_socket):
            pass


async def test_metrics_are_for_this_machine(platform: Platform) -> None:
    async with client(platform.edge_app, "http://localhost:8765", peer="10.0.0.7") as far:
        assert_problem(await far.get("/metrics"), "loopback_only")
    forwarded = {"X-Forwarded-For": "127.0.0.1"}
    assert_problem(await platform.edge.get("/metrics", headers=forwarded), "loopback_only")
    by_address = {"Host": "10.0.0.7:8765"}
    assert_problem(await platform.edge.get("/metrics", headers=by_address), "loopback_only")
    loopback = await platform.edge.get("/metrics", headers={"Host": "127.0.0.1:8765"})
    assert loopback.status_code == 200


async def counts(one: Platform) -> dict[str, str]:
    text = (await one.edge.get("/metrics")).text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    kept = {name: value for name, _, value in lines if name.startswith("rempart_")}
    return {name: value for name, value in kept.items() if "seconds" not in name}


async def test_no_count_tells_an_outcome(platform: Platform) -> None:
    moved = []
    for person in ("alice", "stranger", "ended", "optic_only"):
        before = await counts(platform)
        await platform.ask(person)
        after = await counts(platform)
        moved.append(
            {
                name: float(value) - float(before.get(name, 0))
                for name, value in after.items()
                if "metrics" not in name and "_created" not in name and value != before.get(name)
            }
        )
    assert moved[0]['rempart_questions_total{result="answered"}'] == 1
    assert [one for one in moved if one != moved[0]] == []
    text = (await platform.edge.get("/metrics")).text
    assert "covered" not in text
    assert "CANARY" not in text
