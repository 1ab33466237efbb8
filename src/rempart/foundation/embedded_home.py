"""Decides where the embedded database lives and as whom it runs; changes nothing of others."""

import fcntl
import hashlib
import os
import pwd
import secrets
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from rempart.foundation.errors import UnavailableError

# Where root's servers live when the folder asked for is closed to the user that runs them.
SYSTEM_STATE = Path("/var/lib/rempart")
_SHORT_PLACE = Path("/tmp")  # noqa: S108 - the folder made there is 0700 and its owner is checked
SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 103  # bytes: 107 on Linux, 103 on macOS
# In a base whose database is under SYSTEM_STATE.
_MARK = "postgres.id"
_SERVER_USER_OF_ROOT = "nobody"


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
            found = pwd.getpwnam(_SERVER_USER_OF_ROOT)
        except KeyError as error:
            raise DatabaseUnavailableError(
                f"as root the database runs as the user {_SERVER_USER_OF_ROOT}, and there is none"
            ) from error
        return cls(found.pw_uid, found.pw_gid, is_ourselves=False)

    def run(self, argv: list[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in an environment of its own, and return what it said."""
        return subprocess.run(
            argv,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            user=None if self.is_ourselves else self.uid,
            group=None if self.is_ourselves else self.gid,
            extra_groups=None if self.is_ourselves else [],
        )

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this user can reach what is in a folder; asked of the kernel, as it."""
        asked: list[str | Path] = ["/bin/sh", "-c", 'test -x "$1"', "sh", folder]
        return self.is_ourselves or self.run(asked).returncode == 0


ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one embedded database: ours, with two folders in it that are the server's.

    Files in `root` are written by whoever starts the server; `data` and `socket` belong to the
    server's user, and nothing but the server writes there.
    """

    root: Path
    socket: Path
    user: ServerUser
    # Set when the database is not under the folder asked for: the file that says so.
    elsewhere: Path | None = None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "server.log"

    @property
    def is_socket_elsewhere(self) -> bool:
        """Whether the path was too long for a socket."""
        return self.socket.parent != self.root

    @classmethod
    def find(cls, base: Path) -> "Home":
        """Return the home of the database of `base`, made when it is not there yet."""
        user = ServerUser.find()
        base = make_base(base)
        root, elsewhere = base / "postgres", None
        mark = base / _MARK
        if not user.is_ourselves and (mark.exists() or not _is_open(root, user)):
            root, elsewhere = _root_elsewhere(base, mark), mark
        make_folder(root, 0o700 if user.is_ourselves else 0o711)
        home = cls(root, _socket_folder(root, user), user, elsewhere)
        make_folder(home.socket, 0o700, user)
        return home


def make_base(base: Path) -> Path:
    """Make the folder of an embedded database when it isn't there, and return its full path."""
    base = base.resolve()
    # As root the server's user must go through it; what is in it is closed by modes of its own.
    make_folder(base, 0o700 if os.geteuid() != 0 else 0o711)
    return base


def is_made(base: Path) -> bool:
    """Tell whether a folder has had an embedded database; makes nothing."""
    return (base / "postgres" / "data").exists() or (base / _MARK).exists()


def make_folder(path: Path, mode: int, user: ServerUser | None = None) -> None:
    """Make a folder that belongs to us, or to `user`; refuse one that belongs to another."""
    owner = os.geteuid() if user is None else user.uid
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir(mode=mode)
        except FileExistsError:
            pass
        else:
            path.chmod(mode)  # ours, just made: whatever the umask
            if user is not None and not user.is_ourselves:
                os.chown(path, user.uid, user.gid)
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


def _is_open(root: Path, user: ServerUser) -> bool:
    """Tell whether root's server can live in `root`: in a parent that its user can enter."""
    if user.can_enter(root.parent):
        return True
    if (root / "data").exists():
        raise DatabaseUnavailableError(
            f"the user {_SERVER_USER_OF_ROOT}, who runs the database, can no longer enter"
            f" {root.parent}, which holds it"
        )
    return False


def _root_elsewhere(base: Path, mark: Path) -> Path:
    """Return the folder under `SYSTEM_STATE` that goes with this base.

    The mark in the base makes them a pair: a base that was deleted and made again begins anew
    rather than meet a database whose passwords it has lost.
    """
    make_folder(SYSTEM_STATE, 0o711)
    if mark.exists():
        root = SYSTEM_STATE / _digest(base, mark.read_text())
        if not root.exists():
            raise DatabaseUnavailableError(
                f"the database of {base} is not at {root}: that folder was moved, copied or"
                f" deleted; delete {mark} to begin with an empty database"
            )
        return root
    word = secrets.token_hex(16)
    root = SYSTEM_STATE / _digest(base, word)
    make_folder(root, 0o711)
    (root / "base").write_text(f"{base}\n")
    mark.write_text(word)
    return root


def _socket_folder(root: Path, user: ServerUser) -> Path:
    """Return where the socket goes: beside the data, unless no client could name it there."""
    beside = root / "socket"
    # Clients read a comma as the end of a host's name.
    if len(os.fsencode(beside / SOCKET_NAME)) <= _LONGEST_SOCKET_PATH and "," not in str(beside):
        return beside
    place = _SHORT_PLACE if user.is_ourselves else SYSTEM_STATE
    if place == SYSTEM_STATE:
        make_folder(SYSTEM_STATE, 0o711)
    return place / f"rempart-{_digest(root, str(user.uid))}"


def _digest(path: Path, word: str) -> str:
    return hashlib.sha256(os.fsencode(path) + b"\0" + word.encode()).hexdigest()[:16]
