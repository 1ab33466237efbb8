"""`rempart site`: the operator invites a site's first administrator."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rempart.cli import run_line
from rempart.foundation.embedded import EmbeddedPostgres

RPPS, SITE = "10000000017", "750000018"

Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Told]:
    """Run one command with --json in a folder with a database of its own; what it told."""
    monkeypatch.chdir(tmp_path)
    for name in ("REMPART_STATE_DIR", "REMPART_KEYRING", "REMPART_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run_one(*words: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert run_line([*words, "--json"]) == code
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    run_one("db", "upgrade")
    run_one("client", "site", "add", SITE, "--label", "Pharmacie d'essai")
    run_one("client", "professional", "add", RPPS, "--profession", "pharmacien")
    yield run_one
    EmbeddedPostgres(tmp_path / ".run").erase()


def test_the_operator_invites_an_administrator(told: Told) -> None:
    invite = ("site", "invite", RPPS, "--site", SITE, "--name", "Alice Martin")
    told(*invite, code=3)
    told("client", "account", "open", RPPS, "--site", SITE)
    first, second = told(*invite), told(*invite)
    assert first["link"].startswith("http://localhost:8765/portal/enrol#")
    assert first["hours"] == 48
    assert {first["link"], first["second_code"]} & {second["link"], second["second_code"]} == set()
    told("site", "invite", RPPS, "--site", SITE, "--name", " ", code=2)
