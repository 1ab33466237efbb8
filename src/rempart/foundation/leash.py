"""Runs as a program of its own: the parent of one process, which never outlives who started it.

Started by `processes` as ``python -I -S leash.py LIFELINE PATIENCE COMMAND…``, with the standard
library alone. ``LIFELINE`` is the read end of a pipe whose write end the starter holds: the kernel
closes it when the starter ends, kill -9 included, and then the process is asked to end, given
``PATIENCE`` seconds, and killed with every process that it left in its group.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType

_PR_SET_PDEATHSIG = 1


class Leash:
    """One command in a process group of its own, and what to do when it is time to go."""

    def __init__(self, lifeline: int, patience_s: int, command: list[str]) -> None:
        """Take the pipe to watch, the seconds between asking and killing, and what to run."""
        self._lifeline = lifeline
        self._patience_s = patience_s
        self._command = command
        self._told = False
        self._pid: int | None = None

    def run(self) -> int:
        """Run the command to its end; return its exit status."""
        signal.signal(signal.SIGTERM, self._tell)
        signal.signal(signal.SIGALRM, self._kill)
        # Ctrl-C and a closed terminal are the starter's to understand.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        mine = os.getpid()
        libc = ctypes.CDLL(None)

        def begin() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            if sys.platform == "linux":
                # Should this process itself be killed, its command is asked to end.
                libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
                if os.getppid() != mine:
                    os._exit(1)

        child = subprocess.Popen(self._command, start_new_session=True, preexec_fn=begin)  # noqa: PLW1509 - no thread runs yet
        self._pid = child.pid
        threading.Thread(target=self._watch, daemon=True).start()
        if self._told:
            self._ask()
        status = child.wait()
        # Workers that a killed main process left behind are in its group still.
        self._kill()
        return status if status >= 0 else 128 - status

    def _watch(self) -> None:
        while os.read(self._lifeline, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True
        if self._pid is not None:
            self._ask()

    def _ask(self) -> None:
        if self._pid is not None:
            _signal(os.kill, self._pid, signal.SIGTERM)
            signal.alarm(self._patience_s)

    def _kill(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        if self._pid is not None:
            _signal(os.killpg, self._pid, signal.SIGKILL)


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        send(pid, number)
    except (ProcessLookupError, PermissionError):
        # Gone already; macOS says PermissionError of a group whose members have all ended.
        return


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(Leash(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]).run())
