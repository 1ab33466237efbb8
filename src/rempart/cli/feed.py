"""`rempart feed`: covers, hashed on the insurer's premises and put in force on the platform."""

import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from rempart.cli.feed_end import end, ending_share
from rempart.cli.feed_intake import check, import_
from rempart.cli.feed_rekey import rekey_map
from rempart.cli.feed_report import Told, emit_counts, opened
from rempart.cli.feed_send import report, send
from rempart.cli.feed_waiting import go_ahead, waiting
from rempart.cli.output import (
    DOES_NOT_HOLD,
    OK,
    REFUSED,
    Json,
    RefusedError,
    emit,
    load_settings,
    progress,
)
from rempart.foundation.errors import BadInputError

Insurer = Annotated[str, typer.Option("--insurer", help="Its AMC number.")]
FeedKey = Annotated[Path, typer.Option("--feed-key", help="File of the key that both sides know.")]
ReferenceKey = Annotated[
    Path, typer.Option("--reference-key", help="File of the key that never leaves the insurer.")
]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="Bring an insurer's covers in.", no_args_is_help=True, rich_markup_mode=None
    )
    for command in (keys, prepare, check, trust):
        group.command(command.__name__)(command)
    group.command("import")(import_)
    group.command("resolve")(resolve)
    group.command("rekey-map")(rekey_map)
    group.command("send")(send)
    group.command("report")(report)
    group.command("waiting")(waiting)
    group.command("go-ahead")(go_ahead)
    group.command("end")(end)
    group.command("ending-share")(ending_share)
    app.add_typer(group, name="feed")


def keys(
    insurer: Insurer,
    out: Annotated[Path, typer.Option("--out", help="Folder for the two files.")],
    as_json: Json = False,
) -> None:
    """Make an insurer's feed key and reference key (at the insurer)."""
    from rempart.registry import make_keys

    feed, reference = make_keys(insurer, out)

    def render() -> None:
        typer.echo(f"feed key       {feed}   give it to the platform, by a safe way")
        typer.echo(f"reference key  {reference}   never leaves; without it no reference resolves")

    emit({"feed_key": str(feed), "reference_key": str(reference)}, as_json, render)


def trust(insurer: Insurer, feed_key: FeedKey, as_json: Json = False) -> None:
    """Keep an insurer's feed key in the platform's keyring (at the platform)."""
    from rempart.foundation.keyring import FileKeyring, KeyExistsError
    from rempart.registry import feed_key_name, read_key

    name = feed_key_name(insurer)
    key = read_key(feed_key, "--feed-key", insurer)
    try:
        FileKeyring.open(load_settings().keyring).put(name, key)
    except KeyExistsError:
        raise RefusedError("the keyring holds a feed key of this insurer already") from None
    emit({"key": name}, as_json, lambda: typer.echo(f"the keyring holds {name}"))


def prepare(  # noqa: PLR0913 - one option each
    *,
    source: Annotated[Path, typer.Argument(help="The insurer's CSV.", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The feed to write.", show_default=False)],
    insurer: Insurer,
    feed_key: FeedKey,
    reference_key: ReferenceKey,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave refused lines out and go on.")
    ] = False,
    delta: Annotated[
        bool, typer.Option("--delta", help="The CSV has an `action`: put or end, by person.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="File for every refused line.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Hash a CSV of covers (at the insurer): nothing that names anybody is in the feed.

    When a line is refused no feed is written and the exit code is 3, unless --skip-bad.
    """
    from rempart.registry import prepare_feed, read_keys

    began = time.monotonic()
    if out.is_dir() or not out.parent.is_dir() or out.resolve() == source.resolve():
        raise BadInputError("OUT", "not a place to write the feed to")
    keys_read = read_keys(feed_key, reference_key, insurer)
    with opened(source, "SOURCE") as file, Told(report) as told:
        done = prepare_feed(
            file,
            out,
            insurer,
            keys_read,
            today=_today(),
            on_problem=told.add,
            skip_bad=skip_bad,
            is_delta=delta,
        )
    told.end(done.refused)
    if not done.is_written:
        progress(("" if done.accepted else "no cover is left: ") + "no feed was written")
    emit_counts(done.accepted, done.refused, 0, began, told.problems, as_json)
    return OK if done.is_written else REFUSED


def resolve(
    reference: Annotated[str, typer.Argument(help="32 hex digits.", show_default=False)],
    source: Annotated[Path, typer.Option("--source", help="The insurer's CSV.")],
    reference_key: ReferenceKey,
    insurer: Insurer,
    as_json: Json = False,
) -> int:
    """Find the insurer's own record behind a reference (at the insurer).

    A reference of a time before goes with the reference key of that time.
    """
    from rempart.registry import (
        SourceLine,
        former_reference_of,
        read_key,
        read_source,
        reference_of,
    )

    try:
        wanted = bytes.fromhex(reference)
    except ValueError:
        wanted = b""
    if len(wanted) != 16:
        raise BadInputError("REFERENCE", "32 hex digits are due")
    key = read_key(reference_key, "--reference-key", insurer)
    with opened(source, "SOURCE") as file:
        records = [
            {name: str(getattr(one, name)) for name in _RECORD} | {"line": one.line}
            for one in read_source(file, _today())
            if isinstance(one, SourceLine)
            and wanted in {reference_of(key, insurer, one), former_reference_of(key, insurer, one)}
        ]

    def render() -> None:
        for record in records:
            typer.echo("  ".join(f"{name} {record[name]}" for name in ("line", *_RECORD)))

    emit({"records": records}, as_json, render)
    if not records:
        progress("no line of this source has that reference under this key")
    return OK if records else DOES_NOT_HOLD


_RECORD = (
    "member_number",
    "birth_date",
    "birth_rank",
    "plan",
    "valid_from",
    "valid_to",
    "cover_rank",
)


def _today() -> date:
    from rempart.foundation.clock import SystemClock

    return SystemClock().today()
