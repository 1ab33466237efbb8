"""Writes a file whole or not at all, for its owner alone: nobody and no crash meets half of one."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write` fill a file beside `path`, mode 0600, and put it in its place when that is done.

    What was at `path` stays until then, and stays when anything fails. Raises `OSError`.
    """
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(descriptor)
        Path(aside).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(aside).unlink()


def write_headed(path: Path, lines: Iterable[bytes], header: Callable[[int, str], bytes]) -> int:
    """Write lines after a header that tells their number and SHA-256 (hex); return the number."""
    count, digest = 0, hashlib.sha256()
    with tempfile.TemporaryFile(dir=path.parent) as body:
        for line in lines:
            body.write(line)
            digest.update(line)
            count += 1
        body.seek(0)
        first = header(count, digest.hexdigest()) + b"\n"

        def write(file: BinaryIO) -> None:
            file.write(first)
            shutil.copyfileobj(body, file)

        write_whole(path, write)
    return count
