"""Importer and server are killed at random instants of a feed: old covers, then new, never both."""

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rempart.database import install
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.keyring import FileKeyring
from tests.registry.feeds import line
from tests.registry.platform import Platform
from tests.support.database import Cluster, DatabaseUnderTest
from tests.support.days import PARIS_DAY

PEOPLE = 12_000
IN_FORCE = (
    f"select count(*) filter (where valid_to >= {PARIS_DAY}) as n,"
    f" count(*) filter (where valid_to >= {PARIS_DAY} and cover_rank = 2) as of_even"
    " from registry.coverage"
)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """One insurer on a server of its own that waits for its disk, as in production."""
    keyring = FileKeyring.create(tmp_path / "keyring")
    server = EmbeddedPostgres(tmp_path / "server", keyring=keyring)
    server.start()
    cluster = Cluster(server, keyring, tmp_path)
    asyncio.run(install(cluster.dsn(server.superuser, "rempart"), keyring))
    database = DatabaseUnderTest(cluster, "rempart")
    try:
        yield Platform(database, tmp_path)
    finally:
        for connection in database.opened:
            connection.close()
        server.stop()
        server.erase()


class Watcher(threading.Thread):
    """Looks at what is in force until told to stop; keeps each different sight."""

    def __init__(self, db: DatabaseUnderTest) -> None:
        super().__init__(daemon=True)
        self.db, self.stop = db, threading.Event()
        self.sights: list[tuple[int, int]] = []

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                with psycopg.connect(self.db.dsn(EmbeddedPostgres.superuser)) as connection:
                    while not self.stop.is_set():
                        row = connection.execute(IN_FORCE).fetchone()
                        connection.rollback()
                        assert row is not None
                        if not self.sights or self.sights[-1] != row:
                            self.sights.append(row)
                        time.sleep(0.01)
            except psycopg.Error:
                time.sleep(0.05)


def begin(platform: Platform, path: Path) -> "subprocess.Popen[bytes]":
    """Start an importer, as if its forerunner had been silent for long."""
    with psycopg.connect(platform.db.dsn(EmbeddedPostgres.superuser)) as connection:
        connection.execute("update registry.feed_work set worked_at = '-infinity'")
    words = [sys.executable, "-m", "tests.registry.importer", platform.db.dsn("rempart_intake")]
    return subprocess.Popen([*words, str(path)], stderr=subprocess.PIPE)


def to_the_end(platform: Platform, path: Path) -> None:
    """Import, again if the importer before left a swap that still runs."""
    for _ in range(20):
        importer = begin(platform, path)
        _, said = importer.communicate(timeout=60)
        if importer.returncode == 0:
            return
        assert b"under way" in said, said
        time.sleep(0.5)
    pytest.fail("the feed never ended")


@pytest.mark.parametrize(
    "kills", [pytest.param(6, marks=pytest.mark.slow), pytest.param(60, marks=pytest.mark.soak)]
)
def test_old_covers_answer_until_the_swap_then_new_ones(platform: Platform, kills: int) -> None:
    seed = random.Random(kills)
    server = platform.db.cluster.server
    platform.put(line("first"))
    watcher = Watcher(platform.db)
    watcher.start()
    expected = [(1, 0)]
    for turn in range(kills // 2):
        rank = "2" if turn % 2 else "1"
        people = PEOPLE + turn
        path = platform.feed(*(line(str(n), cover_rank=rank) for n in range(people)))
        for victim in ("importer", "server"):
            importer = begin(platform, path)
            time.sleep(seed.uniform(0.5, 2.5))
            if victim == "importer":
                importer.kill()
            else:
                server.kill()
                server.start()
            importer.communicate(timeout=60)
        to_the_end(platform, path)
        expected.append((people, people if turn % 2 else 0))
    deadline = time.monotonic() + 10
    while watcher.sights[-1:] != expected[-1:] and time.monotonic() < deadline:
        time.sleep(0.05)
    watcher.stop.set()
    watcher.join(10)
    assert watcher.sights == expected
    with psycopg.connect(platform.db.dsn(EmbeddedPostgres.superuser)) as connection:
        for table in ("feed_work", "staged_coverage"):
            assert connection.execute(f"select from registry.{table}").fetchall() == []
