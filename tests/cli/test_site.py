"""`rempart site` and `rempart letter`: the operator's part in who comes in, and comes back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rempart.cli import run_line
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.reach import MIGRATOR, reach_database
from rempart.foundation.settings import Settings

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


@pytest.mark.slow
def test_the_operator_invites_an_administrator(told: Told) -> None:
    invite = ("site", "invite", RPPS, "--site", SITE, "--name", "Alice Martin")
    told(*invite, code=3)
    told("client", "account", "open", RPPS, "--site", SITE)
    first, second = told(*invite), told(*invite)
    assert first["link"].startswith("http://localhost:8765/portal/enrol#")
    assert first["hours"] == 48
    assert {first["link"], first["second_code"]} & {second["link"], second["second_code"]} == set()
    told("site", "invite", RPPS, "--site", SITE, "--name", " ", code=2)


@pytest.mark.slow
def test_a_letter_is_listed_and_taken_once(told: Told, tmp_path: Path) -> None:
    told("client", "account", "open", RPPS, "--site", SITE)
    told("site", "invite", RPPS, "--site", SITE, "--name", "Alice Martin")
    # Nobody has a passkey to have lost yet.
    told("site", "recover", RPPS, "--site", SITE, code=3)
    assert told("letter", "list")["letters"] == []
    give_a_passkey(tmp_path)
    found = told("site", "recover", RPPS, "--site", SITE)
    assert found["link"].startswith("http://localhost:8765/portal/enrol#")
    (waiting,) = told("letter", "list")["letters"]
    assert (waiting["letter"], waiting["name"]) == (found["letter"], "Alice Martin")
    paper = tmp_path / "letter.pdf"
    told("letter", "take", waiting["letter"], "--to", str(paper))
    assert paper.read_bytes().startswith(b"%PDF")
    assert paper.stat().st_mode & 0o777 == 0o600
    assert told("letter", "list")["letters"] == []
    told("letter", "take", waiting["letter"], "--to", str(tmp_path / "again.pdf"), code=3)
    told("letter", "take", "../../keyring/nonce", "--to", str(tmp_path / "x.pdf"), code=3)


def give_a_passkey(place: Path) -> None:
    """Put a passkey on record for everybody invited, as an enrolment would."""
    settings = Settings.load({"REMPART_STATE_DIR": str(place / ".run")})
    with reach_database(settings) as reached, psycopg.connect(reached.conninfo(MIGRATOR)) as owner:
        owner.execute(
            "insert into identity.passkey (account_id, credential_id, public_key, sign_count,"
            " label, is_synced, created_at) select account_id, sha256('x'), sha256('y'), 0, 'x',"
            " false, clock_timestamp() from identity.colleague"
        )
