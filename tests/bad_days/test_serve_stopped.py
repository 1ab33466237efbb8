"""`rempart serve` is stopped under load: every answer is on record, and nothing outlives it."""

import hmac
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil  # type: ignore[import-untyped]  # published without types
import psycopg
import pytest

from rempart.cli.demo_state import settings_for
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import UnavailableError
from rempart.foundation.processes import free_port
from rempart.foundation.reach import reach_database
from rempart.foundation.settings import Settings
from rempart.simulation.question import Question
from rempart.simulation.software import Addresses, Software, enrol
from tests.support.real_platform import AMC, RPPS, SITE, arrange

pytestmark = pytest.mark.slow

ASKERS = 4
UP_WITHIN_S = 120
DOWN_WITHIN_S = 90


@contextmanager
def served(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `rempart serve --empty` as a user would; killed at the end should it still run."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REMPART_")}
    for field, value in settings.shown().items():
        if value is not None:
            environ[f"REMPART_{field.upper()}"] = str(value)
    command = [sys.executable, "-c", "from rempart.cli import main; main()", "serve", "--empty"]
    with log.open("wb") as out:
        serving = subprocess.Popen(
            command, env=environ, stdout=out, stderr=out, start_new_session=True
        )
    try:
        give_up = time.monotonic() + UP_WITHIN_S
        while settings.public_url not in log.read_text():
            assert serving.poll() is None, log.read_text()
            assert time.monotonic() < give_up
            time.sleep(0.2)
        yield serving
    finally:
        if serving.poll() is None:
            for one in psutil.Process(serving.pid).children(recursive=True):
                one.kill()
            serving.kill()
        serving.wait(20)


class Asker(threading.Thread):
    """Asks until nobody answers any more; keeps what was answered and what was not."""

    def __init__(self, software: Software, today: date) -> None:
        super().__init__(daemon=True)
        self.software, self.today = software, today
        self.leaves: list[str] = []
        self.refused: set[str | None] = set()
        self.unheard: list[str] = []

    def run(self) -> None:
        while len(self.unheard) < 3:
            reference = secrets.token_hex(8)
            question = Question(
                insurer=AMC, member_number="M1", birth_date=date(1950, 1, 1), birth_rank=1,
                domain="PHAR", care_date=self.today, evidence="typed", reference=reference,
                professional=RPPS, site=SITE,
            )  # fmt: skip
            try:
                reply = self.software.ask(question)
            except UnavailableError:
                self.unheard.append(reference)
                continue
            if reply.status == 200:
                receipt: Any = reply.body["receipt"]
                self.leaves.append(receipt["leaf"])
            else:
                self.refused.add(reply.refused_because)


@contextmanager
def load(settings: Settings) -> Iterator[list[Asker]]:
    """Host an insurer, enrol a software, and ask; its connections are closed at the end."""
    addresses = Addresses(settings.public_url, settings.signin_url)
    with reach_database(settings) as reached:
        code = arrange(SimpleNamespace(reached=reached))  # type: ignore[arg-type]  # all it needs
        # The installation has a budget of its own, and has it from here.
        key = enrol(code.code, addresses)
        password = reached.keyring.ensure_password(EmbeddedPostgres.superuser)
        assert reached.embedded is not None
        dsn = reached.embedded.dsn(EmbeddedPostgres.superuser, password)
        with psycopg.connect(dsn, autocommit=True) as owner:
            row = owner.execute(
                "update guard.budget set all_burst = 10000000 where kind in (1, 2, 4)"
                " returning (now() at time zone 'Europe/Paris')::date"
            ).fetchone()
    assert row is not None
    with Software(key, addresses) as software:
        askers = [Asker(software, row[0]) for _ in range(ASKERS)]
        for asker in askers:
            asker.start()
        yield askers


@pytest.mark.parametrize("signals", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT,)])
def test_a_platform_that_is_stopped_loses_no_question_and_leaves_no_process(
    signals: tuple[signal.Signals, ...], tmp_path: Path
) -> None:
    settings = settings_for(tmp_path / "state", free_port(), free_port())
    with served(settings, tmp_path / "log") as serving, load(settings) as askers:
        time.sleep(2)
        everybody = psutil.Process(serving.pid).children(recursive=True)
        for number in signals:
            serving.send_signal(number)
            time.sleep(0.3)
        serving.wait(DOWN_WITHIN_S)
        _, alive = psutil.wait_procs(everybody, DOWN_WITHIN_S)
        assert alive == []
        for asker in askers:
            asker.join(60)
            assert not asker.is_alive()
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert_kept(settings, askers)


def assert_kept(settings: Settings, askers: list[Asker]) -> None:
    """Every answer is on record; whoever heard nothing was not charged."""
    leaves = {leaf for asker in askers for leaf in asker.leaves}
    assert len(leaves) > ASKERS
    assert set().union(*(asker.refused for asker in askers)) <= {"unavailable"}
    with reach_database(settings) as reached:
        key = reached.keyring.secret("met_inner")
        password = reached.keyring.ensure_password(EmbeddedPostgres.superuser)
        assert reached.embedded is not None
        dsn = reached.embedded.dsn(EmbeddedPostgres.superuser, password)
        with psycopg.connect(dsn, autocommit=True) as owner:
            entries = owner.execute("select encode(leaf_hash, 'hex') from journal.entry").fetchall()
            kept = owner.execute("select reference from journal.reference").fetchall()
    assert leaves - {row[0] for row in entries} == set()
    unheard = {
        hmac.digest(key, f"rempart/reference/{reference}".encode(), "sha256").hex()
        for asker in askers
        for reference in asker.unheard
    }
    references = {row[0] for row in kept}
    assert references & unheard == set()
    assert len(references) == len(leaves)
