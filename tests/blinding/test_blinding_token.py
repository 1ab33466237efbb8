"""Outer keys in a real token: made there, never out of it, and nothing is blinded without it."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from rempart.cli.demo_platform import running_platform
from rempart.cli.demo_state import settings_for
from rempart.foundation.errors import UnavailableError
from rempart.foundation.hsm import TokenPlace
from rempart.foundation.keyring import FileKeyring, KeyringError
from rempart.foundation.processes import free_port
from rempart.foundation.settings import Settings, SettingsError
from rempart.rights import (
    BlindingClient,
    BlindingProcess,
    Purpose,
    blinding_command,
    outer_key_names,
)
from tests.support.soft_token import LABEL, PIN, SoftToken

OUTER_KEYS = outer_key_names([1])
ASKED = [(purpose, bytes([n]) * 32) for purpose in Purpose for n in (1, 2)]


@pytest.fixture
def begun(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[SoftToken, Path], BlindingProcess]]:
    """Start blinding processes on a token; they are stopped afterwards."""
    started: list[BlindingProcess] = []

    def begin(token: SoftToken, path: Path) -> BlindingProcess:
        monkeypatch.setenv("SOFTHSM2_CONF", token.environ["SOFTHSM2_CONF"])
        started.append(BlindingProcess.start(path, [], token=token.uri()))
        return started[-1]

    yield begin
    for process in started:
        process.stop()


def blinded(path: Path, items: Sequence[tuple[int, bytes]]) -> list[bytes]:
    async def ask() -> list[bytes]:
        client = await BlindingClient.open(path)
        try:
            return await client.blind(items)
        finally:
            await client.close()

    return asyncio.run(ask())


@pytest.mark.slow
def test_keys_are_made_in_the_token_and_stay_there(
    token: SoftToken, tmp_path: Path, begun: Callable[[SoftToken, Path], BlindingProcess]
) -> None:
    assert token.command("hsm", "make")["keys"] == OUTER_KEYS
    assert "already" in token.command("hsm", "make", expect=3)["error"]["text"]
    assert set(token.command("hsm", "check")["microseconds_a_hash"]) == set(OUTER_KEYS)
    process = begun(token, tmp_path / "b.sock")
    first = blinded(tmp_path / "b.sock", ASKED)
    assert len(set(first)) == len(ASKED)
    process.stop()
    begun(token, tmp_path / "b.sock")
    assert blinded(tmp_path / "b.sock", ASKED) == first
    # Whoever has the PIN may use a key, and cannot read it; it is the same key.
    said = token.inside(
        "from pkcs11 import Mechanism\n"
        f"key = session.get_key(label={OUTER_KEYS[0]!r}, object_class=ObjectClass.SECRET_KEY)\n"
        "print(key.sign(bytes([1]) * 32, mechanism=Mechanism.SHA256_HMAC).hex())\n"
        "try:\n    print(key[Attribute.VALUE])\n"
        "except Exception as error:\n    print(type(error).__name__)\n"
    )
    assert said.split() == [first[0].hex(), "AttributeSensitive"]


@pytest.mark.slow
def test_a_second_generation_is_made_beside_the_first_and_the_first_destroyed(
    token: SoftToken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token.command("hsm", "make")
    monkeypatch.setenv("SOFTHSM2_CONF", token.environ["SOFTHSM2_CONF"])
    path, turning = tmp_path / "b.sock", ["registry_index_2", "card_index_2"]
    ours = (
        "import pkcs11\nfrom rempart.foundation.hsm import Token\nours = Token(pkcs11, session)\n"
    )
    token.inside(f"{ours}for name in {turning!r}: ours.make(name)\n")
    asked = [purpose.under(g) for g in (1, 2) for purpose in Purpose]
    process = BlindingProcess.start(path, [], token=token.uri(), generations=[1, 2])
    both = blinded(path, [(one, bytes(32)) for one in asked])
    process.stop()
    assert both[1] == both[4]  # met
    assert len(set(both)) == 5
    token.inside(f"{ours}for name in ('registry_index', 'card_index'): ours.destroy(name)\n")
    process = BlindingProcess.start(path, [], token=token.uri(), generations=[2])
    assert blinded(path, [(one, bytes(32)) for one in asked[3:]]) == both[3:]
    process.stop()


@pytest.mark.slow
def test_without_its_token_nothing_is_blinded(token: SoftToken, tmp_path: Path) -> None:
    """Each is one thing away from a process that starts, which the last one does."""
    path = tmp_path / "b.sock"
    token.command("hsm", "make")
    wrong, loose, empty = (token.folder / name for name in ("wrong", "loose", "empty"))
    for file, text in ((wrong, "1234"), (loose, PIN), (empty, "")):
        file.touch(mode=0o600)
        file.write_text(text)
    loose.chmod(0o640)
    for uri, reason in (
        (token.uri("another"), "no such token"),
        (token.uri(module=token.folder / "none.so"), "cannot be opened"),
        (token.uri(pin=wrong), "refuses the PIN"),
        (token.uri(pin=loose), "mode 0600"),
        (token.uri(pin=empty), "holds none"),
        (token.uri(pin=token.folder / "none"), "cannot be read"),
        ("pkcs11:token=essai", "once each"),
    ):
        done = subprocess.run(
            blinding_command(path, token=uri), env=token.environ, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert done.returncode != 0, uri
        assert (reason in done.stderr, done.stdout) == (True, ""), (uri, done.stderr)
        assert PIN not in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert not path.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "program, reason",
    [
        pytest.param("", "no key named met_index", id="missing"),
        pytest.param(
            "session.create_object({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.TOKEN: True,"
            " Attribute.KEY_TYPE: KeyType.GENERIC_SECRET, Attribute.LABEL: 'met_index',"
            " Attribute.VALUE: bytes(range(32)), Attribute.SIGN: True,"
            " Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False})\n",
            "was not made in the token",
            id="brought in",
        ),
        pytest.param(
            "[session.generate_key(KeyType.GENERIC_SECRET, 256, label='met_index', store=True,"
            " template={Attribute.SIGN: True, Attribute.SENSITIVE: True,"
            " Attribute.EXTRACTABLE: True})]\n",
            "can leave it",
            id="extractable",
        ),
        pytest.param(
            "[session.generate_key(KeyType.GENERIC_SECRET, 256, label='met_index', store=True,"
            " template={Attribute.SIGN: True, Attribute.SENSITIVE: True,"
            " Attribute.EXTRACTABLE: False}) for _ in range(2)]\n",
            "holds 2 keys",
            id="twice",
        ),
    ],
)
def test_a_key_that_is_not_as_it_must_be_is_not_used(
    token: SoftToken, tmp_path: Path, program: str, reason: str
) -> None:
    token.inside(
        "for name in ('registry_index', 'card_index'):\n"
        "    session.generate_key(KeyType.GENERIC_SECRET, 256, label=name, store=True, template={"
        "Attribute.SIGN: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False})\n"
        + program
    )
    done = subprocess.run(
        blinding_command(tmp_path / "b.sock", token=token.uri()), env=token.environ,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert (done.returncode != 0, reason in done.stderr) == (True, True), done.stderr


@pytest.mark.slow
def test_a_token_that_is_lost_ends_the_process(
    token: SoftToken, tmp_path: Path, begun: Callable[[SoftToken, Path], BlindingProcess]
) -> None:
    token.command("hsm", "make")
    process = begun(token, tmp_path / "b.sock")
    assert len(blinded(tmp_path / "b.sock", ASKED)) == len(ASKED)
    for file in token.tokens.rglob("*.*"):
        file.unlink()
    with pytest.raises(UnavailableError):
        blinded(tmp_path / "b.sock", ASKED)
    give_up = time.monotonic() + 20
    while process.process.poll() is None:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    assert process.process.returncode != 0


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_a_token_of_another_users_is_not_used(token: SoftToken, tmp_path: Path) -> None:
    token.command("hsm", "make")
    for path in [token.tokens, *token.tokens.rglob("*")]:
        shutil.chown(path, "root", 0)
    done = subprocess.run(
        blinding_command(tmp_path / "b.sock", token=token.uri()), env=token.environ,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert (done.returncode != 0, done.stdout) == (True, "")
    assert "not for this user" in done.stderr


@pytest.mark.slow
def test_a_platform_blinds_with_its_token_and_with_nothing_else(
    token: SoftToken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token.command("hsm", "make")
    monkeypatch.setenv("SOFTHSM2_CONF", token.environ["SOFTHSM2_CONF"])
    settings = replace(settings_for(tmp_path / "state", free_port(), free_port()), hsm=token.uri())
    with running_platform(settings, demonstration=False) as platform:
        assert httpx.get(f"{settings.public_url}/readyz").status_code == 200
        assert set(OUTER_KEYS).isdisjoint(platform.keyring.names())
        first = blinded(settings.blinding_socket, ASKED)
        assert len(set(first)) == len(ASKED)
    # The setting is gone, or a key came into the keyring: it does not go on with another key.
    with (
        pytest.raises(KeyringError, match="REMPART_HSM names none"),
        running_platform(replace(settings, hsm=None), demonstration=False),
    ):
        pytest.fail("it started")
    assert set(OUTER_KEYS).isdisjoint(FileKeyring.open(settings.keyring).names())
    FileKeyring.open(settings.keyring).put("card_index", b"k" * 32)
    with (
        pytest.raises(KeyringError, match="would find nobody"),
        running_platform(settings, demonstration=False),
    ):
        pytest.fail("it started")
    kept = {"REMPART_KEYRING": str(settings.keyring)}
    assert "would find nobody" in token.command("hsm", "make", expect=4, **kept)["error"]["text"]


@pytest.mark.parametrize(
    "uri",
    [
        "token=t?module-path=/m&pin-source=/p",
        "pkcs11:token=t",
        "pkcs11:?module-path=/m&pin-source=/p",
        "pkcs11:token=t?module-path=/m",
        "pkcs11:token=t?module-path=m&pin-source=/p",
        "pkcs11:token=t?module-path=/m&pin-source=p",
        "pkcs11:token=t?module-path=/m&pin-source=/p&pin-value=4711",
        "pkcs11:token=t;object=k?module-path=/m&pin-source=/p",
        "pkcs11:token=t;token=u?module-path=/m&pin-source=/p",
        "pkcs11:token=?module-path=/m&pin-source=/p",
        "pkcs11:pin-source=/p?module-path=/m&token=t",
    ],
)
def test_a_token_is_named_in_one_way(uri: str) -> None:
    with pytest.raises(ValueError, match="must") as raised:
        TokenPlace.read(uri)
    assert "4711" not in str(raised.value)
    with pytest.raises(SettingsError):
        Settings.load({"REMPART_HSM": uri})


def test_a_name_may_hold_what_a_uri_must_escape() -> None:
    found = TokenPlace.read("pkcs11:token=a%20b?pin-source=file:///p%3F&module-path=/m")
    assert found == TokenPlace("a b", Path("/m"), Path("/p?"))
    assert LABEL not in repr(found)


def test_a_command_without_a_token_says_so(tmp_path: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if "REMPART_" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "rempart", "hsm", "check"],
        env={**plain, "REMPART_STATE_DIR": str(tmp_path)}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "REMPART_HSM" in done.stderr
