"""Starts the program's processes in order, waits until each is ready, and leaves none behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO, Self

from rempart.foundation.errors import RempartError

_PATIENCE_S = 25
"""Longer than any of them needs: a web process may take 20 s to end what it has in hand."""
_POLL_S = 0.05
_LOG_TAIL = 2_000


class ProcessError(RempartError):
    """A process did not start, was not ready in time, or ended by itself. Names it and its log."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        """Take the process's name, what happened, and where its log is."""
        super().__init__(f"the {name} process {what}; its log is {log}")
        self.name = name
        self.log = log


class Supervisor:
    """Processes that live as long as this object's context, each on a leash and with a log file.

    Starting is in the caller's order, stopping in the opposite one. A process that is started here
    ends when this process ends, whatever ends it.
    """

    def __init__(self, logs: Path) -> None:
        """Take the directory for the log files; it is made, for its owner alone."""
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        # The lifeline: nobody writes to it, and it closes when this process is gone.
        self._lifeline: tuple[int, ...] = os.pipe()

    def __enter__(self) -> Self:
        """Begin with nothing running."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything."""
        self.stop()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        ready: Callable[[], bool],
        within_s: float = 30,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Start one process, give it `stdin`, and return when `ready` says so.

        Raises `ProcessError` when it ends first or takes longer than `within_s` seconds.
        """
        watched, _ = self._lifeline
        leash = Path(__file__).with_name("leash.py")
        words = [sys.executable, "-I", "-S", str(leash), str(watched), str(_PATIENCE_S)]
        with self._open_log(name) as log:
            process = subprocess.Popen(
                [*words, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=dict(os.environ if environ is None else environ),
                pass_fds=(watched,),
                start_new_session=True,
            )
        self._running[name] = process
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(stdin)
        give_up = time.monotonic() + within_s
        while not ready():
            if process.poll() is not None:
                raise ProcessError(name, "ended before it was ready", self.log(name))
            # What this one waits for may never come when another has ended.
            self.check()
            if time.monotonic() > give_up:
                raise ProcessError(name, f"was not ready in {within_s:.0f} s", self.log(name))
            time.sleep(_POLL_S)

    def check(self) -> None:
        """Raise `ProcessError` when a process has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProcessError(name, "ended by itself", self.log(name))

    def stop(self) -> None:
        """Stop every process, the last started first; return when all are gone."""
        with _undisturbed():
            while self._running:
                _, process = self._running.popitem()
                process.terminate()
                process.wait()
            for descriptor in self._lifeline:
                os.close(descriptor)
            self._lifeline = ()

    def log(self, name: str) -> Path:
        """Where a process's output goes."""
        return self._logs / f"{name}.log"

    def said(self, name: str) -> str:
        """The end of a process's log."""
        with contextlib.suppress(OSError):
            return self.log(name).read_bytes()[-_LOG_TAIL:].decode(errors="replace")
        return ""

    def _open_log(self, name: str) -> BinaryIO:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        return os.fdopen(os.open(self.log(name), flags, 0o600), "wb")


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on, as far as can be known."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Tell whether something listens on a port of the loopback address already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


@contextlib.contextmanager
def ended_by_signal() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into `SystemExit`, so that a supervisor gets to stop what it runs.

    Ctrl-C is heard at once: asyncio's own handler would wait until what runs awaits something.
    """

    def leave(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    numbers = [signal.SIGTERM, signal.SIGHUP]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # nobody wants it ignored
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no further Ctrl-C interrupt the stopping: it has been understood by then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
