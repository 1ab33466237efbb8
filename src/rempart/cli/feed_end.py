"""`rempart feed end`: one member is no longer covered, in seconds, on either side."""

import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rempart.cli.feed_intake import intake_database
from rempart.cli.feed_report import emit_counts, emit_refused
from rempart.cli.output import OK, Json, RefusedError, emit, load_settings, run
from rempart.foundation.errors import BadInputError

if TYPE_CHECKING:
    from rempart.registry import FeedProblem


def end(  # noqa: PLR0913 - one option each
    *,
    insurer: Annotated[str, typer.Option("--insurer", help="Its AMC number.")],
    reference: Annotated[
        str | None, typer.Argument(help="At the platform: 32 hex digits.", show_default=False)
    ] = None,
    last_day: Annotated[
        str | None, typer.Option("--on", help="Last day covered; yesterday if not said.")
    ] = None,
    member: Annotated[str | None, typer.Option(help="At the insurer: the member number.")] = None,
    born: Annotated[str | None, typer.Option(help="Birth date, yyyy-mm-dd.")] = None,
    rank: Annotated[str, typer.Option(help="Birth rank.")] = "1",
    out: Annotated[Path | None, typer.Option("--out", help="The feed to write.")] = None,
    feed_key: Annotated[Path | None, typer.Option("--feed-key")] = None,
    reference_key: Annotated[Path | None, typer.Option("--reference-key")] = None,
    as_json: Json = False,
) -> int:
    """End one member's covers: by REFERENCE at the platform, at once.

    Or by --member, at the insurer: --out is then a feed of one line for `feed import`, and
    nothing that names anybody leaves. Guarantees given before stand.
    """
    began, day = time.monotonic(), _last_day(last_day)
    if reference is None:
        if member is None or born is None or out is None or not feed_key or not reference_key:
            due = "this, or --member, --born, --out, --feed-key and --reference-key"
            raise BadInputError("REFERENCE", due)
        who = {"member_number": member, "birth_date": born, "birth_rank": rank}
        _write(out, insurer, (feed_key, reference_key), who, day)
        emit({"out": str(out)}, as_json, lambda: typer.echo(f"{out}   import it at the platform"))
        return OK
    if member is not None:
        raise BadInputError("--member", "has no place beside a reference")
    done = run(_end(insurer, _bytes(reference), day))
    if not isinstance(done, int):
        return emit_refused(done, began, as_json)
    emit_counts(1, 0, done, began, [], as_json)
    return OK


def ending_share(
    insurer: Annotated[str, typer.Option("--insurer", help="Its AMC number.")],
    percent: Annotated[int, typer.Argument(help="0 to 100.", show_default=False)],
    as_json: Json = False,
) -> int:
    """Set which share of an insurer's covers a feed may end without --confirm (at the desk)."""
    from rempart.cli.roles import as_role
    from rempart.registry import set_ending_share

    if not as_role(
        "rempart_desk", load_settings(), lambda desk: set_ending_share(desk, insurer, percent * 100)
    ):
        raise RefusedError("this platform does not host the rights of this insurer")
    emit({"percent": percent}, as_json, lambda: typer.echo(f"{percent} %"))
    return OK


def _write(
    out: Path, insurer: str, keys: tuple[Path, Path], who: dict[str, str], day: date
) -> None:
    from rempart.foundation.clock import SystemClock
    from rempart.registry import prepare_end, read_keys

    if out.is_dir() or not out.parent.is_dir():
        raise BadInputError("--out", "not a place to write the feed to")
    prepare_end(out, insurer, read_keys(*keys, insurer), who, day, SystemClock().today())


async def _end(insurer: str, reference: bytes, day: date) -> "int | FeedProblem":
    from rempart.foundation.reach import reach_database
    from rempart.registry import end_member

    with reach_database(load_settings()) as reached:
        # It waits for the swap of a feed of that insurer, if one runs.
        async with intake_database(reached, statement_timeout="5min") as database:
            return await end_member(database, insurer, reference, day)


def _bytes(reference: str) -> bytes:
    try:
        found = bytes.fromhex(reference)
    except ValueError:
        found = b""
    if len(found) != 16:
        raise BadInputError("REFERENCE", "32 hex digits are due")
    return found


def _last_day(said: str | None) -> date:
    from datetime import timedelta

    from rempart.foundation.clock import SystemClock
    from rempart.registry import normalise_date

    if said is None:
        return SystemClock().today() - timedelta(days=1)
    return normalise_date(said, "--on")
