"""Runs the whole platform on this machine, for a demonstration or a try-out, and takes it down."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from rempart.billing import make_payment_keys
from rempart.cli.output import run
from rempart.database import install
from rempart.foundation.database import call_once
from rempart.foundation.errors import KeyMissingError, UnavailableError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.processes import Supervisor
from rempart.foundation.reach import MIGRATOR, NOT_TAKEN_UP, Reached, reach_database
from rempart.foundation.settings import Settings
from rempart.rights import blinding_command, keys_of, refuse_missing, settle_home
from rempart.simulation.software import Addresses

_KEYS = ("met_inner", "engagement", "receipt", "nonce", "proof_seal")
_RUNNING = "running.json"
_CHECK_S = 0.5
_PARTS_AT_ONCE = ("--backpressure", "64")
_SLOW_LINES = ("--workers-kill-timeout", "80")
"""Longer than any part may take: the last of equal options counts."""


class _Running(msgspec.Struct, frozen=True):
    public_url: str
    signin_url: str


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that runs: its settings, its database, its processes."""

    settings: Settings
    reached: Reached
    supervisor: Supervisor

    @property
    def keyring(self) -> FileKeyring:
        """The keys of this platform."""
        return self.reached.keyring

    @property
    def addresses(self) -> Addresses:
        """Where it answers."""
        return Addresses(self.settings.public_url, self.settings.signin_url)


@contextmanager
def running_platform(
    settings: Settings, *, demonstration: bool, takes_feeds: bool = False
) -> Iterator[Platform]:
    """Bring the database up to date, start every process, and yield once the edge is ready.

    Everything stops when the block ends, however it ends. `demonstration` marks the database: its
    addresses may then be given away. `takes_feeds` starts the intake and its worker too.
    """
    with reach_database(settings, make=True) as reached:
        held = settle_home(reached.keyring, in_token=settings.hsm is not None)
        for name in _KEYS:
            reached.keyring.ensure(name)
        make_payment_keys(reached.keyring)
        run(install(reached.conninfo(MIGRATOR), reached.keyring, demonstration=demonstration))
        if reached.take_up() is not None:
            raise UnavailableError(NOT_TAKEN_UP)
        (live,) = call_once(reached.conninfo("rempart_desk"), "registry.live_generations")
        refuse_missing(held, live["live_generations"])
        with Supervisor(settings.state_dir / "logs") as supervisor:
            _start_all(supervisor, settings, reached, held)
            if takes_feeds:
                start_intake_worker(supervisor, settings, reached)
                start_intake(supervisor, settings)
            with _announced(settings):
                yield Platform(settings, reached, supervisor)


def keep_running(platform: Platform) -> None:
    """Wait until Ctrl-C; raise `ProcessError` should a process end by itself meanwhile."""
    try:
        while True:
            time.sleep(_CHECK_S)
            platform.supervisor.check()
    except KeyboardInterrupt:
        return


def running_addresses(state_dir: Path) -> Addresses | None:
    """Where the platform of this state directory answers just now; None when it does not run."""
    try:
        found = msgspec.json.decode((state_dir / _RUNNING).read_bytes(), type=_Running)
    except (OSError, msgspec.DecodeError):
        return None
    addresses = Addresses(found.public_url, found.signin_url)
    return addresses if _answers(f"{addresses.public_url}/readyz") else None


def _environ(settings: Settings) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REMPART_")}
    for field, value in settings.shown().items():
        if value is not None:
            environ[f"REMPART_{field.upper()}"] = str(value)
    return environ


def start_intake_worker(supervisor: Supervisor, settings: Settings, reached: Reached) -> None:
    """Start the one process that opens insurers' feeds."""
    try:
        password = reached.keyring.secret("smtp_password").decode()
    except KeyMissingError:
        password = ""
    supervisor.start(
        "intake-worker",
        [sys.executable, "-m", "rempart.intake.worker"],
        stdin=f"{reached.conninfo('rempart_intake')}\n{password}\n".encode(),
        ready=lambda: True,
        environ=_environ(settings),
    )


