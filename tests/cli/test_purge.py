"""`rempart purge`: erases, prints and writes the certificate, and lists, fetches and checks it."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rempart.cli import run_line
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.keyring import FileKeyring

KINDS = {
    *("cover", "met", "payload", "reference", "staged", "departed", "claim_line", "sealed_lines"),
    *("authorized_line", "frequency_use", "cancelled_iban", "replaced_iban"),
    *("turned_cover", "turned_departed"),
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which the command runs, with a database that was installed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REMPART_STATE_DIR", raising=False)
    yield tmp_path
    if EmbeddedPostgres.is_made(tmp_path / ".run"):
        EmbeddedPostgres(tmp_path / ".run").erase()


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.slow
def test_erase_list_fetch_and_check(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(place / "certificate.json")
    assert run_line(["db", "upgrade", "--json"]) == 0
    capsys.readouterr()
    nothing_without_the_key_nor_in_a_dry_run(place, capsys)

    assert run_line(["purge", "--out", out, "--json"]) == 0
    done = told(capsys)
    assert done["erased"] == dict.fromkeys(KINDS, 0)
    assert stat.S_IMODE(Path(out).stat().st_mode) == 0o600
    assert json.loads(Path(out).read_text()) == done["certificate"]

    # A file that is there already stops it before anything is erased.
    assert run_line(["purge", "--out", out, "--json"]) == 2
    capsys.readouterr()
    assert run_line(["purge", "list", "--json"]) == 0
    (listed,) = told(capsys)["purges"]
    assert listed["entry"] == done["certificate"]["entry"]

    assert run_line(["purge", "certificate", str(listed["entry"]), "--json"]) == 0
    assert told(capsys)["certificate"] == done["certificate"]
    assert run_line(["purge", "certificate", "999999", "--json"]) == 3
    capsys.readouterr()

    checks_say_what_is_wrong(Path(out), done["certificate"], capsys)
    # For a person.
    assert run_line(["purge"]) == 0
    assert "before" in capsys.readouterr().out
    assert run_line(["purge", "list"]) == 0
    assert "nothing was past its time" in capsys.readouterr().out
    assert run_line(["purge", "--dry-run"]) == 0
    capsys.readouterr()
    assert run_line(["journal", "verify", "--json"]) == 0
    assert told(capsys)["ok"] is True


def nothing_without_the_key_nor_in_a_dry_run(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the key that signs, nothing is begun."""
    assert run_line(["purge", "--json"]) == 4
    capsys.readouterr()
    assert run_line(["purge", "list", "--json"]) == 0
    assert told(capsys) == {"purges": []}
    FileKeyring.create(place / ".run" / "keyring").ensure("receipt")
    assert run_line(["purge", "--dry-run", "--json"]) == 0
    foreseen = told(capsys)
    assert {one["what"]: one["due"] for one in foreseen["due"]} == dict.fromkeys(KINDS, 0)
    assert run_line(["purge", "list", "--json"]) == 0
    assert told(capsys) == {"purges": []}


def checks_say_what_is_wrong(
    file: Path, certificate: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    out, key = str(file), certificate["signed"]["public_key"]
    assert run_line(["purge", "check", out, "--key", key, "--json"]) == 0
    assert told(capsys) == {"ok": True, "entry": certificate["entry"], "problem": None}
    assert run_line(["purge", "check", out, "--key", "00" * 32, "--json"]) == 1
    assert told(capsys)["ok"] is False
    file.write_text(file.read_text().replace('"erased": 0', '"erased": 1', 1))
    assert run_line(["purge", "check", out, "--json"]) == 1
    assert "not what its entry says" in told(capsys)["problem"]
    file.write_text("{}")
    assert run_line(["purge", "check", out, "--json"]) == 2
    capsys.readouterr()
