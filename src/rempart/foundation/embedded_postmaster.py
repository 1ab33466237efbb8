"""Knows the embedded server's process from its data directory: running, forgotten, or long gone."""

import os
import signal
import subprocess
import time
from pathlib import Path

from rempart.foundation.embedded_folders import DatabaseUnavailableError

_PORT_LINE = 3
_PROC = Path("/proc")


def find_postmaster(data: Path) -> int | None:
    """Return the process id of a data directory's server, or None when it has ended."""
    pid = _recorded_id(data)
    if pid is None:
        return None
    if _PROC.exists():
        return pid if _works_in(_PROC / str(pid), data.resolve()) else None
    try:
        said = subprocess.run(
            ["/bin/ps", "-o", "comm=", "-p", str(pid)], check=False, capture_output=True, text=True
        )
    except OSError:
        return None
    return pid if said.stdout.strip().endswith("postgres") else None


def running_port(data: Path) -> str | None:
    """Return the port that the server recorded when it started, or None."""
    lines = _pid_file(data)
    found = lines[_PORT_LINE].strip() if len(lines) > _PORT_LINE else ""
    return found if found.isdigit() else None


def end_forgotten(data: Path, socket: Path, deadline: float) -> None:
    """End a server that no keeper keeps, and clear what one that was killed left behind."""
    while (pid := find_postmaster(data)) is not None or _has_orphans(data):
        if time.monotonic() > deadline:
            raise DatabaseUnavailableError(f"a server that nobody keeps still uses {data}")
        if pid is not None:
            os.kill(pid, signal.SIGINT)
        time.sleep(0.05)
    pid = _recorded_id(data)
    if pid is not None and _is_alive(pid):
        # Another program has that id now (after a reboot, say), or nobody reaped the server: the
        # next one would believe that the file is right, and refuse to start.
        (data / "postmaster.pid").unlink(missing_ok=True)
        for lock in socket.glob(".s.PGSQL.*.lock"):
            lock.unlink(missing_ok=True)


def _has_orphans(data: Path) -> bool:
    """Tell whether children of a server that was killed are still at work on its data."""
    if not _PROC.exists():
        return False
    here = data.resolve()
    return any(_works_in(process, here) for process in _PROC.glob("[0-9]*"))


def _works_in(process: Path, data: Path) -> bool:
    try:
        # The server and its children work in its data directory. This also shows that the id was
        # not given to another program since.
        is_there = (process / "cwd").readlink() == data
        return is_there and (process / "comm").read_text().startswith("postgres")
    except OSError:
        return False


def _recorded_id(data: Path) -> int | None:
    lines = _pid_file(data)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _pid_file(data: Path) -> list[str]:
    try:
        path = data / "postmaster.pid"
        # The server's user owns that folder: no link of his is followed.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return []
    with os.fdopen(descriptor, "rb") as file:
        return file.read(4096).decode(errors="replace").splitlines()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
