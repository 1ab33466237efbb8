"""Work of the payment in processes of its own, each killed at a step of its work."""

import subprocess
import sys
from pathlib import Path

from tests.support.asking import Site
from tests.support.paying import Desk

CHILD = Path(__file__).parents[1] / "billing" / "pay_process.py"


class Runs:
    """A process that forks one payment run after another, each to be killed at a step of its."""

    def __init__(self, site: Site, desk: Desk, role: str = "rempart_jobs") -> None:
        words = [site.db.dsn(role), desk.keyring.path, desk.payer, desk.folder]
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD), *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, step: int, message: str = "-") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{step} {message}\n")
        self._process.stdin.flush()

    def ended(self) -> tuple[int, int]:
        """How the run ended, and how many steps it took."""
        assert self._process.stdout is not None
        code, _, seen = self._process.stdout.readline().partition(" ")
        return int(code), int(seen)

    def killed(self, step: int, message: str = "-") -> None:
        self.begin(step, message)
        assert self.ended()[0] == -9

    def close(self) -> None:
        self._process.communicate(timeout=60)
