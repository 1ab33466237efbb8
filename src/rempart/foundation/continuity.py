"""The mark outside the database: what it must still hold when its server starts again."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from rempart.foundation.database import Row, call_once
from rempart.foundation.errors import RempartError

MARK = "journal.mark"
"""Its name in REMPART_STATE_DIR."""

_LONGEST = 4_096


class MarkError(RempartError):
    """The mark cannot be written. Without it a restored copy would not be known as one."""


class _Kept(msgspec.Struct, frozen=True):
    """The file: epoch and leaf in hex, guard time in microseconds, and the file's own inode."""

    epoch: str
    entry: int
    leaf: str
    guard_at: int
    noted_at: datetime
    inode: int


@dataclass(frozen=True, slots=True)
class Noted:
    """What a mark says: the journal's last entry and guard time (µs), and when it was noted."""

    epoch: bytes
    entry: int
    leaf: bytes
    guard_at: int
    noted_at: datetime


class Mark:
    """A small file that notes the journal's last entry. It is shown when a server starts.

    It is good only as the very file that was written here: a copy of the folder brings a copy of
    the mark, which is none.
    """

    def __init__(self, path: Path) -> None:
        """Take the file's path; its folder exists."""
        self.path = path
        self._written: tuple[bytes, int, bytes] | None = None

    @classmethod
    def of(cls, state_dir: Path) -> Mark:
        """Return the mark of a state folder."""
        return cls(state_dir / MARK)

    def read(self) -> Noted | None:
        """Return what was noted; None when there is no mark, or what is there is none."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            content = file.read(_LONGEST) if stat.S_ISREG(found.st_mode) else b""
        try:
            kept = msgspec.json.decode(content, type=_Kept)
            epoch, leaf = bytes.fromhex(kept.epoch), bytes.fromhex(kept.leaf)
        except (msgspec.DecodeError, ValueError):
            return None
        if kept.inode != found.st_ino:
            return None
        return Noted(epoch, kept.entry, leaf, kept.guard_at, kept.noted_at)

    def write(self, row: Row) -> None:
        """Note what `foundation.read_mark` told, whole and on disk, when it says something new.

        Raises `MarkError`.
        """
        now = (bytes(row["epoch"]), int(row["entry_no"]), bytes(row["leaf_hash"]))
        if now == self._written and self.path.exists():
            return
        aside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    inode = os.fstat(descriptor).st_ino
                    epoch, entry, leaf = now
                    noted_at = datetime.now(UTC)
                    kept = _Kept(
                        epoch.hex(), entry, leaf.hex(), int(row["guard_at"]), noted_at, inode
                    )
                    file.write(msgspec.json.encode(kept))
                    file.flush()
                    os.fsync(descriptor)
                aside.rename(self.path)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise MarkError(f"the mark {self.path} cannot be written: {error.strerror}") from error
        self._written = now


async def keep_mark(
    call: Callable[..., Awaitable[list[Row]]],
    mark: Mark,
) -> str | None:
    """Take the server up if nobody did since it started, then note where its journal stands.

    ``call`` calls as rempart_jobs. Returns why the server was not taken up (docs/restore.md): it
    then answers nobody. Raises `UnavailableError`, `MisuseError` or `MarkError`.
    """
    row = _one(await call("foundation.read_mark"))
    if not row["taken_up"]:
        told = _one(await call("foundation.take_up", *_shown(mark)))
        if told["take_up"] is not None:
            return str(told["take_up"])
        row = _one(await call("foundation.read_mark"))
    mark.write(row)
    return None


def keep_mark_once(conninfo: str, mark: Mark) -> str | None:
    """Do the same on a connection of its own; ``conninfo`` is for rempart_jobs."""
    row = _one(call_once(conninfo, "foundation.read_mark"))
    if not row["taken_up"]:
        told = _one(call_once(conninfo, "foundation.take_up", *_shown(mark)))
        if told["take_up"] is not None:
            return str(told["take_up"])
        row = _one(call_once(conninfo, "foundation.read_mark"))
    mark.write(row)
    return None


def _shown(mark: Mark) -> tuple[bytes | None, int, bytes]:
    noted = mark.read()
    return (None, 0, b"") if noted is None else (noted.epoch, noted.entry, noted.leaf)


def _one(rows: list[Row]) -> Row:
    if len(rows) != 1:
        raise MarkError("the database does not say where its journal stands")
    return rows[0]
