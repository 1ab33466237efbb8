"""Edges as real processes, each a granian of its own, that share nothing but the database."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil  # type: ignore[import-untyped]  # published without types

from rempart.cli.demo_platform import granian_command
from rempart.foundation.processes import Supervisor, free_port
from tests.support.database import DatabaseUnderTest

PUBLIC = "http://localhost:8765"
"""How every edge of a test is reached, in proofs and Host; each listens on a port of its own."""


@dataclass
class Edge:
    """One edge: a granian and its worker."""

    name: str
    port: int
    supervisor: Supervisor
    environ: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = granian_command("edge", self.url, 1)
        self.supervisor.start(self.name, command, ready=self.is_ready, environ=self.environ)

    def is_ready(self) -> bool:
        return self.readiness().get("ready") is True

    def readiness(self) -> dict[str, object]:
        """What /readyz says; nothing when nobody answers."""
        try:
            found = httpx.get(f"{self.url}/readyz", timeout=20, trust_env=False)
        except httpx.HTTPError:
            return {}
        return dict(found.json())

    def measured(self, name: str) -> float:
        """One figure of /metrics."""
        lines = httpx.get(f"{self.url}/metrics", timeout=20, trust_env=False).text.splitlines()
        return float(next(line.split()[-1] for line in lines if line.startswith(name + " ")))

    @property
    def granian(self) -> psutil.Process:
        """The main process, whose child the worker is."""
        return psutil.Process(self.supervisor._running[self.name].pid).children()[0]

    @property
    def worker(self) -> psutil.Process:
        """The process that answers: the largest child, others of granian's only watch."""
        return max(self.granian.children(), key=lambda child: int(child.memory_info().rss))

    def kill(self) -> None:
        """Kill every process of it at once."""
        leash = self.supervisor._running.pop(self.name)
        for one in psutil.Process(leash.pid).children(recursive=True):
            os.kill(one.pid, signal.SIGKILL)
        leash.wait(20)

    def log(self) -> str:
        return self.supervisor.log(self.name).read_text()


@contextmanager
def edges(
    db: DatabaseUnderTest, blinding: Path, folder: Path, count: int, **settings: str
) -> Iterator[list[Edge]]:
    """Run a heart and so many edges on a test's database; ``settings`` are further ones."""
    server = db.cluster.server
    port = server.dsn("x", "x").partition("port='")[2].partition("'")[0]
    host = quote(str(server._home.socket), safe="")
    told = {
        "database_url": f"postgresql:///{db.name}?host={host}&port={port}",
        "keyring": str(db.keyring.path),
        # The heart's mark is there; without it there is no beat, and nobody is answered.
        "state_dir": str(folder),
        "blinding_socket": str(blinding),
        "public_url": PUBLIC,
        "log_level": "error",
    } | settings
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REMPART_")}
    environ |= {f"REMPART_{field.upper()}": value for field, value in told.items()}
    with Supervisor(folder / "logs") as supervisor:
        hearts = "".join(db.dsn(role) + "\n" for role in ("rempart_jobs", "rempart_janitor"))
        supervisor.start(
            "heart",
            [sys.executable, "-m", "rempart.guard.heart"],
            stdin=hearts.encode(),
            ready=lambda: True,
            environ=environ,
        )
        made = [Edge(f"edge-{n}", free_port(), supervisor, environ) for n in range(count)]
        for edge in made:
            edge.start()
        yield made
