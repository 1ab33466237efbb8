"""What every command shares: one JSON object or a page for a person, and what exit codes mean."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final, TypeVar

import msgspec
import typer

from rempart.foundation.errors import BadInputError, RempartError
from rempart.foundation.settings import Settings, SettingsError

OK: Final = 0
DOES_NOT_HOLD: Final = 1
WRONG_USAGE: Final = 2
REFUSED: Final = 3
UNAVAILABLE: Final = 4

# The option that every command takes.
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

_T = TypeVar("_T")


class RefusedError(RempartError):
    """What was asked is refused. The text is one sentence, without any value."""


def emit(data: object, as_json: bool, render: Callable[[], None]) -> None:
    """Print `data` as one JSON object on standard output, or call `render`, which prints a page."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(data).decode() + "\n")
        sys.stdout.flush()
    else:
        render()


def progress(text: str) -> None:
    """Say on standard error what is going on, so that standard output stays a script's."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a command's asynchronous work: the one place where the command line enters it."""
    return asyncio.run(work)


def load_settings() -> Settings:
    """Read the settings of the environment; `SettingsError` ends a command as wrong usage."""
    return Settings.load()


def fail(error: Exception, as_json: bool) -> int:
    """Say in one sentence why a command could not do its work, and return its exit code.

    No traceback and no value: an unforeseen fault is told by its type and where it happened.
    """
    kind, code, text, field = _judged(error)
    progress(text)
    if as_json:
        told = {"kind": kind, "text": text} | ({"field": field} if field else {})
        emit({"error": told}, as_json, lambda: None)
    return code


def fail_usage(text: str, as_json: bool) -> int:
    """Say what is wrong with a command line, and return its exit code."""
    progress(text)
    if as_json:
        emit({"error": {"kind": "wrong_usage", "text": text}}, as_json, lambda: None)
    return WRONG_USAGE


def _judged(error: Exception) -> tuple[str, int, str, str | None]:
    match error:
        case BadInputError():
            return "bad_input", WRONG_USAGE, str(error), error.field
        case SettingsError():
            return "wrong_usage", WRONG_USAGE, str(error), None
        case RefusedError():
            return "refused", REFUSED, str(error), None
        case RempartError():
            return "unavailable", UNAVAILABLE, str(error), None
        case _:
            return "fault", UNAVAILABLE, _where(error), None


def _where(error: Exception) -> str:
    trace, place = error.__traceback__, "an unknown place"
    while trace is not None:
        code = trace.tb_frame.f_code
        if "/rempart/" in code.co_filename:
            file = code.co_filename.rpartition("/rempart/")[2]
            place = f"rempart/{file}:{trace.tb_lineno} ({code.co_qualname})"
        trace = trace.tb_next
    return f"an unforeseen fault ended this command: {type(error).__name__} at {place}"
