"""Root's databases under /var/lib/rempart: paired with the folders that they serve, and swept."""

import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from rempart.foundation.embedded_folders import DatabaseUnavailableError, make_folder, take_lock

# Where root's servers live when the folder asked for is closed to the user that runs them.
SYSTEM_STATE = Path("/var/lib/rempart")
# In a base whose database is under SYSTEM_STATE.
MARK = "postgres.id"
# In a database's folder: the base that it serves.
_BASE = "base"


def find_elsewhere(base: Path) -> Path:
    """Return the folder under `SYSTEM_STATE` that goes with this base, made if there is none.

    The mark in the base makes them a pair: a base that was deleted and made again begins anew
    rather than meet a database whose passwords it has lost.
    """
    make_folder(SYSTEM_STATE, 0o711)
    mark = base / MARK
    if mark.exists():
        root = SYSTEM_STATE / short_name(base, mark.read_text())
        if not root.exists():
            raise DatabaseUnavailableError(
                f"the database of {base} is not at {root}: that folder was moved, copied or"
                f" deleted; delete {mark} to begin with an empty database"
            )
        return root
    _sweep()
    word = secrets.token_hex(16)
    root = SYSTEM_STATE / short_name(base, word)
    make_folder(root, 0o711)
    (root / _BASE).write_text(f"{base}\n")
    aside = base / f".new-{word}"
    aside.write_text(word)
    try:
        os.link(aside, mark)
    except FileExistsError:
        # Another process was first: its database is the base's.
        shutil.rmtree(root)
        return find_elsewhere(base)
    finally:
        aside.unlink()
    return root


def short_name(path: Path, word: str) -> str:
    """Return 16 characters that stand for a path and a word."""
    return hashlib.sha256(os.fsencode(path) + b"\0" + word.encode()).hexdigest()[:16]


def _sweep() -> None:
    """Delete databases whose base was a temporary folder that is gone: nothing can open them.

    No other base is taken for gone: its disk may be absent for a time.
    """
    alone = take_lock(SYSTEM_STATE / "sweep.lock", fcntl.LOCK_EX, 0)
    if alone is None:  # another process is at it
        return
    temporary = {Path(tempfile.gettempdir()).resolve(), Path("/tmp")}  # noqa: S108 - only compared
    try:
        for record in SYSTEM_STATE.glob(f"[0-9a-f]*/{_BASE}"):
            base = Path(record.read_text().removesuffix("\n"))
            if temporary & set(base.parents) and not base.exists():
                _set_aside(record.parent)
        for old in SYSTEM_STATE.glob(".old-*"):
            shutil.rmtree(old, ignore_errors=True)
    finally:
        os.close(alone)


def _set_aside(root: Path) -> None:
    """Give a database that nobody holds a name under which nobody looks for it."""
    locks = [take_lock(root / name, fcntl.LOCK_EX, 0) for name in ("holders", "keeper")]
    if None not in locks:
        root.rename(root.with_name(f".old-{root.name}"))
    for lock in locks:
        if lock is not None:
            os.close(lock)
