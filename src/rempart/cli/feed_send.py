"""`rempart feed send` and `report`: an insurer's own feeds, over HTTP."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rempart.cli.enrolling import enrol_key
from rempart.cli.feed_report import emit_counts
from rempart.cli.output import OK, REFUSED, UNAVAILABLE, Json, progress
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
    rekey: Annotated[
        Path | None,
        typer.Option("--rekey", help="The map of old references to new, sent with it as one."),
    ] = None,
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
    waits for --confirm or for the platform's go-ahead.
    """
    from rempart.cli.feed_sender import default_name, digest_to_send
    from rempart.intake import fingerprint_of

    began = time.monotonic()
    if not feed.is_file():
        raise BadInputError("FEED", "is not a file")
    digest = digest_to_send(feed, rekey)
    if code is not None:
        _enrol(code, signin, key)
    with _sender(url, key, patience, part_kb * 1024) as sender:
        progress(f"sending it as {(known := name or default_name(digest))}")
        sender.send(feed, known, _on_progress(), rekey)
        found = _waited(sender, known, confirm=confirm)
    return _told(found, began, as_json, fingerprint_of(digest))


def _waited(sender: "FeedSender", name: str, *, confirm: bool) -> "FeedReport":
    found = sender.wait(name)
    if found.state == "needs_confirmation" and confirm:
        sender.confirm(name)
        found = sender.wait(name)
    return found


def _enrol(code: str, signin: str | None, key: Path) -> None:
    if signin is None:
        raise BadInputError("--signin", "is due with --code")
    enrol_key(sys.stdin.readline().strip() if code == "-" else code, signin.rstrip("/"), key)


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
    from rempart.cli.intake_line import enrolled_key

    return FeedSender(*enrolled_key(url, key), patience, part_bytes)


def _on_progress() -> "_Shown":
    return _Shown(sys.stderr.isatty())


class _Shown:
    """Says how far the sending is, to a person who looks."""

    def __init__(self, is_seen: bool) -> None:
        self._is_seen = is_seen

    def __call__(self, received: int, total: int) -> None:
        if self._is_seen:
            progress(f"received {received * 100 // total} %")


def _told(found: "FeedReport", began: float, as_json: bool, fingerprint: str | None = None) -> int:
    for problem in found.problems[:20]:
        progress(str(problem))
    more: dict[str, int | str | None] = {
        name: getattr(found, name)
        for name in ("before", "after", "mapped", "renamed", "id", "state")
    }
    if fingerprint is not None:
        more["fingerprint"] = fingerprint
    emit_counts(
        found.accepted or 0,
        found.refused or 0,
        found.ended or 0,
        began,
        found.problems,
        as_json,
        more,
    )
    if found.state == "needs_confirmation":
        progress("nothing was changed yet: if that is meant, send it again with --confirm")
    elif found.state == "needs_go_ahead":
        progress("nothing was changed yet: the platform's operator must agree to new references.")
        progress("Call them, and read out the fingerprint that `feed send` shows.")
    elif found.state == "refused":
        progress("nothing was changed")
    return {
        "in_force": OK,
        "refused": REFUSED,
        "needs_confirmation": REFUSED,
        "needs_go_ahead": REFUSED,
    }.get(found.state, UNAVAILABLE)
