"""P1: the edge is killed at random instants under load; whoever has an answer has its entry."""

import asyncio
import os
import random
import signal
import threading
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # published without types
import psycopg
import pytest

from rempart.foundation.database import Database
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import UnavailableError
from rempart.journal import Verification, verify
from tests.support.real_platform import RealPlatform, real_platform

ASKERS = 4
BORN = date(1950, 1, 1)


def workers(real: RealPlatform) -> list[psutil.Process]:
    """The edge's worker processes: children of the granian that listens on its port."""
    port = str(real.platform.settings.public_url.rpartition(":")[2])
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words[1:3] == ["-m", "granian"] and "rempart.app:edge" in words and port in words:
            found += process.children(recursive=True)
    return found


class Asker(threading.Thread):
    """Asks over HTTP until told to stop; keeps the leaves that it was given."""

    def __init__(self, real: RealPlatform, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.real, self.number, self.stop = real, number, stop
        self.leaves: list[str] = []
        self.faults = 0

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                reply = self.real.software.ask(self.real.question(f"M{self.number}", BORN))
            except UnavailableError:
                self.faults += 1
                time.sleep(0.05)
                continue
            if reply.outcome is not None:
                receipt = reply.body["receipt"]
                assert isinstance(receipt, dict)
                self.leaves.append(receipt["leaf"])


@pytest.mark.parametrize(
    "kills", [pytest.param(5, marks=pytest.mark.slow), pytest.param(50, marks=pytest.mark.soak)]
)
def test_every_answer_received_outlives_a_killed_edge(tmp_path: Path, kills: int) -> None:
    lines = "".join(f"M{n},{BORN},1,COMPLET,2020-01-01,2099-12-31,\n" for n in range(ASKERS))
    with real_platform(tmp_path, lines) as real, ExitStack() as ending:
        reached = real.platform.reached
        assert reached.embedded is not None
        dsn = reached.embedded.dsn(
            EmbeddedPostgres.superuser, reached.keyring.ensure_password(EmbeddedPostgres.superuser)
        )
        with psycopg.connect(dsn, autocommit=True) as owner:
            owner.execute("update guard.budget set all_burst = 10000000 where kind in (1, 2, 4)")
        stop, seed = threading.Event(), random.Random(kills)
        ending.callback(stop.set)
        askers = [Asker(real, number, stop) for number in range(ASKERS)]
        for asker in askers:
            asker.start()
        killed = 0
        for _ in range(kills):
            # granian gives a worker up that dies again within 5.5 s of its start.
            time.sleep(seed.uniform(5.6, 7.0))
            for process in workers(real):
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
            wait_ready(real)
        time.sleep(0.5)
        stop.set()
        for asker in askers:
            asker.join(60)
            assert not asker.is_alive()
        assert killed >= kills

        leaves = [leaf for asker in askers for leaf in asker.leaves]
        assert len(leaves) > 10 * kills
        with psycopg.connect(dsn, autocommit=True) as owner:
            rows = owner.execute(
                "select encode(leaf_hash, 'hex') from journal.entry where charges <> ''"
            ).fetchall()
        assert set(leaves) - {row[0] for row in rows} == set()
        checked = asyncio.run(verified(reached.conninfo("rempart_journal")))
        assert checked.ok, checked.problems[:3]


def wait_ready(real: RealPlatform) -> None:
    import httpx

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(real.platform.settings.public_url + "/healthz", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    pytest.fail("the edge did not come back within 30 s")


async def verified(conninfo: str) -> Verification:
    async with await Database.open(conninfo, max_size=1) as database:
        return await verify(database)
