"""What the embedded database's files stand on: users, folders and locks, made with closed modes."""

import errno
import fcntl
import os
import pwd
import secrets
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from rempart.foundation.errors import UnavailableError

SERVER_USER_OF_ROOT = "nobody"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class DatabaseUnavailableError(UnavailableError):
    """The embedded database cannot be had. The text is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class ServerUser:
    """As whom the server runs: ourselves, or an unprivileged user when we are root."""

    uid: int
    gid: int
    is_ourselves: bool

    @classmethod
    def find(cls) -> "ServerUser":
        """Return who runs the server: PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), is_ourselves=True)
        try:
            found = pwd.getpwnam(SERVER_USER_OF_ROOT)
        except KeyError as error:
            raise DatabaseUnavailableError(
                f"as root the database runs as the user {SERVER_USER_OF_ROOT}, and there is none"
            ) from error
        return cls(found.pw_uid, found.pw_gid, is_ourselves=False)

    def run(
        self, argv: list[str | Path], inherited: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in an environment of its own, and return what it said."""
        return subprocess.run(
            argv,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=inherited,
            user=None if self.is_ourselves else self.uid,
            group=None if self.is_ourselves else self.gid,
            extra_groups=None if self.is_ourselves else [],
        )

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this user can reach what is in a folder; asked of the kernel, as it."""
        asked: list[str | Path] = ["/bin/sh", "-c", 'test -x "$1"', "sh", folder]
        return self.is_ourselves or self.run(asked).returncode == 0


def make_folder(path: Path, mode: int, user: ServerUser | None = None) -> None:
    """Make a folder that belongs to us, or to `user`; refuse one that belongs to another."""
    owner = os.geteuid() if user is None else user.uid
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(path):
            _make_aside(path, mode, user)
        found = path.lstat()
    except OSError as error:
        raise DatabaseUnavailableError(
            f"the folder {path} cannot be made or read: {error.strerror}"
        ) from error
    if not stat.S_ISDIR(found.st_mode):
        raise DatabaseUnavailableError(f"{path} is not a folder")
    if found.st_uid != owner:
        raise DatabaseUnavailableError(
            f"the folder {path} belongs to another user (uid {found.st_uid}):"
            " run as that user, or choose another REMPART_STATE_DIR"
        )
    if found.st_mode & stat.S_IWOTH:
        raise DatabaseUnavailableError(f"the folder {path} can be written by anybody")
    if owner == os.geteuid() and not os.access(path, os.W_OK | os.X_OK):
        raise DatabaseUnavailableError(f"the folder {path} cannot be written")


def _make_aside(path: Path, mode: int, user: ServerUser | None) -> None:
    """Make a folder that no other process ever sees with another owner or mode."""
    aside = path.with_name(f".new-{secrets.token_hex(8)}")
    aside.mkdir(mode=0o700)
    try:
        aside.chmod(mode)  # whatever the umask
        if user is not None and not user.is_ourselves:
            os.chown(aside, user.uid, user.gid)
        aside.rename(path)
    except OSError as error:
        aside.rmdir()
        # Another process made it in between, and put something in it.
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise


def take_lock(path: Path, how: int, seconds: float) -> int | None:
    """Open a file and lock it (`fcntl.LOCK_SH` or `LOCK_EX`), waiting up to `seconds`.

    Returns the descriptor, which holds the lock until it is closed, or None when others kept it.
    """
    deadline = time.monotonic() + seconds
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.01)
