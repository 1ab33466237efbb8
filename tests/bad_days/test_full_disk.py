"""The database's disk is full: nobody is answered, nothing is half written, and it comes back."""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.bad_days.test_slow_database import IN_TIME_S, until_answered
from tests.http.platform import BORN, NUMBERS
from tests.support.edges import Edge, edges
from tests.support.on_record import assert_on_record, count, kinds
from tests.support.own_server import OwnServer, own_server
from tests.support.pharmacy import Heard, Pharmacy, ask
from tests.support.small_disk import SmallDisk, small_disk

pytestmark = pytest.mark.slow

MEGABYTES = 320
SMALL_LOG = {"min_wal_size": "32MB", "max_wal_size": "64MB"}
REFUSED = 5
MOST = 2_000


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnServer]:
    with own_server(tmp_path / "own", SMALL_LOG) as found:
        yield found


@pytest.fixture
def disk(own: OwnServer) -> Iterator[SmallDisk]:
    """The server's data on a disk of its own; its log, as in production, is elsewhere."""
    own.hang_up()
    own.server.stop()
    with small_disk(own.server.data_dir, MEGABYTES) as found:
        own.server.start()
        own.take_up()
        try:
            yield found
        finally:
            found.free()
            own.hang_up()
            own.server.stop()
        check_blocks(own)


@pytest.fixture
def edge(
    own: OwnServer,
    disk: SmallDisk,
    tmp_path: Path,
) -> Iterator[Edge]:
    with edges(own.db, own.blinding, tmp_path, 1, state_dir=str(own.state)) as (found,):
        yield found


def check_blocks(own: OwnServer) -> None:
    """Every block of the stopped server has the checksum that it was written with."""
    program = own.server.binary("pg_checksums")
    words: list[str | Path] = [program, "--check", "-D", own.server.data_dir]
    checked = subprocess.run(words, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert re.search(r"Bad checksums: +0\n", checked.stdout)


class Questions:
    """What was asked one after the other, and what was heard."""

    def __init__(self, edge: Edge, pharmacy: Pharmacy) -> None:
        self.edge, self.pharmacy = edge, pharmacy
        self.answered: list[Heard] = []
        self.refused: list[dict[str, Any]] = []

    def ask(self, question: dict[str, Any] | None = None) -> bool:
        """Ask; answered, or refused in time and told so."""
        question = question or self.pharmacy.question()
        heard = asyncio.run(ask(self.edge.port, self.pharmacy.request(question)))
        assert heard.seconds < IN_TIME_S
        if heard.status == 200:
            assert heard.said == "covered"
            self.answered.append(heard)
            return True
        assert (heard.status, heard.said) == (503, "unavailable")
        self.refused.append(question)
        return False

    def until_refused(self, times: int) -> None:
        """Ask until so many in a row were refused."""
        in_a_row = 0
        for _ in range(MOST):
            in_a_row = 0 if self.ask() else in_a_row + 1
            if in_a_row == times:
                return
        pytest.fail("a full disk stopped nobody")

    def assert_all_kept(self, own: OwnServer) -> None:
        """Whoever was refused asks again with his reference; each is on record once, whole."""
        refused, self.refused = self.refused, []
        assert all(self.ask(question) for question in refused)
        assert_on_record(own.db, [heard.leaf for heard in self.answered])
        kept = count(own.db, "journal.reference")
        assert kept == kinds(own.db)["answer"] == len(self.answered) + 1
        assert kept == count(own.db, "journal.payload p join journal.entry e using (entry_no)"
                             " where e.kind = 'answer'")  # fmt: skip

    def assert_not_told_in(self, log: str) -> None:
        """No value of anybody's is in a log."""
        values = [*NUMBERS.values(), BORN.isoformat(), self.pharmacy.site.installation.token]
        values += [str(question["reference"]) for question in self.refused]
        assert [value for value in values if value in log] == []


def fill_the_servers_log(own: OwnServer) -> None:
    """Use up what is left of its write-ahead log, until it wants another file and finds no room."""
    for _ in range(50):
        try:
            own.db.owner.execute("select pg_logical_emit_message(false, 'full', 'disk')")
            own.db.owner.execute("select pg_switch_wal()")
        except psycopg.OperationalError:
            return
    pytest.fail("the server found room for another file")


@pytest.mark.parametrize("what", ["tables", "log"])
def test_a_full_disk_answers_nobody_and_loses_nothing(
    what: str, own: OwnServer, disk: SmallDisk, edge: Edge
) -> None:
    questions = Questions(edge, Pharmacy.make(own.db))
    assert questions.ask()
    disk.fill()
    if what == "log":
        fill_the_servers_log(own)
    questions.until_refused(REFUSED)
    log = own.server.log_file.read_text()
    # The server's own log leaves errors of statements out: the edge says what it was told.
    assert '"sqlstate": "53100"' in edge.log() or "No space left on device" in log
    assert what == "tables" or "No space left on device" in log
    questions.assert_not_told_in(log + edge.log())

    disk.free()
    own.hang_up()
    # Full tables: nothing to do. A full log: the server has ended, or it goes on without the
    # process that recovers, and lets nobody in (PostgreSQL 18.4, one time in some twenty).
    if what == "log":
        own.restart()
    assert own.server.running()
    asyncio.run(until_answered(edge, questions.pharmacy))
    questions.assert_all_kept(own)
