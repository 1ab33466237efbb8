"""A real PostgreSQL that needs no installing: started on demand, stopped with its last user."""

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import ClassVar, Self
from urllib.parse import quote

from rempart.foundation.embedded_binaries import Programs
from rempart.foundation.embedded_copy import copy_to, put_back
from rempart.foundation.embedded_folders import DatabaseUnavailableError, take_lock
from rempart.foundation.embedded_home import Home, is_made, make_base
from rempart.foundation.embedded_options import OPTIONS
from rempart.foundation.embedded_postmaster import end_forgotten, find_postmaster
from rempart.foundation.embedded_server import DATABASE, SUPERUSER, Server
from rempart.foundation.keyring import FileKeyring

__all__ = ["DatabaseUnavailableError", "EmbeddedPostgres"]

_START_SECONDS = 60.0
_STOP_SECONDS = 75.0
_LINGERERS_SECONDS = 1.0


class EmbeddedPostgres:
    """One PostgreSQL server for a folder, shared by every process that starts it.

    The server runs while at least one of them holds it: a process holds it from `start` until
    `stop` or its own end, kill -9 included (children that it forks hold it with it). Roles log in
    with SCRAM passwords from the keyring (``base/keyring`` unless given), over a socket in a
    folder of mode 0700. Nothing is done before the first use of the object.

    Every method raises `DatabaseUnavailableError`, one sentence, when the database cannot be had.
    """

    superuser: ClassVar[str] = SUPERUSER

    def __init__(
        self,
        base: Path,
        *,
        keyring: FileKeyring | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
        programs: Path | None = None,
    ) -> None:
        """Take the folder, and PostgreSQL settings that differ from `OPTIONS`.

        `settings` hold for the process that starts the server; one that joins a running server
        takes it as it is. `programs` is a folder of another PostgreSQL's programs (15 or later).
        """
        self._base = base
        self._given_keyring = keyring
        self._options = {**OPTIONS, **settings}
        self._given_programs = programs
        self._hold: int | None = None

    @staticmethod
    def is_made(base: Path) -> bool:
        """Tell whether a folder has had an embedded database; makes nothing."""
        return is_made(base)

    @staticmethod
    def make_base(base: Path) -> Path:
        """Make the folder when it isn't there, with the mode that the server needs."""
        return make_base(base)

    def start(self) -> None:
        """Make the database when there is none, start its server or join it, and hold it."""
        deadline = time.monotonic() + _START_SECONDS
        entry = self._lock("start.lock", fcntl.LOCK_EX, deadline)
        try:
            if self._hold is None:
                # Waits here while a keeper is stopping the server.
                self._hold = self._lock("holders", fcntl.LOCK_SH, deadline)
            try:
                self._start_or_join(entry, deadline)
            except BaseException:
                self._let_go()
                raise
        finally:
            os.close(entry)

    def stop(self) -> None:
        """Hold the server no longer. When nobody else does, return once it has stopped."""
        if self._hold is None:
            return
        deadline = time.monotonic() + _STOP_SECONDS
        entry = self._lock("start.lock", fcntl.LOCK_EX, deadline)
        try:
            self._let_go()
            if not self._is_held():
                os.close(self._lock("keeper", fcntl.LOCK_EX, deadline))
        finally:
            os.close(entry)

    def erase(self) -> None:
        """Stop the server and delete the database for good; refused while another holds it."""
        self.stop()
        deadline = time.monotonic() + _STOP_SECONDS
        home = self._home
        entry = self._lock("start.lock", fcntl.LOCK_EX, deadline)
        try:
            self._server.let_go.touch()
            patience = time.monotonic() + _LINGERERS_SECONDS
            while self._is_held():
                if time.monotonic() > patience:
                    self._server.let_go.unlink(missing_ok=True)
                    raise DatabaseUnavailableError(
                        f"another process uses the database in {home.root}"
                    )
                time.sleep(0.05)
            os.close(self._lock("keeper", fcntl.LOCK_EX, deadline))
            if home.elsewhere is not None:
                home.elsewhere.unlink(missing_ok=True)
            shutil.rmtree(home.socket, ignore_errors=True)
            shutil.rmtree(home.root)
        finally:
            os.close(entry)
            self.__dict__.pop("_home", None)
            self.__dict__.pop("_server", None)

    def backup(self, folder: Path) -> None:
        """Copy the running database into a folder that does not exist yet; the server goes on."""
        if self._hold is None:
            raise DatabaseUnavailableError("only who holds the database can copy it")
        copy_to(self._server, self._password, folder)

    def restore(self, folder: Path) -> None:
        """Put a copy in the place of a database that was never made; nothing is started."""
        entry = self._lock("start.lock", fcntl.LOCK_EX, time.monotonic() + _START_SECONDS)
        try:
            put_back(self._server, folder)
        finally:
            os.close(entry)

    def linger(self, seconds: int) -> None:
        """Let the server live on for some time after this process; `erase` ends that."""
        if self._hold is None:
            raise DatabaseUnavailableError("only who holds the database can let it live on")
        self._server.linger(self._hold, seconds)

    def kill(self) -> None:
        """Kill the server's main process outright, as a crash would."""
        pid = find_postmaster(self.data_dir)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    def running(self) -> bool:
        """Tell whether a server runs, started by this process or by another."""
        return find_postmaster(self.data_dir) is not None and self._server.answers(self._password)

    def dsn(self, role: str, password: str, dbname: str = DATABASE) -> str:
        """Return the conninfo (``key=value``) with which a role connects, over the socket."""
        words = {
            "host": str(self._home.socket),
            "port": self._server.port(),
            "dbname": dbname,
            "user": role,
            "password": password,
            # The server must prove that it knows the password, and cannot ask for it in clear.
            "require_auth": "scram-sha-256",
        }
        return " ".join(f"{name}={_quoted(value)}" for name, value in words.items())

    def url(self, role: str, password: str, dbname: str = DATABASE) -> str:
        """Return the same as an address, which every client of PostgreSQL reads."""
        host = quote(str(self._home.socket), safe="")
        login = f"{quote(role, safe='')}:{quote(password, safe='')}"
        return (
            f"postgresql://{login}@/{quote(dbname, safe='')}?host={host}&port={self._server.port()}"
        )

    def binary(self, name: str) -> Path:
        """Return the path of a program of PostgreSQL: psql, pgbench, pg_dump."""
        path = self._server.programs.folder / name
        if not path.exists():
            raise DatabaseUnavailableError(f"{path} is not there")
        return path

    @property
    def data_dir(self) -> Path:
        """The server's data directory."""
        return self._home.data

    @property
    def socket_dir(self) -> Path:
        """The folder of the server's socket; far from the data when that path is too long."""
        return self._home.socket

    @property
    def log_file(self) -> Path:
        """The server's log."""
        return self._home.log

    def __enter__(self) -> Self:
        """Start, or join."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go."""
        self.stop()

    @cached_property
    def _home(self) -> Home:
        return Home.find(self._base)

    @cached_property
    def _server(self) -> Server:
        user = self._home.user
        if self._given_programs is None:
            return Server(self._home, Programs.find(user), self._options)
        found = Programs.at(self._given_programs, user)
        if found is None:
            raise DatabaseUnavailableError(
                f"PostgreSQL's programs in {self._given_programs} cannot be run"
            )
        return Server(self._home, found, self._options)

    @cached_property
    def _password(self) -> str:
        keyring = self._given_keyring or FileKeyring.create(self._base.resolve() / "keyring")
        return keyring.ensure_password(SUPERUSER)

    def _start_or_join(self, entry: int, deadline: float) -> None:
        """Return once the server answers; the start lock and our hold are taken."""
        server, password = self._server, self._password
        if not self._home.data.exists():
            server.make(password, entry)
        server.check_version()
        while True:
            keeper = take_lock(self._home.root / "keeper", fcntl.LOCK_EX, 0)
            if keeper is not None:
                try:
                    end_forgotten(self._home.data, self._home.socket, deadline)
                    server.launch(keeper, password, deadline)
                finally:
                    os.close(keeper)
                break
            # A keeper lives, and cannot stop its server while we hold it.
            if server.answers(password):
                break
            if time.monotonic() > deadline:
                raise DatabaseUnavailableError(
                    f"the server in {self._home.root} runs and does not answer;"
                    f" its log is {self._home.log}"
                )
            time.sleep(0.02)
        server.make_database(password)

    def _lock(self, name: str, how: int, deadline: float) -> int:
        path = self._home.root / name
        try:
            found = take_lock(path, how, max(0.0, deadline - time.monotonic()))
        except OSError as error:
            raise DatabaseUnavailableError(
                f"the file {path} cannot be opened: {error.strerror}"
            ) from error
        if found is None:
            raise DatabaseUnavailableError(f"another process keeps {path} locked")
        return found

    def _let_go(self) -> None:
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None

    def _is_held(self) -> bool:
        """Tell whether another process holds the server; the start lock is taken, our hold is not.

        A keeper that is stopping the server has the file for itself; holders share it.
        """
        path = self._home.root / "holders"
        alone = take_lock(path, fcntl.LOCK_EX, 0)
        if alone is not None:
            os.close(alone)
            return False
        shared = take_lock(path, fcntl.LOCK_SH, 0)
        if shared is None:
            return False
        os.close(shared)
        return True


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
