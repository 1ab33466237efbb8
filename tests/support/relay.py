"""Stands between an edge and its database's socket: cuts the line, or lets it fall silent."""

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.support.database import DatabaseUnderTest


class Relay:
    """Passes bytes on both ways, each direction in a thread, until told otherwise."""

    def __init__(self, listen: Path, onward: Path) -> None:
        self.passed = 0
        self._onward = onward
        self._flowing = threading.Event()
        self._flowing.set()
        self._taken = True
        self._ends: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(listen))
        self._listener.listen(64)
        self._serving: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def silence(self) -> None:
        """Pass nothing on from now on; every connection stays open."""
        self._flowing.clear()

    def speak(self) -> None:
        """Pass on again what was held back and what comes."""
        self._flowing.set()

    def cut(self) -> None:
        """Cut every connection there is, in the middle of whatever it says."""
        while self._ends:
            end = self._ends.pop()
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def take(self, *, calls: bool) -> None:
        """Take new connections, or hang up on each."""
        self._taken = calls

    def close(self) -> None:
        self.speak()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(10)
        self._listener.close()
        self.cut()
        for serving in self._serving:
            serving.join(10)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._taken:
                serving = threading.Thread(target=self._serve, args=(near,), daemon=True)
                self._serving.append(serving)
                serving.start()
            else:
                near.close()

    def _serve(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far:
            far.connect(str(self._onward))
            self._ends += [near, far]
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            self._pump(near, far)
            back.join()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(65_536):
                self._flowing.wait()
                sink.sendall(content)
                self.passed += len(content)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(db: DatabaseUnderTest) -> Iterator[tuple[Relay, str]]:
    """Open a relay to a test's database; with it, the address by which an edge goes through it."""
    (onward,) = db.cluster.server._home.socket.glob(".s.PGSQL.*[0-9]")
    # Unix sockets allow a path of a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="rempart-"))
    made = Relay(folder / onward.name, onward)
    port = onward.suffix.removeprefix(".")
    try:
        yield made, f"postgresql:///{db.name}?host={quote(str(folder), safe='')}&port={port}"
    finally:
        made.close()
        shutil.rmtree(folder)
