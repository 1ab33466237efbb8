"""The blinding process's own parts, in this process: what the attacks from outside do not reach."""

import asyncio
import ctypes
import io
import json
import os
import pwd
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from rempart.rights import blinding_process, outer_key_names
from rempart.rights.blinding_process import Blinder, in_memory
from tests.support.soft_token import soft_token

KEYS = [bytes([n]) * 32 for n in (1, 2, 3)]
ASK = (1).to_bytes(4, "big") + b"\x01" + b"i" * 32


class System:
    """Stands for the kernel: what was asked of it, and who we are."""

    def __init__(self, patch: pytest.MonkeyPatch, *, root: bool, sticks: bool = False) -> None:
        self.calls: list[str] = []
        self.uid = 0 if root else 1000
        self.sticks = sticks
        patch.setattr(os, "geteuid", lambda: self.uid)
        patch.setattr(os, "getuid", lambda: self.uid)
        patch.setattr(os, "getgid", lambda: self.uid)
        patch.setattr(os, "setgroups", self.noted("setgroups"))
        patch.setattr(os, "setgid", self.noted("setgid"))
        patch.setattr(os, "setuid", self.become)
        patch.setattr(os, "chdir", self.noted("chdir"))
        patch.setattr(resource, "setrlimit", self.noted("setrlimit"))
        patch.setattr(ctypes, "CDLL", lambda _: self)

    def noted(self, name: str) -> Callable[..., int]:
        def call(*_: object) -> int:
            self.calls.append(name)
            return 0

        return call

    def become(self, uid: int) -> None:
        self.calls.append("setuid")
        if not self.sticks:
            self.uid = uid

    def unshare(self, _: int) -> int:
        self.calls.append("unshare")
        return -1

    def prctl(self, option: int, *_: int) -> int:
        self.calls.append(f"prctl {option}")
        return 0


def test_root_gives_up_the_network_then_groups_then_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    system = System(monkeypatch, root=True)
    assert blinding_process.confine("nobody") == {
        "own_user": True,
        "no_network": False,  # this kernel did not let it
        "no_dump": True,
        "no_new_rights": True,
    }
    assert system.uid == pwd.getpwnam("nobody").pw_uid
    order = ["unshare", "setgroups", "setgid", "setuid", "chdir", "setrlimit"]
    assert system.calls == [*order, "prctl 4", "prctl 38"]


def test_who_stays_root_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    System(monkeypatch, root=True, sticks=True)
    with pytest.raises(SystemExit, match="other than root"):
        blinding_process.confine("nobody")
    with pytest.raises(SystemExit, match="no such user"):
        blinding_process.confine("no-such-user-here")


