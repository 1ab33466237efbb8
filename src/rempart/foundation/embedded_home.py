"""Decides where the embedded database lives and as whom it runs; changes nothing of others."""

import os
from dataclasses import dataclass
from pathlib import Path

from rempart.foundation import embedded_system
from rempart.foundation.embedded_folders import (
    SERVER_USER_OF_ROOT,
    DatabaseUnavailableError,
    ServerUser,
    make_folder,
)
from rempart.foundation.embedded_system import MARK, find_elsewhere, short_name

_SHORT_PLACE = Path("/tmp")  # noqa: S108 - the folder made there is 0700 and its owner is checked
_SOCKET_NAME = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 103  # bytes: 107 on Linux, 103 on macOS


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
        mark = base / MARK
        if not user.is_ourselves and (mark.exists() or not _is_open(root, user)):
            root, elsewhere = find_elsewhere(base), mark
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
    return (base / "postgres" / "data").exists() or (base / MARK).exists()


def _is_open(root: Path, user: ServerUser) -> bool:
    """Tell whether root's server can live in `root`: in a parent that its user can enter."""
    if user.can_enter(root.parent):
        return True
    if (root / "data").exists():
        raise DatabaseUnavailableError(
            f"the user {SERVER_USER_OF_ROOT}, who runs the database, can no longer enter"
            f" {root.parent}, which holds it"
        )
    return False


def _socket_folder(root: Path, user: ServerUser) -> Path:
    """Return where the socket goes: beside the data, unless no client could name it there."""
    beside = root / "socket"
    # Clients read a comma as the end of a host's name.
    if len(os.fsencode(beside / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH and "," not in str(beside):
        return beside
    place = _SHORT_PLACE
    if not user.is_ourselves:
        place = embedded_system.SYSTEM_STATE
        make_folder(place, 0o711)
    return place / f"rempart-{short_name(root, str(user.uid))}"
