"""`rempart card`: secrets for cards, made on the insurer's premises, and the printer's file."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rempart.cli.feed_report import Told, opened
from rempart.cli.output import OK, REFUSED, Json, emit, progress
from rempart.foundation.errors import BadInputError

if TYPE_CHECKING:
    from rempart.registry import Series

Source = Annotated[Path, typer.Argument(help="The insurer's CSV.", show_default=False)]
Out = Annotated[
    Path,
    typer.Argument(help="The CSV with secrets; it may be SOURCE itself.", show_default=False),
]
Insurer = Annotated[str, typer.Option("--insurer", help="Its AMC number.")]
Printer = Annotated[Path, typer.Option("--printer", help="File of the cards to print.")]
Report = Annotated[Path | None, typer.Option("--report", help="File for every refused line.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="Make the secrets of members' cards.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("issue")(issue)
    group.command("reissue")(reissue)
    app.add_typer(group, name="card")


def issue(
    source: Source,
    out: Out,
    *,
    insurer: Insurer,
    series: Annotated[str, typer.Option("--series", help="Label of this batch of cards.")],
    printer: Printer,
    report: Report = None,
    as_json: Json = False,
) -> int:
    """Give every member who has none a card secret (at the insurer).

    OUT is the source with secrets, for `feed prepare`; --printer gets the cards of the series.
    The same again changes nothing. When a line is refused, nothing is written.
    """
    from rempart.registry import Series

    return _issued(source, out, printer, insurer, Series(series), report, as_json)


def reissue(
    source: Source,
    out: Out,
    *,
    insurer: Insurer,
    series: Annotated[str, typer.Option("--series", help="Label of the batch that leaked.")],
    new_series: Annotated[str, typer.Option("--new-series", help="Label of the cards made now.")],
    printer: Printer,
    report: Report = None,
    as_json: Json = False,
) -> int:
    """Give every card of a series that leaked a new secret (at the insurer).

    The old secrets stop working when a feed of OUT is in force. The same again changes nothing.
    """
    from rempart.registry import Series

    return _issued(source, out, printer, insurer, Series(new_series, series), report, as_json)


def _issued(
    source: Path,
    out: Path,
    printer: Path,
    insurer: str,
    series: "Series",
    report: Path | None,
    as_json: bool,
) -> int:
    from rempart.foundation.clock import SystemClock
    from rempart.registry import issue_cards

    began = time.monotonic()
    for path, name in ((out, "OUT"), (printer, "--printer")):
        if path.is_dir() or not path.parent.is_dir():
            raise BadInputError(name, "not a place to write to")
    if printer.resolve() in {source.resolve(), out.resolve()}:
        raise BadInputError("--printer", "the file of the source")
    with opened(source, "SOURCE") as file, Told(report) as told:
        today = SystemClock().today()
        try:
            done = issue_cards(
                file, out, printer, insurer, series, today=today, on_problem=told.add
            )
        except OSError as error:
            reason = f"or --printer cannot be written: {error.strerror}; then run it again"
            raise BadInputError("OUT", reason) from None
    told.end(done.refused)
    if not done.is_written:
        progress(("" if done.refused else "no card is of this series: ") + "nothing was written")
    figures = {
        "cards": done.cards,
        "drawn": done.drawn,
        "refused": done.refused,
        "seconds": round(time.monotonic() - began, 3),
    }
    render = "  ".join(f"{name} {value}" for name, value in figures.items())
    emit(figures | {"problems": told.problems}, as_json, lambda: typer.echo(render))
    return OK if done.is_written else REFUSED
