"""The lock files pin every byte and name no machine; no tracked file names one either."""

import pathlib
import re
import tomllib

import pytest

from tests.consistency.source import ROOT, files, text

LOCKS = ("requirements.txt", "requirements-dev.txt")
# Spelled in pieces, so that this file does not hold what it looks for.
HOSTS = re.compile("pypi[.]org|pythonhosted|registry[.]npmjs|deb[.]debian")
MACHINE = re.compile(r"(?<![\w.~$}])/(?:root|work|farm|home/\w+)/\w")
TEXTS = {".py", ".sql", ".md", ".toml", ".txt", ".json", ".sh", ".mjs", ".js", ".csv", ""}


def locked(name: str) -> dict[str, str]:
    """Read a lock file as package to version."""
    return dict(
        re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", text(pathlib.Path(name)), re.MULTILINE)
    )


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_hashes_and_no_address(name: str) -> None:
    page = text(pathlib.Path(name))
    assert "://" not in page
    assert "--index" not in page
    entry = re.compile(r"(?m)^[\w.-]+(?:\[[\w,]+\])?==.*\\\n(?:    --hash=sha256:\w{64}.*\n)+")
    pinned = entry.findall(page)
    assert len(pinned) == len(locked(name)) > 0


def test_the_development_lock_holds_the_other() -> None:
    assert locked(LOCKS[0]).items() <= locked(LOCKS[1]).items()


@pytest.mark.parametrize("name, extras", [(LOCKS[0], []), (LOCKS[1], ["dev"])], ids=["run", "dev"])
def test_what_the_project_asks_for_is_locked(name: str, extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"]]
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    names = {re.split(r"[\[<>=;~! ]", one)[0].lower() for one in asked}
    assert names - {one.lower() for one in locked(name)} == set()


def test_no_file_names_a_registry_or_this_machine() -> None:
    named = {
        str(path): found.group()
        for path in files()
        if path.suffix in TEXTS and path.name not in {"LICENSE", "test_lockfiles.py"}
        for found in [HOSTS.search(text(path)) or MACHINE.search(text(path))]
        if found
    }
    assert named == {}
