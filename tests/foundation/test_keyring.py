"""Keys lie in files that only their owner can read, or are not used at all."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rempart.foundation.errors import KeyMissingError
from rempart.foundation.keyring import FileKeyring, KeyExistsError, KeyringError


@pytest.fixture
def ring(tmp_path: Path) -> FileKeyring:
    return FileKeyring.create(tmp_path / "deep" / "keyring")


def test_a_key_is_kept_whole_and_closed(ring: FileKeyring) -> None:
    ring.put("registry_index", b"\0 value \n")
    assert FileKeyring.open(ring.path).secret("registry_index") == b"\0 value \n"
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((ring.path / "registry_index").stat().st_mode) == 0o600
    assert [path.name for path in ring.path.iterdir()] == ["registry_index"]


def test_a_key_is_never_overwritten(ring: FileKeyring) -> None:
    ring.put("nonce", b"first")
    with pytest.raises(KeyExistsError, match="a key named nonce already"):
        ring.put("nonce", b"second")
    assert ring.secret("nonce") == b"first"
    assert ring.names() == ["nonce"]


def test_a_missing_key_is_named(ring: FileKeyring) -> None:
    with pytest.raises(KeyMissingError, match="no key named met_index"):
        ring.secret("met_index")


def test_a_key_is_made_once_however_many_ask(ring: FileKeyring) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: ring.ensure("receipt", 32), range(64)))
    assert len(made) == 1
    assert len(made.pop()) == 32
    password = ring.ensure_password("rempart_edge")
    assert ring.secret("password.rempart_edge").decode() == password
    assert len(password) == 43
    assert ring.names() == ["password.rempart_edge", "receipt"]


def test_two_that_make_a_key_at_once_agree(
    ring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = FileKeyring.put

    def too_late(self: FileKeyring, name: str, value: bytes) -> None:
        put(self, name, b"the other's")
        put(self, name, value)

    monkeypatch.setattr(FileKeyring, "put", too_late)
    assert ring.ensure("engagement") == b"the other's"


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "-o", "a/b", "A", "é", "a\n", "x" * 101]
)
def test_a_strange_name_is_refused_and_not_repeated(ring: FileKeyring, name: str) -> None:
    for use in (ring.secret, ring.ensure):
        with pytest.raises(KeyringError, match="a key's name holds only"):
            use(name)


@pytest.mark.parametrize("value", [b"", b"x" * 65_537])
def test_a_key_of_no_use_is_refused(ring: FileKeyring, value: bytes) -> None:
    with pytest.raises(KeyringError, match="must hold 1 to 65536 bytes"):
        ring.put("nonce", value)


@pytest.mark.parametrize("mode", [0o701, 0o710, 0o750, 0o755, 0o777])
def test_a_keyring_open_to_others_is_refused(ring: FileKeyring, mode: int) -> None:
    ring.path.chmod(mode)
    for use in (FileKeyring.open, FileKeyring.create):
        with pytest.raises(KeyringError, match="set its mode to 0700"):
            use(ring.path)
    # Refused, not mended: whoever opened it must know.
    assert stat.S_IMODE(ring.path.stat().st_mode) == mode


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660])
def test_a_key_open_to_others_is_refused(ring: FileKeyring, mode: int) -> None:
    ring.put("nonce", b"value")
    (ring.path / "nonce").chmod(mode)
    with pytest.raises(KeyringError, match="the key nonce can be reached by other users"):
        ring.secret("nonce")


def test_what_belongs_to_another_is_refused(
    ring: FileKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.put("nonce", b"value")
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(KeyringError, match=f"belongs to another user \\(uid {mine}\\)"):
        FileKeyring.open(ring.path)
    with pytest.raises(KeyringError, match="the key nonce belongs to another user"):
        ring.secret("nonce")


def test_links_and_other_kinds_of_file_are_refused(ring: FileKeyring, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"value")
    (ring.path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyringError, match="the key link cannot be read"):
        ring.secret("link")
    os.mkfifo(ring.path / "pipe", 0o600)
    with pytest.raises(KeyringError, match="the key pipe is not a regular file"):
        ring.secret("pipe")
    (tmp_path / "ring").symlink_to(ring.path)
    with pytest.raises(KeyringError, match="is not a directory"):
        FileKeyring.open(tmp_path / "ring")


def test_a_keyring_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="cannot be opened: No such file"):
        FileKeyring.open(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(KeyringError, match="cannot be made: "):
        FileKeyring.create(tmp_path / "file" / "ring")


def test_a_keyring_that_vanishes(ring: FileKeyring) -> None:
    ring.path.rmdir()
    with pytest.raises(KeyringError, match="the key nonce cannot be written: No such file"):
        ring.put("nonce", b"value")


def test_no_value_is_shown(ring: FileKeyring) -> None:
    ring.put("nonce", b"a secret")
    assert "secret" not in repr(ring)
    assert str(ring.path) in repr(ring)
