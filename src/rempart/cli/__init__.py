"""The `rempart` command: one file per group of commands, each on the one list below."""

import importlib
import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from rempart.cli.output import OK, fail, fail_usage

# Each is a file here whose `register(app)` adds the command of that name. The order is that of
# `rempart --help`.
COMMANDS = (
    "config",
    "db",
    "hsm",
    "turn",
    "insurer",
    "feed",
    "card",
    "client",
    "site",
    "letter",
    "gate",
    "hold",
    "officer",
    "journal",
    "ledger",
    "pay",
    "lines",
    "purge",
    "demo",
    "serve",
    "jobs",
    "ask",
    "claim",
    "quote",
    "authorization",
    "probe",
    "outcomes",
    "received",
    "routes",
)
_INTERRUPTED = 130


def command_line(only: str | None = None) -> typer.Typer:
    """Return the command line; with the name of a command, what that one needs and no more."""
    made = typer.Typer(
        name="rempart",
        help="Third-party payment that a stolen account cannot empty.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    # Else a command that is alone is taken for the whole.
    made.callback()(lambda: None)
    for name in [only] if only in COMMANDS else COMMANDS:
        importlib.import_module(f"rempart.cli.{name}").register(made)
    return made


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 does not hold, 2 usage, 3 refused, 4 unavailable."""
    sys.exit(run_line(sys.argv[1:]))


def run_line(words: list[str]) -> int:
    """Run one command line and return its exit code; nothing is raised and no value is shown."""
    as_json = "--json" in words
    try:
        app = command_line(words[0] if words else None)
        done = typer.main.get_command(app).main(words, "rempart", standalone_mode=False)
    except TyperException as error:
        return fail_usage(_usage(error), as_json)
    except (typer.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing more can be said to him.
        sys.stderr.close()
        return OK
    except Exception as error:  # noqa: BLE001 - the outermost frame: what is raised here ends as one sentence
        return fail(error, as_json)
    return done if isinstance(done, int) else OK


def _usage(error: TyperException) -> str:
    """Tell what is wrong with a line, without the words that were given: they may be a person's."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return error.format_message()
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "rempart")
    option = getattr(getattr(error, "param", None), "opts", None)
    if type(error).__name__ == "MissingParameter" and option:
        return f"wrong usage: {option[-1]} is missing; see `{command} --help`"
    if option:
        return f"wrong usage: {option[-1]} cannot be understood; see `{command} --help`"
    return f"wrong usage: see `{command} --help`"
