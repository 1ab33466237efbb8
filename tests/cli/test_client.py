"""`rempart client`: from a site to a software that holds an enrolled key, and back to nothing."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from rempart.cli import run_line
from rempart.cli.enrolling import enrol_key
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import BadInputError, UnavailableError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.processes import free_port
from rempart.identity import ClientKey, ClientKeyError

RPPS, COLLEAGUE, SITE = "10000000017", "10000000025", "750000018"

Told = Callable[..., dict[str, Any]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a database of its own, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    for name in ("REMPART_STATE_DIR", "REMPART_KEYRING", "REMPART_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    if EmbeddedPostgres.is_made(tmp_path / ".run"):
        EmbeddedPostgres(tmp_path / ".run").erase()


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Run one command with --json; what it told."""

    def run_one(*words: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert run_line([*words, "--json"]) == code
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run_one


@contextmanager
def served(place: Path) -> Iterator[str]:
    """Serve sign-in as an operator does; yields its address."""
    port = free_port()
    url = f"http://localhost:{port}"
    FileKeyring.open(place / ".run" / "keyring").ensure("nonce")
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory"]
    serving = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), "rempart.app:signin"],
        env={**os.environ, "REMPART_SIGNIN_URL": url},
        cwd=place,
    )
    try:
        _wait_for(url, serving)
        yield url
    finally:
        serving.terminate()
        serving.wait(20)


def _wait_for(url: str, serving: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert serving.poll() is None, "sign-in has ended"
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("sign-in did not start")


@pytest.mark.slow
def test_from_a_site_to_an_enrolled_software(
    place: Path, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    told("db", "upgrade")
    assert run_line(["client", "list"]) == 0
    assert capsys.readouterr().out == "no software is enrolled\n"
    # 1 the operator says who may ask; the same again changes nothing
    for _ in range(2):
        told("client", "site", "add", SITE, "--label", "Pharmacie d'essai")
        told("client", "professional", "add", RPPS, "--profession", "pharmacien")
        opened = told("client", "account", "open", RPPS, "--site", SITE)
    assert opened["profession"] == "pharmacien"
    issued = told("client", "code", "--site", SITE, "--professional", RPPS, "--vendor", "Essai")
    assert set(issued) == {"code", "expires_at"}

    # 2 the software enrols a key that it makes
    key = place / "key.json"
    with served(place) as url:
        enrol = ("client", "enrol", "--url", url, "--key", str(key))
        enrolled = told(*enrol, "--code", issued["code"])
        assert enrolled == {
            "client_id": enrolled["client_id"],
            "site": SITE,
            "key": str(key),
        }
        assert ClientKey.load(key).client_id == enrolled["client_id"]
        assert list(place.glob("key*")) == [key]

        # 3 a key is not overwritten; a code serves once
        assert told(*enrol, "--code", issued["code"], code=2)["error"]["field"] == "--key"
        second = ("client", "enrol", "--url", url, "--key", str(place / "second.json"))
        assert told(*second, "--code", issued["code"], code=3)["error"]["kind"] == "refused"
        assert list(place.glob("second*")) == []

    # 4 it is listed; a colleague joins and leaves; the software is revoked
    (listed,) = told("client", "list")["installations"]
    due = {"site": SITE, "label": "Pharmacie d'essai", "vendor": "Essai", "last_used": None}
    assert due.items() <= listed.items()
    told("client", "professional", "add", COLLEAGUE, "--profession", "pharmacien")
    told("client", "account", "open", COLLEAGUE, "--site", SITE)
    told("client", "account", "link", COLLEAGUE, "--client", enrolled["client_id"])
    told("client", "account", "close", COLLEAGUE, "--site", SITE)
    revoked = told("client", "revoke", enrolled["client_id"])
    assert told("client", "revoke", enrolled["client_id"]) == revoked
    assert run_line(["client", "list"]) == 0
    page = capsys.readouterr().out
    assert f"{enrolled['client_id']}  {SITE} Pharmacie d'essai" in page
    assert "never used, revoked" in page

    refuses_what_is_not_on_record(told, enrolled["client_id"])


def refuses_what_is_not_on_record(told: Told, client_id: str) -> None:
    for words in (
        ("client", "professional", "add", RPPS, "--profession", "medecin"),
        ("client", "professional", "add", "10000000033", "--profession", "druide"),
        ("client", "account", "open", "10000000033", "--site", SITE),
        ("client", "account", "open", RPPS, "--site", "750000026"),
        ("client", "account", "link", RPPS, "--client", client_id),
        ("client", "code", "--site", SITE, "--professional", COLLEAGUE, "--vendor", "Essai"),
        ("client", "revoke", "inst_unknown"),
    ):
        assert told(*words, code=3)["error"]["kind"] == "refused"


@pytest.mark.slow
def test_a_wrong_number_is_told_by_its_field(place: Path, told: Told) -> None:
    told("db", "upgrade")
    for words, field in (
        (("site", "add", "75000001", "--label", "x"), "site"),
        (("professional", "add", "10000000018", "--profession", "pharmacien"), "professional"),
        (("account", "open", "12345", "--site", SITE), "professional"),
        (("account", "open", RPPS, "--site", "12345"), "site"),
    ):
        error = told("client", *words, code=2)["error"]
        assert error["field"] == field
        assert not {"75000001", "10000000018", "12345", RPPS} & set(error["text"].split())


def test_without_a_database_nothing_is_done(place: Path, told: Told) -> None:
    error = told("client", "revoke", "inst_x", code=4)["error"]
    assert error["kind"] == "unavailable"
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8766", "http://signin.example.org", "ftp://localhost", "https://a@localhost",
     "http://localhost:8766/v1", "http://[localhost", "https://localhost?x=1"],
)  # fmt: skip
def test_a_code_is_not_sent_to_a_doubtful_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadInputError) as refused:
        enrol_key("code", url, tmp_path / "key.json")
    assert refused.value.field == "--url"
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_answers_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        enrol_key("code", f"http://localhost:{free_port()}", tmp_path / "key.json")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_kept_no_code_is_spent(tmp_path: Path) -> None:
    with pytest.raises(ClientKeyError, match="cannot be written"):
        enrol_key("code", "http://localhost:1", tmp_path / "absent" / "key.json")
