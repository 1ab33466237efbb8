"""Insurers beside a platform of real processes: keys, feeds, and requests made by hand."""

import base64
import hashlib
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from psycopg.rows import dict_row

from rempart.cli.demo_platform import (
    Platform,
    running_platform,
    start_intake,
    start_intake_worker,
)
from rempart.cli.demo_state import settings_for
from rempart.cli.enrolling import enrol_key
from rempart.cli.feed_sender import FeedSender
from rempart.cli.output import run
from rempart.foundation.database import Database
from rempart.foundation.processes import free_port
from rempart.foundation.reach import MIGRATOR
from rempart.foundation.texts import Language
from rempart.identity import ClientKey, EnrolmentCode, issue_insurer_code
from rempart.intake import set_contact
from rempart.registry import DomainRule, FeedKeys, add_insurer, add_plan
from tests.registry.feeds import DELTA_HEADER, HEADER, line, prepare
from tests.support.days import PARIS_DAY

PART = 1024


@dataclass
class Mails:
    """A real mail server that keeps what it is given, or refuses for a while."""

    received: list[Envelope] = field(default_factory=list)
    refuses: int = 0

    async def handle_DATA(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.refuses > 0:
            self.refuses -= 1
            return "451 come back later"
        self.received.append(envelope)
        return "250 taken"


@dataclass
class Premises:
    """One insurer: an enrolled key, keys to hash with, and a folder of its own."""

    amc: str
    folder: Path
    key: ClientKey
    key_file: Path
    url: str
    hashing: FeedKeys
    sender: FeedSender
    minted_at: float = 0.0

    def feed(self, *lines: str, is_delta: bool = False) -> Path:
        """Prepare a feed of these lines in a file that no later one overwrites."""
        header = DELTA_HEADER if is_delta else HEADER
        attempt = prepare(
            self.folder, *lines, header=header, keys=self.hashing, amc=self.amc, is_delta=is_delta
        )
        assert attempt.done.is_written, attempt.problems
        kept = self.folder / f"{time.monotonic_ns()}.feed"
        return attempt.out.rename(kept)

    def put(
        self,
        name: str,
        data: bytes,
        at: int = 0,
        total: int | None = None,
        whole: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send some bytes as a part, whatever they are; `whole` is what the digest is of."""
        total = len(data) if total is None else total
        digest = base64.b64encode(hashlib.sha256(data if whole is None else whole).digest())
        sent = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {at}-{at + len(data) - 1}/{total}",
            "Repr-Digest": f"sha-256=:{digest.decode()}:",
        }
        return self.ask("PUT", f"/v1/feeds/{name}", data, sent | (headers or {}))

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send a proved request once, with a token of this insurer's; whatever comes back."""
        if time.monotonic() - self.minted_at > 120:
            self.sender._token, self.minted_at = self.sender._new_token(), time.monotonic()
        return self.sender._proved(method, self.url + path, body, headers or {}, self.sender._token)

    def report(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/v1/feeds/{name}").json()
        return found

    def wait(self, name: str, *states: str, seconds: float = 90) -> dict[str, Any]:
        """Wait until a feed is in one of these states."""
        give_up = time.monotonic() + seconds
        while True:
            found = self.report(name)
            if found.get("state") in states:
                return found
            assert time.monotonic() < give_up, found
            time.sleep(0.2)

    def parts(self, path: Path, size: int = PART) -> Iterator[tuple[int, bytes]]:
        whole = path.read_bytes()
        for at in range(0, len(whole), size):
            yield at, whole[at : at + size]


@dataclass
class Intake:
    """A platform of real processes that takes feeds from as many insurers as a test wants."""

    platform: Platform
    folder: Path
    mails: Mails
    printed: list[str]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(990_001))

    def command(self, *words: str, expect: int = 0) -> dict[str, Any]:
        """Run a command as a process with --json; what it printed."""
        done = self.process(*words)
        assert done.returncode == expect, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def process(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a process with --json, whatever comes of it."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith("REMPART_")}
        for name, value in self.platform.settings.shown().items():
            if value is not None:
                environ[f"REMPART_{name.upper()}"] = str(value)
        done = subprocess.run(
            [sys.executable, "-m", "rempart", *words, "--json"],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        self.printed += [done.stdout, done.stderr]
        return done

    def insurer(self) -> Premises:
        """Put one more insurer on record, as the desk does, and enrol its software."""
        amc = str(next(self.numbers))
        folder = self.folder / amc
        folder.mkdir()
        settings = self.platform.settings
        code = run(_on_record(self.platform.reached.conninfo("rempart_desk"), amc))
        key_file = folder / "key.json"
        key = enrol_key(code, settings.signin_url, key_file)
        assert (key.insurer, key.site) == (amc, None)
        sender = FeedSender(key, settings.intake_url, 60, PART)
        hashing = FeedKeys(hashlib.sha256(amc.encode()).digest(), hashlib.sha256(b"r").digest())
        return Premises(amc, folder, key, key_file, settings.intake_url, hashing, sender)

    def rows(self, statement: str, *args: object) -> list[dict[str, Any]]:
        with psycopg.connect(
            self.platform.reached.conninfo(MIGRATOR), row_factory=dict_row, autocommit=True
        ) as owner:
            done = owner.execute(statement, args)
            return list(done.fetchall()) if done.description else []

    def covers(self, amc: str) -> int:
        (row,) = self.rows(
            "select count(*) as n from registry.coverage c join registry.insurer i"
            " using (insurer_id) where i.amc_number = %s"
            f" and c.valid_to >= {PARIS_DAY}",
            amc,
        )
        return int(row["n"])

    def has_spooled_nothing(self) -> bool:
        """Whether no file is left: it goes a moment after its report is there."""
        give_up = time.monotonic() + 10
        while list(self.spool.glob("*.feed")) and time.monotonic() < give_up:
            time.sleep(0.05)
        return not list(self.spool.glob("*.feed"))

    @property
    def spool(self) -> Path:
        return self.platform.settings.spool

    def restart(self, name: str, kill: int) -> None:
        """Kill one process outright with all of its workers, and start it again."""
        supervisor = self.platform.supervisor
        process = supervisor._running.pop(name)
        _kill_tree(process.pid, kill)
        process.wait()
        self.start(name)

    def start(self, name: str) -> None:
        """Start one process again."""
        supervisor = self.platform.supervisor
        if name == "intake":
            start_intake(supervisor, self.platform.settings)
        else:
            start_intake_worker(supervisor, self.platform.settings, self.platform.reached)


def _kill_tree(pid: int, number: int) -> None:
    """Send a signal to whatever a process started, deepest first, and not to the leash above."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for child in children:
        _kill_tree(int(child), number)
        os.kill(int(child), number)


@contextmanager
def mail_server(mails: Mails) -> Iterator[int]:
    port = free_port()
    controller = Controller(mails, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def intake(folder: Path) -> Iterator[Intake]:
    """Run the platform in a folder, with a mail server beside it."""
    mails = Mails()
    with mail_server(mails) as port:
        settings = replace(
            settings_for(folder / "state", free_port(), free_port()),
            intake_url=f"http://localhost:{free_port()}",
            spool=folder / "spool",
            smtp_url=f"smtp://localhost:{port}",
            mail_from="rempart@example.org",
            log_level="debug",
        )
        with running_platform(settings, demonstration=False, takes_feeds=True) as platform:
            yield Intake(platform, folder, mails, [])


async def _on_record(conninfo: str, amc: str) -> str:
    async with await Database.open(conninfo, max_size=1) as desk:
        await add_insurer(desk, amc, "Mutuelle d'essai")
        await add_plan(desk, amc, "FULL", "Tout", {"PHAR": DomainRule("direct", 10000)})
        await set_contact(desk, amc, f"flux@{amc}.example.org", Language.FRENCH)
        code = await issue_insurer_code(desk, amc, "essai")
    assert isinstance(code, EnrolmentCode)
    return code.code


def many(count: int, start: int = 0) -> list[str]:
    """Write the lines of so many people."""
    return [line(str(10_000_000 + number)) for number in range(start, start + count)]


def send_all(mine: Premises, name: str, path: Path, start: int = 0) -> None:
    """Send every part from a place on; each answer says what is there."""
    whole = path.read_bytes()
    for at, part in mine.parts(path):
        if at >= start:
            told = mine.put(name, part, at, len(whole), whole)
            assert told.status_code == 200, told.text
            assert told.json()["received"] == at + len(part)


def code_of(response: httpx.Response) -> str:
    """Name the problem that was answered."""
    return str(response.json()["code"])
