"""Where feeds lie until they are taken in: one file each, in a folder of their owner's alone."""

import contextlib
import fcntl
import os
import re
import shutil
import stat
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from rempart.foundation.errors import UnavailableError

_FILE: Final = re.compile(r"([0-9]{1,19})\.feed")
_LOCK: Final = "worker.lock"
_SPARE: Final = 256 * 2**20
"""Bytes that a new feed must leave free on the disk."""
_ORPHANED_AFTER_S: Final = 600
"""A file may be there a moment before its row is committed: a young one is nobody's orphan."""


class PartUnderWayError(Exception):
    """Another request writes to this very file."""


class Spool:
    """A folder of mode 0700. What it cannot do raises `UnavailableError`."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, or take one that others cannot reach."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = folder.lstat()
        except OSError:
            raise UnavailableError("the spool folder cannot be made") from None
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid != os.geteuid()
            or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        ):
            raise UnavailableError("the spool is no folder of mode 0700 of this user's")
        self._folder = folder

    def path(self, upload_id: int) -> Path:
        """Where a feed's file is."""
        return self._folder / f"{upload_id}.feed"

    def size(self, upload_id: int) -> int:
        """How many bytes of a feed are there."""
        try:
            return self.path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def has_room(self, size: int) -> bool:
        """Whether a feed of so many bytes fits, with some to spare."""
        return shutil.disk_usage(self._folder).free >= size + _SPARE

    def write(self, upload_id: int, at: int, part: bytes) -> None:
        """Write a part at its place, on disk when this returns; what lay beyond it is dropped.

        Raises `PartUnderWayError` when somebody else is writing there.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(self.path(upload_id), flags, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.ftruncate(descriptor, at)
                file.seek(at)
                left = memoryview(part)
                while left:
                    left = left[file.write(left) :]
                os.fsync(descriptor)
            if at == 0:
                self._sync()
        except BlockingIOError:
            raise PartUnderWayError from None
        except OSError:
            raise UnavailableError("the spool takes no more") from None

    def holds(self, upload_id: int, at: int, part: bytes) -> bool:
        """Whether these very bytes are at their place already."""
        with self.path(upload_id).open("rb") as file:
            file.seek(at)
            return file.read(len(part)) == part

    def delete(self, upload_id: int) -> None:
        """Delete a feed's file; one that is gone is gone."""
        self.path(upload_id).unlink(missing_ok=True)

    def sweep(self, kept: Collection[int]) -> int:
        """Delete the files that belong to no feed of these; return how many there were."""
        gone = 0
        for path in self._folder.iterdir():
            found = _FILE.fullmatch(path.name)
            if found is None or int(found[1]) in kept:
                continue
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _ORPHANED_AFTER_S:
                    path.unlink()
                    gone += 1
        return gone

    @contextlib.contextmanager
    def alone(self, patience_s: float = 5) -> Iterator[None]:
        """Be the one worker of this spool; the kernel frees the place when the process ends.

        Raises `UnavailableError` when there is another.
        """
        descriptor = self._open_lock()
        give_up = time.monotonic() + patience_s
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    # Readiness looks at the lock for an instant.
                    if time.monotonic() > give_up:
                        raise UnavailableError("another worker has this spool") from None
                    time.sleep(0.05)
            yield
        finally:
            os.close(descriptor)

    def is_worked_on(self) -> bool:
        """Whether a worker runs for this spool."""
        descriptor = self._open_lock()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _open_lock(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(self._folder / _LOCK, flags, 0o600)

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
