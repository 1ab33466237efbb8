"""An edge whose log goes to a full disk, or to somebody who reads no more, answers all the same."""

import asyncio
import fcntl
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from rempart.cli.demo_platform import granian_command
from rempart.foundation.processes import free_port
from tests.support.database import DatabaseUnderTest
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record
from tests.support.pharmacy import Heard, Pharmacy, ask
from tests.support.small_disk import small_disk

pytestmark = pytest.mark.slow

READY_WITHIN_S = 60
QUESTIONS = 40
PIECE = bytes(4_096)


@pytest.fixture
def edge(people: DatabaseUnderTest, blinding_socket: Path, tmp_path: Path) -> Iterator[Edge]:
    with edges(people, blinding_socket, tmp_path, 1) as (found,):
        yield found


@contextmanager
def beside(edge: Edge, out: int) -> Iterator[Edge]:
    """Start one more edge like this one, which says all that it can on a descriptor."""
    environ = edge.environ | {"REMPART_LOG_LEVEL": "debug"}
    other = replace(edge, name="beside", port=free_port(), environ=environ)
    running = subprocess.Popen(
        granian_command("edge", other.url, 1),
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        start_new_session=True,
    )
    try:
        give_up = time.monotonic() + READY_WITHIN_S
        while not other.is_ready():
            assert time.monotonic() < give_up
        yield other
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(20)


def ask_many(edge: Edge, pharmacy: Pharmacy) -> list[Heard]:
    """Ask many times; each is answered in its turn, or the test ends."""

    async def work() -> list[Heard]:
        async with asyncio.timeout(READY_WITHIN_S):
            return [await ask(edge.port, pharmacy.request()) for _ in range(QUESTIONS)]

    return asyncio.run(work())


def assert_answered(db: DatabaseUnderTest, heard: list[Heard]) -> None:
    assert [each.said for each in heard] == ["covered"] * QUESTIONS
    assert_on_record(db, [each.leaf for each in heard])


class Reader(threading.Thread):
    """Reads a descriptor until told to stop, and keeps it open."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self.descriptor, self.over, self.read = descriptor, threading.Event(), b""
        os.set_blocking(descriptor, False)

    def run(self) -> None:
        while not self.over.wait(0.01):
            with suppress(BlockingIOError):
                self.read += os.read(self.descriptor, 65_536)

    def stop(self) -> None:
        self.over.set()
        self.join(10)


def stuff(descriptor: int) -> None:
    """Write until there is no room, without waiting; the descriptor is as it was."""
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    os.set_blocking(descriptor, False)
    with suppress(BlockingIOError):
        while True:
            os.write(descriptor, PIECE)
    with suppress(BlockingIOError):
        while True:
            os.write(descriptor, b"\n")
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)


@pytest.mark.parametrize("what", ["pipe", "socket"])
def test_somebody_who_reads_no_log_holds_nobody_up(
    what: str, edge: Edge, people: DatabaseUnderTest
) -> None:
    if what == "pipe":
        near, far = os.pipe()
    else:
        near, far = (end.detach() for end in socket.socketpair())
    reader = Reader(near)
    reader.start()
    try:
        with beside(edge, far) as other:
            pharmacy = Pharmacy.make(people)
            ask_many(other, pharmacy)
            reader.stop()
            stuff(far)
            heard = ask_many(other, pharmacy)
            assert_answered(people, heard)
            again = Reader(near)
            again.start()
            ask_many(other, pharmacy)
            again.stop()
    finally:
        os.close(near)
        os.close(far)
    lines = [line for line in again.read.replace(PIECE, b"").splitlines() if line]
    lost = [said for said in map(json.loads, lines) if said["event"] == "log lines were lost"]
    assert sum(said["count"] for said in lost) >= QUESTIONS


def test_a_full_disk_for_logs_holds_nobody_up(
    edge: Edge, people: DatabaseUnderTest, tmp_path: Path
) -> None:
    (folder := tmp_path / "full").mkdir()
    pharmacy = Pharmacy.make(people)
    with small_disk(folder, 1) as disk, (folder / "edge.log").open("ab") as log:
        with beside(edge, log.fileno()) as other:
            disk.fill()
            assert_answered(people, ask_many(other, pharmacy))
            disk.free()
            ask_many(other, pharmacy)
        said = (folder / "edge.log").read_text()
    assert '"log lines were lost"' in said
