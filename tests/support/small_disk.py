"""A server's data on a small disk of its own, which is then really full."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_BLOCK = 4_096


class SmallDisk:
    """A mounted file system, and the one file that fills it."""

    def __init__(self, place: Path) -> None:
        self._ballast = place / "ballast"

    def fill(self) -> None:
        """Take every block that is left; what is written next meets ENOSPC."""
        descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (1 << 20, _BLOCK):
                while True:
                    try:
                        os.write(descriptor, bytes(size))
                    except OSError as error:
                        if error.errno != errno.ENOSPC:
                            raise
                        break
        finally:
            os.close(descriptor)

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a small file system in the place of a folder, with what the folder held."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    found, aside = place.stat(), place.with_name(place.name + ".aside")
    options = f"size={megabytes}m,mode=0700,uid={found.st_uid},gid={found.st_gid}"
    place.rename(aside)
    place.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        place.rmdir()
        aside.rename(place)
        pytest.skip("this root may not mount a file system")
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(place)], check=True)
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        shutil.rmtree(aside)
