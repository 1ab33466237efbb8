"""The command line, at work on a test's own database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from rempart.cli import run_line
from rempart.database.installer import LOGIN_ROLES
from rempart.foundation.keyring import FileKeyring
from tests.support.database import DatabaseUnderTest

Told = Callable[..., dict[str, Any]]


def told_about(
    db: DatabaseUnderTest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Told:
    """Return what runs one command with --json on a test's database, and gives what it told."""
    keyring = FileKeyring.create(tmp_path / "keyring")
    for role in LOGIN_ROLES:
        keyring.put(f"password.{role}", db.keyring.secret(f"password.{role}"))
    info = db.owner.info
    address = f"postgresql:///{info.dbname}?host={quote(info.host, safe='')}&port={info.port}"
    monkeypatch.setenv("REMPART_DATABASE_URL", address)
    monkeypatch.setenv("REMPART_KEYRING", str(keyring.path))
    monkeypatch.setenv("REMPART_STATE_DIR", str(tmp_path / "state"))

    def run_one(*words: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert run_line([*words, "--json"]) == code, capsys.readouterr().err
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run_one
