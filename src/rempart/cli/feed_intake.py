"""`rempart feed check` and `import`: what the platform does with a prepared feed."""

import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from rempart.cli.feed_report import emit_counts, emit_refused, opened
from rempart.cli.output import OK, Json, load_settings, progress, run

if TYPE_CHECKING:
    from rempart.foundation.database import Database
    from rempart.foundation.reach import Reached
    from rempart.registry import FeedProblem, Imported, Intent, OnProgress

Prepared = Annotated[Path, typer.Argument(help="A prepared feed.", show_default=False)]
Rekey = Annotated[
    Path | None,
    typer.Option("--rekey", help="The map of old references to new, if they were made anew."),
]


def check(
    feed: Prepared,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="At the platform: stage it, and count before and after."),
    ] = False,
    rekey: Rekey = None,
    as_json: Json = False,
) -> int:
    """Read a prepared feed to its end and say whether it is whole; needs no database.

    With --dry-run, say what importing it would do; the import goes on from there.
    """
    from rempart.registry import FeedProblem, Intent, check_feed

    began = time.monotonic()
    if dry_run:
        return _taken(feed, rekey, Intent(confirm=True, only_look=True), as_json)
    with opened(feed, "FEED") as file:
        found = check_feed(file, datetime.now(UTC))
    if isinstance(found, FeedProblem):
        return emit_refused(found, began, as_json)
    emit_counts(found.count, 0, 0, began, [], as_json)
    return OK


def import_(
    feed: Prepared,
    rekey: Rekey = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="It may end more covers than is usual.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Put a prepared feed in force, whole or not at all (at the platform).

    It replaces what the insurer stated before. The blinding process must run. An import that was
    killed goes on where it was.
    """
    from rempart.registry import Intent

    return _taken(feed, rekey, Intent(confirm=confirm), as_json)


def _taken(feed: Path, rekey: Path | None, intent: "Intent", as_json: bool) -> int:
    from rempart.registry import FeedProblem

    began = time.monotonic()
    with ExitStack() as stack:
        file = stack.enter_context(opened(feed, "FEED"))
        rekey_map = stack.enter_context(opened(rekey, "--rekey")) if rekey else None
        on_progress = stack.enter_context(_progress_bar())
        done = run(_import(file, rekey_map, intent, on_progress))
    if isinstance(done, FeedProblem):
        return emit_refused(done, began, as_json)
    if done.before is None:
        progress("this very feed is in force already: nothing was changed")
    counts = {
        "before": done.before,
        "after": done.after,
        "mapped": done.mapped,
        "renamed": done.renamed,
    }
    emit_counts(done.accepted, 0, done.ended, began, [], as_json, counts)
    return OK


async def _import(
    file: BinaryIO,
    rekey_map: BinaryIO | None,
    intent: "Intent",
    on_progress: "OnProgress | None",
) -> "Imported | FeedProblem":
    from rempart.foundation.reach import reach_database
    from rempart.intake import blinding_at
    from rempart.registry import import_feed

    with reach_database(load_settings()) as reached:
        async with (
            blinding_at(load_settings().blinding_socket) as blind,
            intake_database(reached, statement_timeout="5s") as staging,
            # The swap of a million covers is one statement.
            intake_database(reached, statement_timeout="15min") as swapper,
        ):
            return await import_feed(
                staging,
                blind,
                file,
                datetime.now(UTC),
                intent=intent,
                on_progress=on_progress,
                swapper=swapper,
                rekey_map=rekey_map,
            )


@asynccontextmanager
async def intake_database(reached: "Reached", **settings: str) -> "AsyncIterator[Database]":
    """Reach the database as rempart_intake, with these settings."""
    from rempart.foundation.database import Database

    async with await Database.open(
        reached.conninfo("rempart_intake"),
        max_size=1,
        application_name="rempart feed import",
        settings=settings,
    ) as database:
        yield database


@contextmanager
def _progress_bar() -> "Iterator[OnProgress | None]":
    """Show how far the staging is, on standard error, when somebody looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("staged", total=None)
        yield lambda staged, due: bar.update(task, completed=staged, total=due)
