"""A primary is lost under load, its synchronous standby takes over: answered is on record there."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]  # published without types
import pytest

from rempart.foundation.embedded import EmbeddedPostgres
from tests.bad_days.test_restarts import ASKERS, Load, ask_again
from tests.bad_days.test_slow_database import IN_TIME_S, until_answered
from tests.support.asking import one
from tests.support.database import Cluster, Connection, DatabaseUnderTest
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record, count, kinds
from tests.support.own_server import OwnServer, own_server
from tests.support.pharmacy import Heard, Pharmacy, ask

pytestmark = pytest.mark.slow

STREAMING_WITHIN_S = 60
NAME = "standby"


@dataclass
class Pair(Cluster):
    """Both servers under one address: whoever connects is led to the one that takes writes."""

    standby: EmbeddedPostgres | None = None

    @property
    def folders(self) -> list[Path]:
        assert self.standby is not None
        return [self.server.socket_dir, self.standby.socket_dir]

    def dsn(self, role: str, dbname: str) -> str:
        hosts = ",".join(str(folder) for folder in self.folders)
        password = self.keyring.ensure_password(role)
        return (
            f"host='{hosts}' port='5432,5432' target_session_attrs='read-write'"
            f" dbname='{dbname}' user='{role}' password='{password}'"
        )

    @property
    def url(self) -> str:
        hosts = ",".join(quote(str(folder), safe="") for folder in self.folders)
        return f"postgresql:///rempart?host={hosts}&port=5432,5432&target_session_attrs=read-write"


@dataclass
class Failover:
    """A primary with its people, its synchronous standby, and an edge that knows both."""

    own: OwnServer
    standby: EmbeddedPostgres
    pair: DatabaseUnderTest
    edge: Edge

    @property
    def standby_owner(self) -> Connection:
        """The superuser at the standby, whatever it is now."""
        keyring = self.pair.keyring
        password = keyring.ensure_password(EmbeddedPostgres.superuser)
        there = replace(self.own.db.cluster, server=self.standby, opened=[])
        assert password
        return DatabaseUnderTest(there, "rempart").owner

    def kill_primary(self) -> None:
        """Kill every process of the primary at once, as a machine that loses its power."""
        self.own.hang_up()
        postmaster = psutil.Process(int(_postmaster(self.own.server).read_text().split()[0]))
        for each in [postmaster, *postmaster.children(recursive=True)]:
            each.kill()
        self.own.await_end()

    def promote(self) -> None:
        with self.standby_owner as there:
            assert one(there, "select pg_promote(true, 60) as done")["done"]


def _postmaster(server: EmbeddedPostgres) -> Path:
    return server.data_dir / "postmaster.pid"


@contextmanager
def standby_of(own: OwnServer, folder: Path) -> Iterator[EmbeddedPostgres]:
    """Copy the primary, start the copy as its standby, and have commits wait for it."""
    keyring = own.db.keyring
    own.server.backup(folder / "copy")
    standby = EmbeddedPostgres(folder / "standby", keyring=keyring)
    standby.restore(folder / "copy")
    shutil.rmtree(folder / "copy")
    password = keyring.ensure_password(EmbeddedPostgres.superuser)
    primary = own.server.dsn(EmbeddedPostgres.superuser, password, "postgres")
    told = f"{primary} application_name={NAME}".replace("'", "''")
    owner = standby.data_dir.stat()
    for name, text in (
        ("standby.signal", ""),
        ("postgresql.auto.conf", f"primary_conninfo = '{told}'\n"),
    ):
        path = standby.data_dir / name
        path.write_text(text)
        path.chmod(0o600)
        os.chown(path, owner.st_uid, owner.st_gid)
    standby.start()
    try:
        own.db.owner.execute(f"alter system set synchronous_standby_names = 'ANY 1 ({NAME})'")
        own.db.owner.execute("select pg_reload_conf()")
        give_up = time.monotonic() + STREAMING_WITHIN_S
        while not _is_synchronous(own):
            assert time.monotonic() < give_up
            time.sleep(0.1)
        yield standby
    finally:
        standby.stop()
        standby.erase()


def _is_synchronous(own: OwnServer) -> bool:
    found = own.db.owner.execute(
        "select from pg_stat_replication where application_name = %s"
        " and state = 'streaming' and sync_state = 'quorum'",
        (NAME,),
    )
    return found.fetchone() is not None


@pytest.fixture
def failover(tmp_path: Path) -> Iterator[Failover]:
    with own_server(tmp_path / "own") as own, standby_of(own, tmp_path) as standby:
        cluster = own.db.cluster
        pair = Pair(cluster.server, cluster.keyring, cluster.folder, standby=standby)
        both = DatabaseUnderTest(pair, "rempart")
        told = {"state_dir": str(own.state), "database_url": pair.url}
        with edges(both, own.blinding, tmp_path, 1, **told) as (edge,):
            yield Failover(own, standby, both, edge)
        for connection in both.opened:
            connection.close()


def test_what_a_client_was_answered_is_on_record_at_the_promoted_standby(
    failover: Failover,
) -> None:
    own, edge = failover.own, failover.edge
    load = Load(edge, [Pharmacy.make(own.db, number) for number in range(4)])
    worker = edge.worker.pid
    asyncio.run(nothing_is_answered_that_the_standby_does_not_hold(failover, load.pharmacies[0]))
    before = kinds(own.db)["answer"]

    async def work() -> list[Heard]:
        async with asyncio.TaskGroup() as group:
            for number in range(ASKERS):
                group.create_task(load.asker(number))
            await load.more(2 * ASKERS)
            await asyncio.to_thread(failover.kill_primary)
            await asyncio.to_thread(failover.promote)
            await load.more(ASKERS)
            load.over = True
        return await ask_again(load)

    again = asyncio.run(work())
    # The same edge found the new primary, and the heart took it up: nobody did anything.
    assert edge.worker.pid == worker
    assert not own.server.running()
    assert {heard.said for heard in (*load.answered, *again)} == {"covered"}
    assert load.slowest < IN_TIME_S
    # At the promoted one: every answer, once, and budgets that its entries explain.
    assert_on_record(failover.pair, [heard.leaf for heard in (*load.answered, *again)])
    asked = before + len(load.answered) + len(load.refused)
    assert kinds(failover.pair)["answer"] == count(failover.pair, "journal.reference") == asked
    asyncio.run(until_answered(edge, load.pharmacies[0]))


async def nothing_is_answered_that_the_standby_does_not_hold(
    failover: Failover, pharmacy: Pharmacy
) -> None:
    """While the standby receives nothing there is no answer; then it is the first one's."""
    with failover.standby_owner as there:
        receiver = one(there, "select pid from pg_stat_wal_receiver")["pid"]
    question = pharmacy.question()
    os.kill(receiver, signal.SIGSTOP)
    try:
        refused = await ask(failover.edge.port, pharmacy.request(question))
        assert (refused.status, refused.said) == (503, "unavailable")
    finally:
        os.kill(receiver, signal.SIGCONT)
    # Committed there meanwhile, or rolled back: asked again, it is answered.
    assert (await ask(failover.edge.port, pharmacy.request(question))).said == "covered"
