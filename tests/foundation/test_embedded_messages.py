"""When the embedded database cannot be had, one sentence says why."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rempart.foundation import embedded_binaries
from rempart.foundation.embedded import DatabaseUnavailableError, EmbeddedPostgres
from rempart.foundation.embedded_folders import ServerUser
from rempart.foundation.embedded_home import Home
from rempart.foundation.keyring import FileKeyring
from tests.foundation.conftest import QUICK, Who, ourselves_in_a_folder


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A base whose database was made and is stopped."""
    with ourselves_in_a_folder() as who:
        base = who.folder / "state"
        with EmbeddedPostgres(base, settings=QUICK):
            pass
        yield base


def refusal(base: Path, **options: object) -> str:
    given = {"settings": QUICK, **options}
    with pytest.raises(DatabaseUnavailableError) as raised:
        EmbeddedPostgres(base, **given).start()  # type: ignore[arg-type]  # each test gives what it means
    text = str(raised.value)
    assert "\n" not in text
    return text


def test_a_folder_that_cannot_be_written(who: Who) -> None:
    if who.uid == 0:
        (who.folder / "file").write_text("")
        said = refusal(who.folder / "file" / "state")
        assert said.startswith("the folder ")
        return
    who.folder.chmod(0o500)
    with who.actor(who.folder / "state") as actor:
        actor.tell("start")
        assert actor.hear()["error"].endswith("cannot be made or read: Permission denied")
    who.folder.chmod(0o700)


def test_a_folder_of_another_user(who: Who, ourselves: Who) -> None:
    base = ourselves.folder / "state"
    base.mkdir(mode=0o755)
    if who.uid == os.geteuid():
        other = 1 if os.geteuid() == 0 else os.geteuid()
        os.chown(base, other, -1)
        if other != os.geteuid():
            assert "belongs to another user (uid 1)" in refusal(base)
        return
    with who.actor(base) as actor:
        actor.tell("start")
        assert "belongs to another user (uid 0)" in actor.hear()["error"]


def test_a_folder_that_anybody_can_write(ourselves: Who) -> None:
    base = ourselves.folder / "state"
    base.mkdir()
    base.chmod(0o777)
    assert "can be written by anybody" in refusal(base)
    assert list(base.iterdir()) == []


def test_a_database_of_another_version(made: Path) -> None:
    record = made / "postgres" / "data" / "PG_VERSION"
    record.write_text("17\n")
    try:
        assert refusal(made).endswith("was made by PostgreSQL 17 and this is PostgreSQL 18")
    finally:
        record.write_text("18\n")


def test_a_keyring_that_is_not_the_one(made: Path, tmp_path: Path) -> None:
    other = FileKeyring.create(tmp_path / "keyring")
    said = refusal(made, keyring=other)
    assert "refuses the keyring's password for rempart_migrator" in said
    assert other.ensure_password("rempart_migrator") not in said
    with EmbeddedPostgres(made, settings=QUICK) as server:
        assert server.running()
        assert "refuses the keyring's password" in refusal(made, keyring=other)


def test_a_port_that_is_taken(made: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = {**QUICK, "listen_addresses": "127.0.0.1", "port": port}
        assert f"port {port} is taken by another program" in refusal(made, settings=settings)


def test_a_setting_that_postgresql_does_not_know(made: Path) -> None:
    said = refusal(made, settings={**QUICK, "no_such": "1"})
    assert said.startswith("a setting given to it is unknown; its log is ")


def test_a_process_that_keeps_the_start_to_itself(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rempart.foundation.embedded._START_SECONDS", 0.1)
    lock = os.open(made / "postgres" / "start.lock", os.O_RDWR)
    import fcntl

    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        assert "keeps" in refusal(made)
    finally:
        os.close(lock)


def test_a_full_disk(ourselves: Who) -> None:
    programs = ourselves.folder / "programs"
    programs.mkdir(mode=0o755)
    for name, script in (
        ("postgres", "echo 'postgres (PostgreSQL) 18.4'"),
        ("initdb", "echo 'could not write: No space left on device' >&2; exit 1"),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    said = refusal(ourselves.folder / "state", programs=programs)
    assert said.startswith("the disk that holds ")
    assert said.endswith(" is full")
    assert not (ourselves.folder / "state" / "postgres" / "data.new").exists()


def test_programs_that_are_missing(
    ourselves: Who, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "cannot be run" in refusal(ourselves.folder / "state", programs=tmp_path)
    monkeypatch.setattr(embedded_binaries, "_PACKAGE", "no_such_package")
    assert refusal(ourselves.folder / "state").startswith("initdb is missing")
    monkeypatch.setattr(embedded_binaries, "_PACKAGE", "rempart")
    assert refusal(ourselves.folder / "state").startswith("initdb is not in ")


def test_what_is_not_a_folder(ourselves: Who) -> None:
    (ourselves.folder / "postgres").symlink_to("/var")
    with pytest.raises(DatabaseUnavailableError, match="is not a folder"):
        Home.find(ourselves.folder)


def test_no_user_to_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("rempart.foundation.embedded_folders.SERVER_USER_OF_ROOT", "no-such-user")
    with pytest.raises(DatabaseUnavailableError, match="and there is none"):
        ServerUser.find()
