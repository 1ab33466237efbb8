"""`rempart feed send` and `report`: an insurer's own feeds, over HTTP."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rempart.cli.enrolling import check_address, enrol_key
from rempart.cli.feed_report import emit_counts
from rempart.cli.output import OK, REFUSED, UNAVAILABLE, Json, RefusedError, progress
from rempart.foundation.errors import BadInputError

if TYPE_CHECKING:
    from rempart.cli.feed_sender import FeedReport, FeedSender

Url = Annotated[str, typer.Option("--url", help="Address of the intake, as its operator says.")]
Key = Annotated[Path, typer.Option("--key", help="The key of the insurer's software.")]
Patience = Annotated[
    int, typer.Option("--patience", min=0, help="Seconds to go on trying while it is away.")
]


def send(  # noqa: PLR0913 - one option each
    *,
    feed: Annotated[Path, typer.Argument(help="A prepared feed.", show_default=False)],
    url: Url,
    key: Key,
    name: Annotated[
        str | None, typer.Option("--id", help="Your name for it; its content's if not said.")
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="It may end more covers than is usual.")
    ] = False,
    code: Annotated[
        str | None,
        typer.Option(help="Enrol first, with this one-time code; - reads it from standard input."),
    ] = None,
    signin: Annotated[str | None, typer.Option(help="With --code: address of sign-in.")] = None,
    patience: Patience = 600,
    part_kb: Annotated[
        int, typer.Option("--part-kb", min=1, max=4096, help="Kilobytes sent at a time.")
    ] = 2048,
    as_json: Json = False,
) -> int:
    """Send a prepared feed (at the insurer), go on where a cut left it, and wait for the report.

    Running it again is safe: the same feed has the same result. Exit code 3 when it is refused, or
    waits for --confirm.
    """
    from rempart.cli.feed_sender import default_name

    began = time.monotonic()
    if not feed.is_file():
        raise BadInputError("FEED", "is not a file")
    if code is not None:
        if signin is None:
            raise BadInputError("--signin", "is due with --code")
        enrol_key(sys.stdin.readline().strip() if code == "-" else code, signin.rstrip("/"), key)
    with _sender(url, key, patience, part_kb * 1024) as sender:
        known = name or default_name(feed)
        progress(f"sending it as {known}")
        sender.send(feed, known, _on_progress())
        found = sender.wait(known)
        if found.state == "needs_confirmation" and confirm:
            sender.confirm(known)
            found = sender.wait(known)
    return _told(found, began, as_json)


def report(
    name: Annotated[str, typer.Argument(metavar="ID", help="The feed's name.", show_default=False)],
    url: Url,
    key: Key,
    patience: Patience = 30,
    as_json: Json = False,
) -> int:
    """Read the report of a feed that was sent (at the insurer)."""
    began = time.monotonic()
    with _sender(url, key, patience, 1) as sender:
        found = sender.report(name)
    return _told(found, began, as_json)


def _sender(url: str, key: Path, patience: int, part_bytes: int) -> "FeedSender":
    from rempart.cli.feed_sender import FeedSender
    from rempart.identity import ClientKey

    address = url.rstrip("/")
    check_address(address)
    loaded = ClientKey.load(key)
    if loaded.client_id is None or loaded.signin_url is None:
        raise RefusedError("this key is not enrolled: `rempart client enrol`")
    return FeedSender(loaded, address, patience, part_bytes)


def _on_progress() -> "_Shown":
    return _Shown(sys.stderr.isatty())


class _Shown:
    """Says how far the sending is, to a person who looks."""

    def __init__(self, is_seen: bool) -> None:
        self._is_seen = is_seen

    def __call__(self, received: int, total: int) -> None:
        if self._is_seen:
            progress(f"received {received * 100 // total} %")


def _told(found: "FeedReport", began: float, as_json: bool) -> int:
    for problem in found.problems[:20]:
        progress(str(problem))
    more = {"before": found.before, "after": found.after}
    extra = {"id": found.id, "state": found.state}
    emit_counts(
        found.accepted or 0,
        found.refused or 0,
        found.ended or 0,
        began,
        found.problems,
        as_json,
        {**more, **extra},
    )
    if found.state == "needs_confirmation":
        progress("nothing was changed yet: if that is meant, send it again with --confirm")
    elif found.state == "refused":
        progress("nothing was changed")
    return {"in_force": OK, "refused": REFUSED, "needs_confirmation": REFUSED}.get(
        found.state, UNAVAILABLE
    )
