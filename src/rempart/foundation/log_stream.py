"""Where log lines go: never waited for, and never a reason to fail."""

import io
import os
import socket
import stat
from typing import TextIO

_LONGEST_REST = 65_536
_LOST = '{{"event": "log lines were lost", "count": {}, "level": "warning"}}\n'


class _Lines(io.RawIOBase):
    """Writes whole lines to a descriptor; what finds no room is counted and left out."""

    def __init__(self, stream: TextIO) -> None:
        # Kept, so that the descriptor stays that stream's.
        self._stream = stream
        descriptor = self._descriptor = self._given = stream.fileno()
        self._socket: socket.socket | None = None
        self._lost = 0
        self._rest = b""
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISSOCK(kind):
            # As under systemd: each call says for itself that it does not wait.
            self._socket = socket.socket(fileno=os.dup(descriptor))
        elif stat.S_ISFIFO(kind):
            # Opened anew: whoever shares the descriptor keeps it as it is.
            self._descriptor = os.open(f"/dev/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        elif not self.closed and self._descriptor != self._given:
            os.close(self._descriptor)
        super().close()

    def writable(self) -> bool:
        return True

    def write(self, line: object, /) -> int:
        content = bytes(line)  # type: ignore[call-overload]  # any buffer; only text gets here
        told = _LOST.format(self._lost).encode() if self._lost else b""
        if self._put(self._rest + told + content, rest=len(self._rest)):
            self._lost = 0
        else:
            self._lost += 1
        return len(content)

    def _put(self, whole: bytes, rest: int) -> bool:
        """Write it, or nothing of what is new; a line that was begun is ended first."""
        try:
            written = self._send(whole)
        except OSError:
            return False
        if written < rest:
            self._rest = self._rest[written:]
            return False
        # A full pipe may take a part of a long line: the end of it goes out with the next.
        self._rest = whole[written:][:_LONGEST_REST]
        return True

    def _send(self, content: bytes) -> int:
        if self._socket is None:
            return os.write(self._descriptor, content)
        return self._socket.send(content, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)


def steady(stream: TextIO) -> TextIO:
    """Return a way to write lines to a stream that neither blocks nor raises.

    A pipe or socket that nobody reads, or a full disk, must not hold a process that answers:
    lines that find no room are left out, and the next that does is preceded by how many. A stream
    without a descriptor is returned as it is.
    """
    try:
        lines = _Lines(stream)
        return io.TextIOWrapper(lines, encoding="utf-8", write_through=True)  # type: ignore[type-var]  # any raw stream, as sys.stderr is when it is unbuffered
    except (OSError, ValueError):
        return stream
