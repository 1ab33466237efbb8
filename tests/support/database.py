"""A database of a test's own, copied from one that was installed once a run."""

import asyncio
import fcntl
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier, Literal

from rempart.database import install
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.keyring import FileKeyring
from tests.support.in_memory import in_memory

TEMPLATE = "rempart_template"
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "300",
    "scram_iterations": "1",
}
"""Tests that do not kill the server need not wait for its disk; several race with 64 at once. The
passwords are long and random: to stretch them would only cost each connection 10 ms. The server is
made before it has settings, so the superuser's is set once more."""

EDGE_KEYS = ("registry_index", "met_index", "card_index", "met_inner", "engagement", "nonce")

Connection = psycopg.Connection[dict[str, Any]]


@dataclass
class Cluster:
    """One server for the whole run, shared by every worker."""

    server: EmbeddedPostgres
    keyring: FileKeyring
    folder: Path
    opened: list[Connection] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def admin(self) -> Connection:
        """A connection of this worker, to make databases and drop them."""
        if not self.opened or self.opened[0].closed or self.opened[0].broken:
            dsn = self.dsn(self.server.superuser, "postgres")
            self.opened[:] = [psycopg.connect(dsn, autocommit=True, row_factory=dict_row)]
        return self.opened[0]

    def dsn(self, role: str, dbname: str) -> str:
        return self.server.dsn(role, self.keyring.ensure_password(role), dbname)

    def drop_left(self) -> None:
        """Drop what tests left, the last one later: sessions that are ending hold up a drop."""
        while len(self.left) > 1:
            self.admin.execute(f"drop database {self.left.pop(0)} with (force)")

    def install(self, dbname: str, *, demonstration: bool = False) -> None:
        dsn = self.dsn(EmbeddedPostgres.superuser, dbname)
        asyncio.run(install(dsn, self.keyring, demonstration=demonstration))


@dataclass
class DatabaseUnderTest:
    """A fresh copy of a template: the installed one, unless told otherwise."""

    cluster: Cluster
    name: str
    template: str = TEMPLATE
    opened: list[Connection] = field(default_factory=list)

    @property
    def keyring(self) -> FileKeyring:
        return self.cluster.keyring

    def dsn(self, role: str) -> str:
        return self.cluster.dsn(role, self.name)

    def connect(self, role: str, *, autocommit: bool = True) -> Connection:
        connection: Connection = psycopg.connect(
            self.dsn(role), autocommit=autocommit, row_factory=dict_row
        )
        self.opened.append(connection)
        return connection

    @property
    def owner(self) -> Connection:
        """A superuser's connection, to arrange and to look."""
        for connection in self.opened:
            if not connection.closed and connection.info.user == EmbeddedPostgres.superuser:
                return connection
        return self.connect(EmbeddedPostgres.superuser)


@contextmanager
def shared_cluster(folder: Path) -> Iterator[Cluster]:
    """Start or join the run's server; the first worker installs the template."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        with _alone(folder):
            place = held.enter_context(in_memory(folder))
            cluster = _installed(folder, place)
        try:
            yield cluster
        finally:
            for connection in cluster.opened:
                connection.close()
            with _alone(folder):
                cluster.server.stop()
                held.close()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other workers from starting or leaving meanwhile."""
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _installed(folder: Path, place: Path) -> Cluster:
    keyring = FileKeyring.create(folder / "keyring")
    for name in (*EDGE_KEYS, "receipt", "proof_seal"):
        keyring.ensure(name)
    server = EmbeddedPostgres(place / "server", keyring=keyring, settings=FAST)
    server.start()
    cluster = Cluster(server, keyring, folder)
    done = place / "template.done"
    if not done.exists():
        with psycopg.connect(cluster.dsn(server.superuser, "postgres"), autocommit=True) as c:
            password = Literal(keyring.ensure_password(server.superuser))
            named = Identifier(server.superuser)
            c.execute(SQL("alter role {} password {}").format(named, password))
            c.execute(f"create database {TEMPLATE}")
        cluster.install(TEMPLATE)
        done.touch()
    return cluster


@contextmanager
def fresh_database(cluster: Cluster, template: str = TEMPLATE) -> Iterator[DatabaseUnderTest]:
    """Copy the template; the copy is dropped when the next one is made, or with the server."""
    cluster.drop_left()
    name = f"t_{secrets.token_hex(6)}"
    cluster.admin.execute(f"create database {name} template {template} strategy file_copy")
    # A copy of a database has not its privileges: they are given again, as grants.sql does.
    cluster.admin.execute(f"revoke all on database {name} from public")
    cluster.admin.execute(
        f"grant connect on database {name} to rempart_edge, rempart_signin, rempart_intake,"
        " rempart_desk, rempart_journal, rempart_jobs, rempart_janitor"
    )
    database = DatabaseUnderTest(cluster, name, template)
    try:
        yield database
    finally:
        for connection in database.opened:
            connection.close()
        cluster.left.append(name)
