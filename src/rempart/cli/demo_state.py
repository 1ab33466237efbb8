"""The folder of a demonstration or a try-out: what was made in it, and unmaking it."""

import hashlib
import os
import shutil
import tempfile
from datetime import date
from pathlib import Path

import msgspec

from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import RempartError
from rempart.foundation.processes import free_port
from rempart.foundation.settings import Settings
from rempart.simulation.population import Population, make_population

SEED = 1
"""Seed of the made-up people: the same for everybody, so that cards can be talked about."""
PEOPLE = 50_000
DEMONSTRATION = Path(".demo")
TRY_OUT = Path(".run")
# The least that systems allow, macOS's 104, with its end mark.
_LONGEST_SOCKET_PATH = 103
_MADE = "demonstration.json"
# Written before anything else: a folder without it is not ours to remove.
_OURS = "made-by-rempart-demo"


class NotOursError(RempartError):
    """There is a folder of that name that no demonstration made."""


class Made(msgspec.Struct, frozen=True):
    """Which made-up people a database holds: the seed, and the day on which they were made."""

    seed: int
    made_on: date


def make_people(state_dir: Path, today: date, size: int = PEOPLE) -> Population:
    """Make the people whom the folder's database holds, or those whom a new one would."""
    made = read_made(state_dir) or Made(SEED, today)
    return make_population(made.seed, made.made_on, size)


def read_made(state_dir: Path) -> Made | None:
    """What the folder's database holds; None when nothing, or not all of it, was put there."""
    try:
        return msgspec.json.decode((state_dir / _MADE).read_bytes(), type=Made)
    except (OSError, msgspec.DecodeError):
        return None


def write_made(state_dir: Path, population: Population) -> None:
    """Note that everything is in the database."""
    made = Made(population.seed, population.today)
    (state_dir / _MADE).write_bytes(msgspec.json.encode(made))


def begin_anew(state_dir: Path) -> None:
    """Remove what an earlier demonstration left, and make the folder.

    Raises `NotOursError` for a folder that none made, `DatabaseUnavailableError` when an earlier
    one still runs in it.
    """
    if state_dir.exists():
        if any(state_dir.iterdir()) and not (state_dir / _OURS).exists():
            raise NotOursError(f"{state_dir} was not made by `rempart demo`: move it away first")
        if EmbeddedPostgres.is_made(state_dir):
            EmbeddedPostgres(state_dir).erase()
        shutil.rmtree(state_dir)
    claim_folder(state_dir, is_new=True)


def claim_folder(state_dir: Path, *, is_new: bool) -> bool:
    """Mark a new folder as one for invented people; say whether the folder is such a one."""
    if is_new:
        EmbeddedPostgres.make_base(state_dir)
        (state_dir / _OURS).touch()
    return (state_dir / _OURS).exists()


def settings_for(state_dir: Path, public_port: int, signin_port: int) -> Settings:
    """The settings of a platform on this machine alone, whatever the environment says."""
    folder = state_dir.absolute()
    environ = {
        "REMPART_STATE_DIR": str(folder),
        "REMPART_PUBLIC_URL": f"http://localhost:{public_port}",
        "REMPART_SIGNIN_URL": f"http://localhost:{signin_port}",
        "REMPART_INTAKE_URL": f"http://localhost:{free_port()}",
        "REMPART_BLINDING_SOCKET": str(_socket_in(folder)),
        "REMPART_LOG_LEVEL": "warning",
    }
    return Settings.load(environ)


def _socket_in(folder: Path) -> Path:
    """The blinding process's socket: in the folder, or elsewhere when its path is too long."""
    path = folder / "blinding.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"rempart-{name}.sock"