def start_intake(supervisor: Supervisor, settings: Settings) -> None:
    """Start the web program that receives insurers' feeds; it is ready once its worker runs."""
    supervisor.start(
        "intake",
        # A part is held in memory while its proof is checked: so many at once, and no more.
        [*granian_command("intake", settings.intake_url, 1), *_PARTS_AT_ONCE, *_SLOW_LINES],
        ready=lambda: _answers(f"{settings.intake_url}/readyz"),
        environ=_environ(settings),
    )


def start_stage(platform: Platform, *, seconds: float = 30.0, people: int | None = None) -> None:
    """Start what the demonstration's pages show, once its people are in the database."""
    supervisor, reached = platform.supervisor, platform.reached
    size = [] if people is None else ["--people", str(people)]
    supervisor.start(
        "stage",
        [sys.executable, "-m", "rempart.cli.demo_stage", "--seconds", str(seconds), *size],
        stdin="".join(
            reached.conninfo(role) + "\n" for role in ("rempart_desk", "rempart_journal")
        ).encode(),
        ready=lambda: supervisor.said("stage").startswith('{"ready"'),
        environ=_environ(platform.settings),
    )


def _start_all(
    supervisor: Supervisor, settings: Settings, reached: Reached, held: Sequence[int]
) -> None:
    environ = _environ(settings)
    # The blinding process first: nothing answers without it.
    _start_blinding(supervisor, settings, reached, held)
    roles = ("rempart_jobs", "rempart_janitor")
    supervisor.start(
        "heart",
        [sys.executable, "-m", "rempart.guard.heart"],
        stdin="".join(reached.conninfo(role) + "\n" for role in roles).encode(),
        ready=lambda: True,
        environ=environ,
    )
    # Nothing that answers waits for it: it does in its own time what is due by the clock.
    supervisor.start(
        "jobs",
        [sys.executable, "-m", "rempart", "jobs", "--json"],
        ready=lambda: True,
        environ=environ,
    )
    for name, address, probe, workers in (
        ("signin", settings.signin_url, "/healthz", 1),
        ("edge", settings.public_url, "/readyz", settings.edge_workers),
    ):
        url = address + probe
        supervisor.start(
            name,
            granian_command(name, address, workers),
            ready=lambda url=url: _answers(url),  # type: ignore[misc] # mypy cannot infer a default
            environ=environ,
        )


def _start_blinding(
    supervisor: Supervisor, settings: Settings, reached: Reached, held: Sequence[int]
) -> None:
    """Start the process that alone is given the outer keys, or opens the token that has them."""
    keys = b""
    if settings.hsm is None:
        keys = b"".join(keys_of(reached.keyring, held))
    supervisor.start(
        "blinding",
        blinding_command(settings.blinding_socket, token=settings.hsm, generations=held),
        stdin=keys,
        ready=lambda: supervisor.said("blinding").startswith('{"ready"'),
        environ=_environ(settings),
    )


def granian_command(factory: str, address: str, workers: int) -> list[str]:
    """Return the command that serves a web program; docs/operations.md says why each option."""
    words = {
        "--interface": "asgi",
        "--host": "127.0.0.1",
        "--port": str(urlsplit(address).port),
        "--workers": str(workers),
        "--workers-kill-timeout": "20",
        "--http": "1",
        "--http1-header-read-timeout": "10000",
        "--http1-buffer-size": "65536",
        "--backlog": "1024",
        "--backpressure": "800",
        "--loop": "uvloop",
        "--log-level": "warning",
    }
    options = [word for pair in words.items() for word in pair]
    flags = ["--factory", "--respawn-failed-workers", "--no-ws"]
    return [sys.executable, "-m", "granian", *options, *flags, f"rempart.app:{factory}"]


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def _announced(settings: Settings) -> Iterator[None]:
    """Leave word of where the platform answers for as long as it does, for `rempart ask`."""
    path = settings.state_dir / _RUNNING
    path.write_bytes(msgspec.json.encode(_Running(settings.public_url, settings.signin_url)))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
