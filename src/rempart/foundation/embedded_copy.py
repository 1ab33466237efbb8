"""Copies of the embedded database: taken while it runs, checked, and put in an empty place."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

from rempart.foundation.embedded_folders import ENVIRONMENT, DatabaseUnavailableError
from rempart.foundation.embedded_home import Home
from rempart.foundation.embedded_server import SUPERUSER, Server

_MANIFEST = "backup_manifest"


def copy_to(server: Server, password: str, folder: Path) -> None:
    """Copy a running server's data into a folder of mode 0700 that does not exist yet.

    pg_basebackup with the log that makes it whole, then every file against the manifest that the
    server made of what it sent.
    """
    if os.path.lexists(folder):
        raise DatabaseUnavailableError(
            f"{folder} is there already: a copy needs a place of its own"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise DatabaseUnavailableError(
            f"the folder {folder} cannot be made: {error.strerror}"
        ) from error
    words = ["-D", str(folder), "-X", "stream", "--checkpoint=fast", "--no-password"]
    try:
        _run(server, "pg_basebackup", [*words, "--manifest-checksums=SHA256"], password)
        check_copy(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def put_back(server: Server, folder: Path) -> None:
    """Check a copy and put it where the server's data goes, whole or not at all."""
    home = server.home
    if home.data.exists():
        raise DatabaseUnavailableError(
            f"there is a database in {home.root} already: move that folder away first"
        )
    check_copy(folder)
    aside = home.root / "data.new"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        shutil.copytree(folder, aside, symlinks=True)
        _own(aside, home)
        aside.rename(home.data)
        (home.root / "database-made").touch(mode=0o600)
    except OSError as error:
        raise DatabaseUnavailableError(
            f"the copy cannot be put in {home.root}: {error.strerror}"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def check_copy(folder: Path) -> None:
    """Hold every file of a copy against its manifest (PostgreSQL's "Backup Manifest Format").

    The log that goes with it is not on the manifest: each of its records has a checksum, and a
    server does not start on a copy whose log ends before the copy does.
    """
    try:
        manifest = (folder / _MANIFEST).read_bytes()
        listed, whole = _read_manifest(manifest), True
        for path, (size, digest) in listed.items():
            with (folder / path).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                whole = whole and (file.tell(), found) == (size, digest)
        there = {
            str(path.relative_to(folder))
            for path in folder.rglob("*")
            if path.is_file() and path.relative_to(folder).parts[0] != "pg_wal"
        }
    except (OSError, ValueError, KeyError, TypeError):
        raise DatabaseUnavailableError(f"{folder} is no copy, or not a whole one") from None
    if not whole or there != listed.keys() | {_MANIFEST}:
        raise DatabaseUnavailableError(f"the copy in {folder} is damaged: use another one")


def _read_manifest(manifest: bytes) -> dict[str, tuple[int, str]]:
    """Read which files there are, with size and SHA-256; raise when the manifest was changed."""
    read = json.loads(manifest)
    before = manifest[: manifest.rindex(b'"Manifest-Checksum"')]
    if hashlib.sha256(before).hexdigest() != read["Manifest-Checksum"]:
        raise ValueError
    found = {}
    for file in read["Files"]:
        if file["Checksum-Algorithm"] != "SHA256":
            raise ValueError
        found[str(file["Path"])] = int(file["Size"]), str(file["Checksum"])
    return found


def _own(aside: Path, home: Home) -> None:
    """Give the copied files to the server's user, with the modes that it asks for."""
    for path in (aside, *aside.rglob("*")):
        if path.is_symlink():
            raise DatabaseUnavailableError("a copy with links in it (tablespaces) is not put back")
        path.chmod(stat.S_IRWXU if path.is_dir() else stat.S_IRUSR | stat.S_IWUSR)
        if not home.user.is_ourselves:
            os.chown(path, home.user.uid, home.user.gid)


def _run(server: Server, program: str, words: list[str], password: str) -> None:
    connection = {
        "PGHOST": str(server.home.socket),
        "PGPORT": server.port(),
        "PGUSER": SUPERUSER,
        "PGPASSWORD": password,
        "PGREQUIREAUTH": "scram-sha-256",
        "PGCONNECT_TIMEOUT": "5",
    }
    done = subprocess.run(
        [server.programs.folder / program, *words],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env={**ENVIRONMENT, **connection},
    )
    if done.returncode != 0:
        full = "No space left" in done.stderr
        raise DatabaseUnavailableError(
            f"{program} failed: the disk is full"
            if full
            else f"{program} failed: the copy is not whole, or cannot be read"
        )
