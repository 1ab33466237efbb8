"""P1: the server is killed at random instants under load; whoever has an answer has its entry."""

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rempart.database import install
from rempart.foundation.continuity import Mark, keep_mark_once
from rempart.foundation.database import Database
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import RempartError
from rempart.foundation.keyring import FileKeyring
from rempart.journal import BudgetCheck, Verification, check_budgets, verify
from tests.support.asking import Site
from tests.support.database import Cluster, DatabaseUnderTest

ASKERS = 6


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[DatabaseUnderTest]:
    """A server of its own that waits for its disk, as in production."""
    keyring = FileKeyring.create(tmp_path / "keyring")
    server = EmbeddedPostgres(tmp_path / "server", keyring=keyring)
    server.start()
    cluster = Cluster(server, keyring, tmp_path)
    asyncio.run(install(cluster.dsn(server.superuser, "rempart"), keyring))
    database = DatabaseUnderTest(cluster, "rempart")
    try:
        yield database
    finally:
        for connection in database.opened:
            connection.close()
        server.stop()
        server.erase()


class Asker(threading.Thread):
    """Asks until told to stop; keeps what it was answered."""

    def __init__(self, site: Site, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.site, self.number, self.stop = site.at(site.installation), number, stop
        self.received: list[tuple[str, bytes]] = []
        self.faults = 0

    def run(self) -> None:
        turn = 0
        while not self.stop.is_set():
            turn += 1
            question = self.site.scan(f"{self.number}-{turn % 50}")
            try:
                rows = self.site.ask(question)
            except (psycopg.Error, RempartError, OSError):
                self.faults += 1
                self.site.connection = None
                time.sleep(0.05)
                continue
            self.received += [(question["attempt"], row["leaf_hash"]) for row in rows]


def checked(database: DatabaseUnderTest) -> tuple[Verification, BudgetCheck]:
    async def work() -> tuple[Verification, BudgetCheck]:
        async with await Database.open(database.dsn("rempart_journal"), max_size=1) as opened:
            return await verify(opened), await check_budgets(opened)

    return asyncio.run(work())


@pytest.mark.parametrize(
    "kills", [pytest.param(5, marks=pytest.mark.slow), pytest.param(50, marks=pytest.mark.soak)]
)
def test_every_answer_received_outlives_a_killed_server(
    durable: DatabaseUnderTest, kills: int
) -> None:
    owner = durable.owner
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        row = owner.execute(f"show {name}").fetchone()
        assert row is not None
        assert row[name] == "on"
    # Only durability is asked about here: these caps let the load through, and are on record.
    owner.execute(
        "update guard.profile set all_burst = 10000000, fresh_burst = 10000000,"
        " new_burst = 10000000, miss_burst = 10000000"
    )
    site = Site.make(durable)
    owner.execute("update identity.token set expires_at = clock_timestamp() + interval '1 hour'")
    stop, seed = threading.Event(), random.Random(kills)
    askers = [Asker(site, number, stop) for number in range(ASKERS)]
    for asker in askers:
        asker.start()
    mark = Mark(durable.cluster.folder / "journal.mark")
    for _ in range(kills):
        assert keep_mark_once(durable.dsn("rempart_jobs"), mark) is None
        time.sleep(seed.uniform(0.3, 1.2))
        durable.cluster.server.kill()
        durable.cluster.server.start()
    assert keep_mark_once(durable.dsn("rempart_jobs"), mark) is None
    time.sleep(0.5)
    stop.set()
    for asker in askers:
        asker.join(30)
        assert not asker.is_alive()

    received = [one for asker in askers for one in asker.received]
    assert len(received) > 20 * kills
    assert sum(asker.faults for asker in askers) >= kills
    owner = durable.connect(EmbeddedPostgres.superuser)
    kept = {
        (row["attempt"], row["leaf_hash"])
        for row in owner.execute(
            r"select '\x' || encode(p.attempt, 'hex') as attempt, e.leaf_hash"
            " from journal.payload p join journal.entry e using (entry_no)"
            " where e.charges <> ''"
        ).fetchall()
    }
    assert [one for one in received if one not in kept] == []
    verification, budgets = checked(durable)
    assert verification.ok, verification.problems[:3]
    assert budgets.ok, budgets.problems[:3]
