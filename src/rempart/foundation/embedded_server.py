"""Makes, starts and questions the embedded server's processes: initdb, the keeper, psql."""

import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rempart.foundation.embedded_binaries import Programs
from rempart.foundation.embedded_folders import ENVIRONMENT, DatabaseUnavailableError
from rempart.foundation.embedded_home import Home
from rempart.foundation.embedded_options import explain, is_passing
from rempart.foundation.embedded_postmaster import running_port

SUPERUSER = "rempart_migrator"
DATABASE = "rempart"
_LONGEST_LOG = 10_000_000
_LOG_TAIL = 16_384


@dataclass(frozen=True, slots=True)
class Server:
    """One server: where it lives, with which programs, and with which settings it starts."""

    home: Home
    programs: Programs
    options: Mapping[str, str]

    def make(self, password: str, start_lock: int) -> None:
        """Make the data directory, whole or not at all: initdb works aside.

        initdb inherits the start lock: if we are killed, nobody starts before it has ended.
        """
        home, aside = self.home, self.home.root / "data.new"
        secret = home.root / "password.new"
        shutil.rmtree(aside, ignore_errors=True)
        secret.unlink(missing_ok=True)
        try:
            aside.mkdir(mode=0o700)
            descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(password)
            if not home.user.is_ourselves:
                for path in (aside, secret):
                    os.chown(path, home.user.uid, home.user.gid)
            made = home.user.run(self._initdb(aside, secret), (start_lock,))
            if made.returncode != 0:
                raise DatabaseUnavailableError(
                    self._reason(made.stdout + made.stderr) or "initdb failed"
                )
            aside.rename(home.data)
        except OSError as error:
            raise DatabaseUnavailableError(
                f"the database cannot be made in {home.root}: {error.strerror}"
            ) from error
        finally:
            secret.unlink(missing_ok=True)
            shutil.rmtree(aside, ignore_errors=True)

    def check_version(self) -> None:
        """Raise when the data directory was made by another major version."""
        try:
            made_by = (self.home.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise DatabaseUnavailableError(
                f"{self.home.data} is not a PostgreSQL data directory"
            ) from error
        if made_by != str(self.programs.major):
            made_by = made_by if re.fullmatch(r"[0-9.]{1,8}", made_by) else "unknown"
            raise DatabaseUnavailableError(
                f"the database in {self.home.root} was made by PostgreSQL {made_by} and this is"
                f" PostgreSQL {self.programs.major}"
            )

    def launch(self, keeper_lock: int, password: str, deadline: float) -> None:
        """Start the keeper, which starts the server, and return once the server answers.

        `keeper_lock` is the keeper's lock, taken: the keeper inherits it.
        """
        while True:
            said = self._launch_once(keeper_lock, password, deadline)
            if said is None:
                return
            if not is_passing(said) or time.monotonic() > deadline:
                reason = self._reason(said) or "the server did not start"
                raise DatabaseUnavailableError(f"{reason}; its log is {self.home.log}")
            time.sleep(0.1)

    def answers(self, password: str, database: str = "postgres") -> bool:
        """Tell whether the server lets its superuser in; raise when it refuses the password."""
        said = self._client("psql", ["-X", "-w", "-q", "-c", "", "-d", database], password)
        if "password authentication failed" in said.stderr:
            raise DatabaseUnavailableError(
                f"the database in {self.home.root} refuses the keyring's password for {SUPERUSER}:"
                " the keyring is not the one that it was made with"
            )
        return said.returncode == 0

    def make_database(self, password: str) -> None:
        """Make the database itself, unless it is there."""
        done = self.home.root / "database-made"
        if done.exists():
            return
        said = self._client("createdb", ["-w", "-T", "template0", DATABASE], password)
        if said.returncode != 0 and not self.answers(password, DATABASE):
            raise DatabaseUnavailableError(
                self._reason(said.stderr) or f"the database {DATABASE} could not be made"
            )
        done.touch(mode=0o600)

    def port(self) -> str:
        """Return the port that names the socket's file: the running server's, or the one set."""
        return running_port(self.home.data) or self.options["port"]

    def _initdb(self, aside: Path, secret: Path) -> list[str | Path]:
        argv: list[str | Path] = [self.programs.folder / "initdb", "-D", aside, "-U", SUPERUSER]
        argv += [f"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]
        if self.programs.major >= 17:
            # Right upper and lower case for every letter, on every machine the same.
            argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self.options["fsync"] == "off":
            argv.append("--no-sync")
        return argv

    def _launch_once(self, keeper_lock: int, password: str, deadline: float) -> str | None:
        """Return None when the server answers, and what the log says when it ended."""
        log_from = self._open_log()
        holders = os.open(self.home.root / "holders", os.O_RDWR)
        read_end, write_end = os.pipe()
        with (
            os.fdopen(read_end, "rb") as status,
            self.home.log.open("ab") as log,
        ):
            orders = {"argv": self._argv(), "holders": holders}
            try:
                self._start_keeper(orders, (keeper_lock, holders, write_end), log)
            finally:
                os.close(write_end)
                os.close(holders)
            while not self.answers(password):
                ended = bool(select.select([status], [], [], 0.02)[0])
                if ended or time.monotonic() > deadline:
                    return self._said(log_from)
        return None

    def linger(self, hold: int, seconds: int) -> None:
        """Leave a process that keeps this hold for some time, or until `let_go` is made."""
        orders = {"seconds": seconds, "let_go": str(self.let_go)}
        self._start_keeper(orders, (hold,), subprocess.DEVNULL)

    @property
    def let_go(self) -> Path:
        """The file at whose sight processes that only linger end."""
        return self.home.root / "let-go"

    def _start_keeper(
        self, orders: dict[str, object], inherited: tuple[int, ...], log: IO[bytes] | int
    ) -> None:
        user = self.home.user
        uid, gid = (None, None) if user.is_ourselves else (user.uid, user.gid)
        words = json.dumps({**orders, "uid": uid, "gid": gid})
        keeper = Path(__file__).with_name("keeper.py")
        try:
            subprocess.run(
                [sys.executable, "-I", "-S", keeper, words],
                check=True,
                pass_fds=inherited,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise DatabaseUnavailableError("the server's keeper cannot be started") from error

    def _argv(self) -> list[str]:
        folder = str(self.home.socket).replace('"', '""')
        argv = [str(self.programs.folder / "postgres"), "-D", str(self.home.data)]
        options = {**self.options, "unix_socket_directories": f'"{folder}"'}
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        return argv

    def _client(
        self, program: str, words: list[str], password: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.programs.folder / program, *words],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env={
                **ENVIRONMENT,
                "PGHOST": str(self.home.socket),
                "PGPORT": self.port(),
                "PGUSER": SUPERUSER,
                "PGPASSWORD": password,
                # The server proves that it knows the password, too: nobody can stand in for it.
                "PGREQUIREAUTH": "scram-sha-256",
                "PGCONNECT_TIMEOUT": "5",
            },
        )

    def _open_log(self) -> int:
        """Set a long log aside, and return where what the server says next will begin."""
        descriptor = os.open(self.home.log, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as log:
            size = os.fstat(log.fileno()).st_size
        if size > _LONGEST_LOG:
            self.home.log.replace(self.home.log.with_suffix(".log.1"))
            return self._open_log()
        return size

    def _said(self, log_from: int) -> str:
        with self.home.log.open("rb") as log:
            log.seek(max(log_from, log.seek(0, os.SEEK_END) - _LOG_TAIL))
            return log.read().decode(errors="replace")

    def _reason(self, said: str) -> str | None:
        return explain(said, self.home.root, self.options["port"])
