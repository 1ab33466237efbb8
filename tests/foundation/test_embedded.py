"""The embedded database as it runs: its settings, its doors, its modes, and what it never logs."""

import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rempart.foundation import embedded_postmaster
from rempart.foundation.embedded import DatabaseUnavailableError, EmbeddedPostgres
from rempart.foundation.embedded_options import OPTIONS
from rempart.foundation.keyring import FileKeyring
from tests.foundation.conftest import (
    QUICK,
    Who,
    eventually,
    is_at_work,
    kill_hard,
    ourselves_in_a_folder,
    parent,
    postmaster,
)

CANARY = "283047512345678"


@dataclass(frozen=True)
class Running:
    """A server with its default settings, and how to ask it something."""

    server: EmbeddedPostgres
    base: Path
    password: str

    def psql(
        self, script: str, password: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        dsn = self.server.dsn(self.server.superuser, password or self.password)
        return subprocess.run(
            [self.server.binary("psql"), "-X", "-A", "-t", "-q", "-d", dsn],
            check=False,
            capture_output=True,
            text=True,
            input=script,
            env=environment,
        )


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with ourselves_in_a_folder() as who:
        base = who.folder / "state"
        server = EmbeddedPostgres(base)
        with server:
            keyring = FileKeyring.open(base / "keyring")
            yield Running(server, base, keyring.ensure_password(server.superuser))


def test_settings_are_those_of_the_list(running: Running) -> None:
    shown = running.psql("\n".join(f"show {name};" for name in OPTIONS))
    units = {"60s": "1min"}
    assert shown.stdout.splitlines() == [units.get(v, v) for v in OPTIONS.values()]
    # What durability and silence rest on, said once more in plain sight.
    assert OPTIONS["fsync"] == OPTIONS["synchronous_commit"] == OPTIONS["full_page_writes"] == "on"
    assert (
        OPTIONS["log_parameter_max_length"] == OPTIONS["log_parameter_max_length_on_error"] == "0"
    )
    assert OPTIONS["listen_addresses"] == ""


def test_every_door_asks_for_a_scram_password(running: Running) -> None:
    lines = (running.server.data_dir / "pg_hba.conf").read_text().splitlines()
    doors = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    assert len(doors) >= 6
    assert {door[-1] for door in doors} == {"scram-sha-256"}
    refused = running.psql("select 1", password="wrong")
    assert refused.returncode == 2
    assert "password authentication failed" in refused.stderr
    stored = running.psql("select rolpassword from pg_authid where rolcanlogin").stdout.split()
    assert len(stored) == 1
    assert stored[0].startswith("SCRAM-SHA-256$")


def test_nothing_that_is_asked_reaches_the_log(running: Running) -> None:
    running.psql(
        "set log_parameter_max_length_on_error = -1;\n"
        f"select '{CANARY}x'::int;\n"
        f"select $1::int / 0 \\bind {CANARY[:9]} \\g\n"
        f"create temp table once (n text unique);\ninsert into once values ('{CANARY}');\n"
        f"insert into once values ('{CANARY}');\nselect '{CANARY}' frm;\n"
        f"do $$ begin raise warning '%', '{CANARY}'; end $$;"
    )
    running.psql("select 1", password=CANARY)
    log = running.server.log_file.read_text()
    assert "ready to accept connections" in log
    assert CANARY[:9] not in log


def test_modes_are_closed(running: Running) -> None:
    for folder in (running.server.data_dir, running.server.socket_dir, running.base / "keyring"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in ("server.log", "start.lock", "holders", "keeper"):
        assert stat.S_IMODE((running.base / "postgres" / file).stat().st_mode) == 0o600
    assert not (running.base / "postgres" / "password.new").exists()


def test_letters_have_their_upper_case(running: Running) -> None:
    assert running.psql("select upper('éœÿ'), 'É' ~* 'é'").stdout.strip() == "ÉŒŸ|t"


def test_the_password_is_nowhere_but_in_the_keyring(running: Running) -> None:
    for path in (running.base / "postgres").rglob("*"):
        if path.is_file():
            assert running.password.encode() not in path.read_bytes(), path


def test_an_address_is_read_by_every_client(running: Running) -> None:
    server = running.server
    url = server.url(server.superuser, running.password)
    done = subprocess.run(
        [server.binary("psql"), "-X", "-A", "-t", "-d", url, "-c", "select current_user"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == server.superuser
    with pytest.raises(DatabaseUnavailableError, match="is not there"):
        server.binary("nothing")


def test_it_lingers_as_long_as_asked_and_can_be_erased(ourselves: Who) -> None:
    base = ourselves.folder / "state"
    server = EmbeddedPostgres(base, settings=QUICK)
    with pytest.raises(DatabaseUnavailableError, match="only who holds"):
        server.linger(60)
    assert not server.is_made(base)
    with server:
        process = postmaster(server.data_dir)
        server.linger(60)
    assert server.is_made(base)
    assert server.running()
    with ourselves.actor(base) as other:
        other.do("start")
        with pytest.raises(DatabaseUnavailableError, match="another process uses"):
            server.erase()
    server.erase()
    assert not is_at_work(process)
    assert [path.name for path in base.iterdir()] == ["keyring"]


@pytest.mark.parametrize("name", ["l" * 90, "a 'quoted', \\odd \"name\""])
def test_a_path_that_no_socket_can_have_is_no_hindrance(ourselves: Who, name: str) -> None:
    server = EmbeddedPostgres(ourselves.folder / name, settings=QUICK)
    with server:
        assert server.running()
        assert server.socket_dir.parent != server.data_dir.parent
        assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
    far = server.socket_dir
    server.erase()
    assert not far.exists()


def test_tcp_is_there_for_those_who_ask(ourselves: Who) -> None:
    settings = {**QUICK, "listen_addresses": "127.0.0.1", "port": "54999"}
    server = EmbeddedPostgres(ourselves.folder / "state", settings=settings)
    with server:
        assert "port='54999'" in server.dsn("anybody", "x")
        assert server.running()


@pytest.mark.parametrize("has_proc", [True, False])
def test_the_same_process_starts_again_what_was_killed(
    ourselves: Who, monkeypatch: pytest.MonkeyPatch, has_proc: bool
) -> None:
    if not has_proc:  # as on macOS
        monkeypatch.setattr(embedded_postmaster, "_PROC", Path("/no/proc"))
    server = EmbeddedPostgres(ourselves.folder / "state", settings=QUICK)
    with server:
        server.kill()
        eventually(lambda: not server.running())
        server.kill()
        server.start()
        assert server.running()
        # A server whose keeper was killed, while the system has not yet told it.
        keeper = parent(postmaster(server.data_dir))
        kill_hard(keeper)
        server.start()
        assert server.running()
        server.start()
        assert server.running()
    assert not server.running()
    server.stop()
