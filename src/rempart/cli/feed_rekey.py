"""`rempart feed rekey-map`: which reference a member had before, made where both keys are."""

import time
from pathlib import Path
from typing import Annotated

import typer

from rempart.cli.feed_report import Told, emit_counts, opened
from rempart.cli.output import OK, REFUSED, Json, progress
from rempart.foundation.errors import BadInputError


def rekey_map(
    *,
    source: Annotated[Path, typer.Argument(help="The CSV of the new feed.", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The map to write.", show_default=False)],
    insurer: Annotated[str, typer.Option("--insurer", help="Its AMC number.")],
    old_reference_key: Annotated[
        Path, typer.Option("--old-reference-key", help="The key of the feeds before.")
    ],
    reference_key: Annotated[
        Path, typer.Option("--reference-key", help="The key of the new feed; it may be the same.")
    ],
    delta: Annotated[bool, typer.Option("--delta", help="The CSV is a delta's.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="File for every refused line.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Write which reference had which before (at the insurer), for `feed import --rekey`.

    Two columns of hashes, which name nobody. When a line is refused, no map is written.
    """
    from rempart.foundation.clock import SystemClock
    from rempart.registry import make_rekey_map, read_key

    began = time.monotonic()
    if out.is_dir() or not out.parent.is_dir() or out.resolve() == source.resolve():
        raise BadInputError("OUT", "not a place to write the map to")
    old = read_key(old_reference_key, "--old-reference-key", insurer)
    new = read_key(reference_key, "--reference-key", insurer)
    with opened(source, "SOURCE") as file, Told(report) as told:
        done = make_rekey_map(
            file,
            out,
            insurer,
            (old, new),
            today=SystemClock().today(),
            on_problem=told.add,
            is_delta=delta,
        )
    told.end(done.refused)
    if not done.is_written:
        progress("no map was written")
    emit_counts(done.accepted, done.refused, 0, began, told.problems, as_json)
    return OK if done.is_written else REFUSED
