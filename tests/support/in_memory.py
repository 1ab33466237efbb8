"""A place in memory for the run's database: each test's copy of it is hundreds of files."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # published without types

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there is closed, and goes at the end
ROOM = 4 << 30
"""A run takes less than half a gigabyte; where memory is scarce, the disk will do."""

_NAME, _USED, _WHERE = "rempart-tests-", "used", "in-memory"


@contextmanager
def in_memory(folder: Path) -> Iterator[Path]:
    """Give all who pass the same folder one place, in memory if there is room, else the folder.

    A disk's file system takes ever longer to make files where many were just deleted: ten times as
    long after a hundred databases. The last who leaves deletes the place; what a killed run left,
    the next one deletes. Who enters or leaves holds a lock on the folder.
    """
    used = _enter(folder)
    if used is None:
        yield folder
        return
    place, descriptor = used
    try:
        yield place
    finally:
        os.close(descriptor)
        if _delete_unused(place):
            (folder / _WHERE).unlink()


def _enter(folder: Path) -> tuple[Path, int] | None:
    """Return the place and a descriptor that says that it is in use."""
    where = folder / _WHERE
    if where.exists():
        place = Path(where.read_text())
        return place, _mark(place)
    if not _has_room():
        return None
    for left in SHARED_MEMORY.glob(f"{_NAME}{os.geteuid()}-*"):
        _delete_unused(left)
    # Only what is marked as in use gets the name by which it is swept.
    made = Path(tempfile.mkdtemp(dir=SHARED_MEMORY))
    made.chmod(0o711)  # as root the server's user goes through it
    descriptor = _mark(made)
    place = made.rename(SHARED_MEMORY / f"{_NAME}{os.geteuid()}-{made.name}")
    where.write_text(str(place))
    return place, descriptor


def _has_room() -> bool:
    if not os.access(SHARED_MEMORY, os.W_OK):
        return False
    free = shutil.disk_usage(SHARED_MEMORY).free
    return min(free, int(psutil.virtual_memory().available)) >= ROOM


def _mark(place: Path) -> int:
    descriptor = os.open(place / _USED, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _delete_unused(place: Path) -> bool:
    """Delete a place that nobody uses; tell whether it was so."""
    with suppress(FileNotFoundError, BlockingIOError):
        descriptor = os.open(place / _USED, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place)
            return True
        finally:
            os.close(descriptor)
    return False
