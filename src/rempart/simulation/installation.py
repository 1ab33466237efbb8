"""A software's installation at one site: its key, and the professionals whom it speaks for."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from rempart.foundation.errors import RempartError
from rempart.identity import ClientKey, ClientKeyError


class InstallationError(RempartError):
    """There is no installation of that name, or its files cannot be read."""


class _Spoken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    professionals: tuple[str, ...]
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """What a software keeps where it runs.

    `name` is its user's word for it; `professionals` are RPPS numbers, and `domains` those that
    their profession may ask about. The key holds the client identifier and the site.
    """

    name: str
    key: ClientKey
    professionals: tuple[str, ...]
    domains: tuple[str, ...]

    @property
    def site(self) -> str:
        """The identifier of the one site where it works."""
        return self.key.site or ""

    def save(self, folder: Path) -> None:
        """Write it into a directory of mode 0700; refuses to overwrite another's key."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.key.save(folder / f"{self.name}.key")
        spoken = _Spoken(self.professionals, self.domains)
        (folder / f"{self.name}.json").write_bytes(msgspec.json.encode(spoken) + b"\n")


def load_installation(folder: Path, name: str) -> Installation:
    """Read one installation; raise `InstallationError` when there is none of that name."""
    if name not in installation_names(folder):
        raise InstallationError("no software of that name is enrolled here")
    try:
        spoken = msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=_Spoken)
        key = ClientKey.load(folder / f"{name}.key")
    except (OSError, msgspec.DecodeError, ClientKeyError) as error:
        raise InstallationError("the files of this software cannot be read") from error
    return Installation(name, key, spoken.professionals, spoken.domains)


def installation_names(folder: Path) -> list[str]:
    """The names under which installations are kept, sorted."""
    return sorted(path.stem for path in folder.glob("*.key"))
