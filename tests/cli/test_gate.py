"""`rempart gate`, `officer` and `hold`, as officers type them, on a database of their own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rempart.cli import run_line
from rempart.foundation.embedded import EmbeddedPostgres

RPPS, SITE = "10000000017", "750000018"
ACCOUNT = f"{RPPS}@{SITE}"
SAID = ("--reason", "Demande du titulaire", "--by", "alice")

Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Run one command with --json; what it told."""

    def run_one(*words: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert run_line([*words, "--json"]) == code, capsys.readouterr().err
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run_one


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Told) -> Iterator[Path]:
    """A folder with a database of its own and one account, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    for name in ("REMPART_STATE_DIR", "REMPART_KEYRING", "REMPART_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    told("db", "upgrade")
    told("client", "site", "add", SITE, "--label", "Pharmacie d'essai")
    told("client", "professional", "add", RPPS, "--profession", "pharmacien")
    told("client", "account", "open", RPPS, "--site", SITE)
    yield tmp_path
    if EmbeddedPostgres.is_made(tmp_path / ".run"):
        EmbeddedPostgres(tmp_path / ".run").erase()


@pytest.mark.slow
def test_gates_close_open_and_are_listed(place: Path, told: Told) -> None:
    closed = told("gate", "close", "--account", ACCOUNT, *SAID, "--until", "2099-01-01T08:00")
    assert 0 <= closed["effective_after_s"] <= 5
    assert (closed["scope"], closed["value"]) == ("account", ACCOUNT)
    assert closed["until"] == "2099-01-01T08:00:00+01:00"
    told("gate", "close", "--all", *SAID)
    (first, second) = told("gate", "list")["gates"]
    assert (first["scope"], first["author"], first["held"]) == ("account", "alice", False)
    assert (second["scope"], second["value"], second["until"]) == ("platform", "", None)
    assert told("gate", "open", "--all", *SAID)["effective_after_s"] <= 5
    assert len(told("gate", "list")["gates"]) == 1
    assert told("journal", "verify")["ok"]
    for words in (
        ("open", "--all"),
        ("close", "--site", "750000026"),
        ("close", "--grade", "presence"),
        ("close", "--site", SITE, "--until", "2020-01-01"),
    ):
        assert told("gate", *words, *SAID, code=3)["error"]["kind"] == "refused"
    wrong: tuple[tuple[str, ...], ...] = (
        ("close", *SAID),
        ("close", "--all", "--site", SITE, *SAID),
        ("close", "--all", *SAID, "--until", "demain"),
        ("close", "--all", "--by", "a b", "--reason", "x"),
        ("close", "--all", "--by", "alice", "--reason", "membre 1 85 05 78 006 084"),
    )
    for line in wrong:
        error = told("gate", *line, code=2)["error"]
        assert not {"demain", "078", "006"} & set(error["text"].split())
    assert len(told("gate", "list")["gates"]) == 1


@pytest.mark.slow
def test_a_hold_is_placed_by_one_and_released_by_two(place: Path, told: Told) -> None:
    for name in ("alice", "bob", "mallory"):
        made = told("officer", "keys", "--out", name)
        assert (place / name).stat().st_mode & 0o777 == 0o600
        if name != "mallory":
            added = told("officer", "add", name, "--key", f"{name}.pub")
            assert added["key_id"] == made["key_id"]
    assert [one["name"] for one in told("officer", "list")["officers"]] == ["alice", "bob"]
    third = ("officer", "add", "mallory", "--key", "mallory.pub")
    assert told(*third, code=3)["error"]["kind"] == "refused"

    on = ("--account", ACCOUNT, "--reason", "Poste volé")
    alice, bob = ("--by", "alice", "--key", "alice"), ("--by", "bob", "--key", "bob")
    wrong = ("hold", "place", *on, "--by", "alice", "--key", "bob")
    assert told(*wrong, code=3)["error"]["kind"] == "refused"
    assert told("hold", "place", *on, *alice)["effective_after_s"] <= 5
    assert told("gate", "list")["gates"][0]["held"]

    mallory = ("--by", "bob", "--key", "mallory")
    for signers in (alice, (*alice, *alice), (*alice, *mallory)):
        assert told("hold", "release", *on, *signers, code=3)["error"]["kind"] == "refused"
    # one after the other: alice signs, bob adds his signature
    first = told("hold", "release", *on, *alice, "--out", "order.json")
    assert first["signed_by"] == ["alice"]
    again = ("hold", "release", "--order", "order.json")
    assert told(*again, *alice, code=3)["error"]["kind"] == "refused"
    assert told(*again, *bob)["account"] == ACCOUNT
    assert told(*again, *bob, code=3)["error"]["kind"] == "refused"
    # together
    told("hold", "place", *on, *bob)
    assert told("hold", "release", *on, *alice, *bob)["effective_after_s"] <= 5
    assert told("gate", "list")["gates"] == []
    assert told("journal", "verify")["ok"]
    (place / "bob").chmod(0o644)
    assert told("hold", "place", *on, *bob, code=2)["error"]["field"] == "--key"
