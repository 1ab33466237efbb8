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
    # one gives it back at a tenth
    assert told("hold", "ease", *on, *bob, code=3)["error"]["kind"] == "refused"
    told("hold", "place", *on, *bob)
    assert told("hold", "ease", *on, *alice)["effective_after_s"] <= 5
    (eased,) = told("gate", "list")["gates"]
    assert (eased["value"], eased["held"], eased["eased"]) == (ACCOUNT, False, True)
    told("hold", "release", *on, *alice, *bob)
    assert told("journal", "verify")["ok"]
    assert told("journal", "check-budgets")["ok"]
    (place / "bob").chmod(0o644)
    assert told("hold", "place", *on, *bob, code=2)["error"]["field"] == "--key"


@pytest.mark.slow
def test_an_officer_is_taken_off_the_record_by_two_others(place: Path, told: Told) -> None:
    signers: tuple[str, ...] = ()
    for name in ("alice", "bob", "carol"):
        told("officer", "keys", "--out", name)
        if name == "carol":
            signers = ("--by", "alice", "--by-key", "alice", "--by", "bob", "--by-key", "bob")
        told("officer", "add", name, "--key", f"{name}.pub", *signers)
    why = ("--reason", "Clé perdue")
    alice, bob = ("--by", "alice", "--key", "alice"), ("--by", "bob", "--key", "bob")
    carol = ("--by", "carol", "--key", "carol")
    for wrong in (alice, (*alice, *carol)):
        error = told("officer", "remove", "carol", *why, *wrong, code=3)["error"]
        assert error["kind"] == "refused"
    assert told("officer", "remove", "carol", *alice, *bob, code=2)["error"]["field"] == "--order"
    told("officer", "remove", "carol", *why, *alice, "--out", "order.json")
    order = ("--order", "order.json")
    assert told("hold", "release", *order, *bob, code=2)["error"]["field"] == "--order"
    assert told("officer", "remove", *order, *bob)["name"] == "carol"
    assert [one["name"] for one in told("officer", "list")["officers"]] == ["alice", "bob"]
    again = ("officer", "add", "carol", "--key", "carol.pub", *signers)
    assert "taken off" in told(*again, code=3)["error"]["text"]
    told("officer", "keys", "--out", "carol2")
    told("officer", "add", "carol", "--key", "carol2.pub", *signers)
    on = ("--account", ACCOUNT, "--reason", "Poste volé")
    assert told("hold", "place", *on, *carol, code=3)["error"]["kind"] == "refused"
    told("hold", "place", *on, "--by", "carol", "--key", "carol2")
    assert told("journal", "verify")["ok"]


@pytest.mark.slow
def test_what_is_listed_can_be_read(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same without --json, as an officer reads it."""

    def said(*words: str) -> str:
        capsys.readouterr()
        assert run_line(list(words)) == 0
        return capsys.readouterr().out

    assert said("gate", "list") == "nothing is closed\n"
    assert "private key alice" in said("officer", "keys", "--out", "alice")
    assert "alice is on record" in said("officer", "add", "alice", "--key", "alice.pub")
    assert said("officer", "list").startswith("alice  key ")
    assert "closed since" in said("gate", "close", "--all", *SAID, "--until", "2099-01-01T12:00")
    on = ("--account", ACCOUNT, "--reason", "Poste volé", "--by", "alice", "--key", "alice")
    assert f"account {ACCOUNT}: on hold since" in said("hold", "place", *on)
    assert "for another officer" in said("hold", "release", *on, "--out", "order.json")
    gate, until, hold, _ = said("gate", "list").splitlines()
    assert (gate[:4], hold[:4]) == ("gate", "hold")
    assert ", until 2099-01-01" in until
    assert "back at a tenth since" in said("hold", "ease", *on)
    assert f"tenth  account {ACCOUNT}" in said("gate", "list")
    assert "every question has seen it" in said("gate", "open", "--all", *SAID)
