"""What `rempart feed` says of a feed: figures, and why lines are refused, never their values."""

import csv
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, TextIO

import typer

from rempart.cli.output import REFUSED, emit, progress
from rempart.foundation.errors import BadInputError

if TYPE_CHECKING:
    from rempart.cli.feed_sender import FeedLine
    from rempart.registry import FeedProblem

_SHOWN = 20
_TOLD = 100


class Told:
    """Problems as they come: the first ones said at once, some kept for JSON, all in the report."""

    def __init__(self, report: Path | None) -> None:
        """Take where the report goes, if anywhere."""
        self.problems: list[FeedProblem] = []
        self._path = report
        self._report: TextIO | None = None

    def __enter__(self) -> Self:
        """Begin the report, for its owner alone."""
        if self._path is not None:
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
                self._report = os.fdopen(os.open(self._path, flags, 0o600), "w", encoding="utf-8")
            except OSError as error:
                raise BadInputError("--report", f"cannot be written: {error.strerror}") from None
            self._report.write("line,column,reason\n")
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        if self._report is not None:
            self._report.close()

    def add(self, problem: "FeedProblem") -> None:
        """Take one refused line."""
        if len(self.problems) < _SHOWN:
            progress(str(problem))
        if len(self.problems) < _TOLD:
            self.problems.append(problem)
        if self._report is not None:
            csv.writer(self._report).writerow((problem.line, problem.column, problem.reason))

    def end(self, count: int) -> None:
        """Say how many more there were than were said."""
        if count > _SHOWN:
            progress(f"and {count - _SHOWN} more lines")


def emit_refused(problem: "FeedProblem", began: float, as_json: bool) -> int:
    """Say why a whole feed is refused; return the exit code."""
    progress(str(problem))
    progress("nothing was changed")
    emit_counts(0, 1, 0, began, [problem], as_json)
    return REFUSED


def emit_counts(
    accepted: int,
    refused: int,
    ended: int,
    began: float,
    problems: "Sequence[FeedProblem | FeedLine]",
    as_json: bool,
    more: Mapping[str, int | str | None] | None = None,
) -> None:
    """Print the figures that every feed command has, and the first problems in JSON."""
    figures = {
        "accepted": accepted,
        "refused": refused,
        "ended": ended,
        "seconds": round(time.monotonic() - began, 3),
        "peak_mb": _peak_mb(),
        **(more or {}),
    }

    def render() -> None:
        told = {name: value for name, value in figures.items() if value is not None}
        typer.echo("  ".join(f"{name} {value}" for name, value in told.items()))

    emit(figures | {"problems": problems}, as_json, render)


def _peak_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)


@contextmanager
def opened(path: Path, field: str) -> Iterator[BinaryIO]:
    """Open a file that was named on the command line. Raises `BadInputError`."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInputError(field, f"cannot be read: {error.strerror}") from None
    with file:
        yield file