def test_an_ordinary_user_stays_and_other_systems_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System(monkeypatch, root=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not any(blinding_process.confine("nobody").values())
    assert system.calls == ["chdir", "setrlimit"]


@pytest.mark.parametrize("given", [b"", b"".join(KEYS)[:-1], b"".join(KEYS) + b"x", KEYS[0] * 3])
def test_three_different_keys_are_due(monkeypatch: pytest.MonkeyPatch, given: bytes) -> None:
    stdin = SimpleNamespace(buffer=io.BytesIO(given))
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(SystemExit, match="3 different keys"):
        blinding_process.read_keys(3)


@pytest.mark.parametrize("told", ["", "0", "1,", "128", "1;2", "-1", "x"])
def test_generations_are_numbers(told: str) -> None:
    with pytest.raises(SystemExit, match="from 1 to 127"):
        blinding_process.purposes(told)


def test_no_two_purposes_share_a_number() -> None:
    every = blinding_process.purposes(",".join(str(n) for n in range(1, 128)))
    assert list(every) == sorted(every)
    assert len(set(every.values())) == len(every) == 127 * 2 + 1
    assert max(every) == 255


def test_a_socket_is_made_once_and_again_after_a_death(tmp_path: Path) -> None:
    path = tmp_path / "b.sock"
    with blinding_process.bind(path) as first:
        first.listen()
        with pytest.raises(SystemExit, match="another process answers"):
            blinding_process.bind(path)
    blinding_process.bind(path).close()
    with pytest.raises(SystemExit, match="cannot listen"):
        blinding_process.bind(tmp_path / "none" / "b.sock")
    with pytest.raises(SystemExit, match="cannot listen"):
        blinding_process.bind(tmp_path / ("x" * 200))


def ask(path: Path, sent: bytes) -> bytes:
    """Send bytes, and read until the other side closes or has answered."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(str(path))
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while part := client.recv(4096):
                answer += part
        except ConnectionError:
            pass
        return answer


@pytest.mark.parametrize("more", [[], ["--end-with-starter"]])
def test_main_answers_until_it_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    more: list[str],
) -> None:
    path = tmp_path / "b.sock"
    words = ["blinding", "--socket", str(path), *more]
    monkeypatch.setattr(sys, "argv", words)
    stdin = SimpleNamespace(buffer=io.BytesIO(b"".join(KEYS)))
    monkeypatch.setattr(sys, "stdin", stdin)
    System(monkeypatch, root=False)
    answers: list[bytes] = []

    def client() -> None:
        answers.append(ask(path, ASK + bytes(4)))
        answers.append(ask(path, (9999).to_bytes(4, "big")))
        answers.append(ask(path, ASK[:4] + b"\x07" + ASK[5:]))
        answers.append(ask(path, ASK[:9]))
        lasting = socket.socket(socket.AF_UNIX)
        lasting.connect(str(path))
        lasting.settimeout(5)
        lasting.sendall(ASK)
        lasting.recv(64)
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            answers.append(lasting.recv(1))
        except ConnectionError:
            answers.append(b"")
        lasting.close()

    def wait_and_ask() -> None:
        for _ in range(500):
            if path.exists():
                break
            threading.Event().wait(0.01)
        threading.Event().wait(0.2)  # until the signal's handler is there
        client()

    thread = threading.Thread(target=wait_and_ask)
    thread.start()
    blinding_process.main()
    thread.join()
    assert len(answers[0]) == 32 + 8
    assert answers[0][32:] == (1).to_bytes(8, "big")
    assert answers[1:] == [b"", b"", b"", b""]
    assert not path.exists()
    assert json.loads(capfd.readouterr().out)["ready"]


def test_with_a_token_no_key_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.sock"
    words = ["blinding", "--socket", str(path), "--token", "pkcs11:token=essai"]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(sys, "stdin", None)
    System(monkeypatch, root=False)
    with pytest.raises(SystemExit, match=r"^blinding: must hold token"):
        blinding_process.main()
    assert not path.exists()


@pytest.mark.slow
def test_a_token_hashes_until_it_cannot_and_then_the_process_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Not below pytest's own folder: that is closed to the user that owns the token.
    folder = Path(tempfile.mkdtemp(prefix="token-"))
    try:
        token = soft_token(folder)
        token.command("hsm", "make")
        monkeypatch.setenv("SOFTHSM2_CONF", token.environ["SOFTHSM2_CONF"])
        with blinding_process.in_token(token.uri(), outer_key_names([1])) as digests:
            assert len({digest(bytes(32)) for digest in digests}) == len(digests) == 3
            for file in token.tokens.rglob("*.object"):
                file.unlink()
            for digest in digests:
                with pytest.raises(SystemExit, match="the token hashes no more"):
                    digest(bytes(32))
    finally:
        shutil.rmtree(folder)


def test_a_crowd_is_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blinding_process, "MOST_CLIENTS", 0)

    async def crowd() -> bytes:
        blinder = Blinder(dict(enumerate(in_memory(KEYS), 1)))
        server = await asyncio.start_unix_server(blinder.serve, path=tmp_path / "b.sock")
        reader, writer = await asyncio.open_unix_connection(tmp_path / "b.sock")
        try:
            return await reader.read(1)
        except ConnectionError:
            return b""
        finally:
            writer.close()
            server.close()

    assert asyncio.run(crowd()) == b""
