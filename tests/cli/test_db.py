"""`rempart db`: the schema is brought up to date, and only a demonstration's address is given."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rempart.cli import run_line
from rempart.cli.output import run
from rempart.database import install
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.reach import reach_database
from rempart.foundation.settings import Settings


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which the command runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REMPART_STATE_DIR", raising=False)
    yield tmp_path
    for base in (tmp_path / ".run", tmp_path / ".demo"):
        if EmbeddedPostgres.is_made(base):
            EmbeddedPostgres(base).erase()


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.slow
def test_an_address_is_given_on_a_demonstration_only(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["db", "url", "--as", "rempart_edge", "--json"]
    # No database: none is made.
    assert run_line(line) == 4
    assert told(capsys)["error"]["kind"] == "unavailable"
    assert list(place.iterdir()) == []

    # A database that carries no mark.
    assert run_line(["db", "upgrade", "--json"]) == 0
    first = told(capsys)
    assert first["ok"] is True
    assert first["migrations"] > 0
    assert run_line(line) == 3
    assert told(capsys)["error"]["kind"] == "refused"

    # Once more changes nothing.
    assert run_line(["db", "upgrade"]) == 0
    assert capsys.readouterr().out.startswith("0 migrations applied")

    # One that does.
    settings = Settings.load({})
    with reach_database(settings) as reached:
        conninfo = reached.conninfo("rempart_migrator")
        run(install(conninfo, reached.keyring, demonstration=True))
        psql = reached.embedded.binary("psql") if reached.embedded else None
    assert psql is not None
    assert run_line(line) == 0
    url = told(capsys)["url"]
    # The command has ended, and its address still works: the server lingers.
    done = subprocess.run(
        [psql, "-X", "-A", "-t", "-d", url, "-c", "select current_user"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "rempart_edge"

    # What `rempart demo` leaves is found without being named, where there is nothing else.
    (place / ".demo").mkdir()
    assert run_line(line) == 0
    assert told(capsys)["url"] == url
    EmbeddedPostgres(place / ".run").erase()
    assert run_line(line) == 4
    (place / ".demo").rmdir()


def test_a_role_that_nobody_has(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_line(["db", "url", "--as", "postgres", "--json"]) == 2
    assert told(capsys)["error"]["field"] == "--as"
    assert list(place.iterdir()) == []


def test_a_database_of_ones_own_is_reached_by_its_address(tmp_path: Path) -> None:
    keyring = FileKeyring.create(tmp_path / "keyring")
    keyring.put("password.rempart_edge", b"p@ss")
    settings = Settings.load(
        {
            "REMPART_STATE_DIR": str(tmp_path),
            "REMPART_DATABASE_URL": "postgresql://db.example.org/rempart",
        }
    )
    with reach_database(settings) as reached:
        expected = "postgresql://rempart_edge:p%40ss@db.example.org/rempart"
        assert reached.conninfo("rempart_edge") == reached.url("rempart_edge") == expected
