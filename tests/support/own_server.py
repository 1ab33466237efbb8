"""A PostgreSQL server of a test's own, durable as in production, with people whom edges find."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from rempart.database import install
from rempart.foundation.continuity import Mark, keep_mark_once
from rempart.foundation.embedded import DatabaseUnavailableError, EmbeddedPostgres
from rempart.foundation.keyring import FileKeyring
from tests.http.platform import hash_people, start_blinding
from tests.support.asking import cover_people
from tests.support.database import EDGE_KEYS, Cluster, DatabaseUnderTest

_GONE_WITHIN_S = 60
_TOLD = 4_000


@dataclass
class OwnServer:
    """The server, its one database, the blinding beside it, and the heart's folder."""

    server: EmbeddedPostgres
    db: DatabaseUnderTest
    blinding: Path
    state: Path

    def take_up(self) -> None:
        """Take a server up that was started by hand, as the heart does."""
        assert keep_mark_once(self.db.dsn("rempart_jobs"), Mark.of(self.state)) is None

    def restart(self) -> None:
        """Restart it, or start what has ended; a failure shows the end of the server's own log."""
        self.server.stop()
        try:
            self.server.start()
        except DatabaseUnavailableError as error:
            error.add_note(self.server.log_file.read_text()[-_TOLD:])
            raise

    def end(self, how: signal.Signals) -> None:
        """End the server as `pg_ctl stop` does: SIGINT is fast, SIGQUIT immediate."""
        pid = int((self.server.data_dir / "postmaster.pid").read_text().split()[0])
        os.kill(pid, how)
        self.await_end()

    def await_end(self) -> None:
        """Wait until the server's keeper has gone with it."""
        give_up = time.monotonic() + _GONE_WITHIN_S
        while self.server.running():
            assert time.monotonic() < give_up
            time.sleep(0.05)

    def hang_up(self) -> None:
        """Forget the test's own connections, which a restart has ended."""
        for connection in self.db.opened:
            connection.close()
        self.db.opened.clear()


@contextmanager
def own_server(
    folder: Path, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[OwnServer]:
    """Make a server with an installed database, caps that stop nobody, and insured people."""
    keyring = FileKeyring.create(folder / "keyring")
    for name in (*EDGE_KEYS, "receipt", "proof_seal"):
        keyring.ensure(name)
    server = EmbeddedPostgres(folder / "server", keyring=keyring, settings=settings)
    server.start()
    cluster = Cluster(server, keyring, folder)
    asyncio.run(install(cluster.dsn(server.superuser, "rempart"), keyring))
    db = DatabaseUnderTest(cluster, "rempart")
    blinding, socket = start_blinding(cluster)
    (state := folder / "state").mkdir()
    own = OwnServer(server, db, socket, state)
    try:
        for bucket in ("all", "new", "fresh", "typed", "miss"):
            db.owner.execute(f"update guard.profile set {bucket}_burst = 1000000")
        cover_people(db)
        asyncio.run(hash_people(db, socket))
        own.take_up()
        yield own
    finally:
        own.hang_up()
        blinding.stop()
        shutil.rmtree(socket.parent)
        server.stop()
        server.erase()
