"""`rempart quote`: has lines agreed to, over HTTP, as a software does."""

import os
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from rempart.cli.ask import card_of, find_server, installation_of, keep_answer, question_of
from rempart.cli.insurer_plan import euros, lines_of
from rempart.cli.output import OK, REFUSED, WRONG_USAGE, Json, emit
from rempart.cli.refused import show_refusal, told_refusal
from rempart.foundation.errors import UnavailableError
from rempart.foundation.texts import Texts, from_environment, texts

if TYPE_CHECKING:
    from rempart.billing import Line
    from rempart.simulation.sample_cards import SampleCard
    from rempart.simulation.software import Reply

_KEYS: Final = (
    "outcome", "rate_bp", "amount_cents", "ceiling_cents", "engagement", "expires_on", "lines",
    "receipt",
)  # fmt: skip
_WRITTEN_WRONG: Final = (400, 413, 415, 422)
_GLASSES: Final = ("MONTURE:1:14000:5:3", "VERRE:2:26000:10:6")
"""A frame and two lenses: what an optician quotes most."""


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("quote")(quote)


def quote(  # noqa: PLR0913 - one option each
    *,
    line: Annotated[
        list[str] | None,
        typer.Argument(help="CATEGORY:QUANTITY:PRICE:BASE:OBLIGATORY, in cents; may repeat."),
    ] = None,
    insurer: Annotated[str | None, typer.Option(help="AMC number, as on the card.")] = None,
    member: Annotated[str | None, typer.Option(help="Member number, as on the card.")] = None,
    born: Annotated[str | None, typer.Option(help="Birth date, yyyy-mm-dd.")] = None,
    rank: Annotated[int, typer.Option(help="Birth rank; 2 for the second twin.")] = 1,
    domain: Annotated[str | None, typer.Option(help="OPTI, AUDI, DEPR, HOSP, …")] = None,
    on: Annotated[str | None, typer.Option(help="Care date, yyyy-mm-dd; today by default.")] = None,
    who: Annotated[
        str | None, typer.Option("--as", help="pharmacy, optician, doctor, clinic, …")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Another address of the edge.")] = None,
    reference: Annotated[str | None, typer.Option(help="A reference of one's own.")] = None,
    scan: Annotated[str | None, typer.Option(help="The secret of the card's code.")] = None,
    replaces: Annotated[str | None, typer.Option(help="A number that this amends.")] = None,
    keep: Annotated[Path | None, typer.Option(help="File for question and answer.")] = None,
    as_json: Json = False,
) -> int:
    """Ask what lines come to; without a card and lines, glasses for one of `rempart demo cards`.

    Needs a server that `make run` keeps up. Exit 0 for any answer, 3 for a refusal.
    """
    from rempart.simulation.software import Software

    lines = lines_of(line or _GLASSES)
    state_dir, addresses = find_server(url)
    is_given = insurer or member or born
    card = card_of(insurer, member, born, rank, scan) if is_given else _glasses(state_dir)
    card = replace(card, domain=domain or ("OPTI" if is_given else card.domain))
    installation = installation_of(state_dir, who, card.domain)
    question = question_of(card, installation, on, reference)
    quoted = {"lines": [asdict(one) for one in lines], "replaces": replaces}
    with Software(installation.key, addresses) as software:
        reply, body = software.quote(question, quoted)
    if keep and reply.outcome:
        keep_answer(keep, body, reply, addresses)
    return _told(reply, lines, as_json)


def _glasses(state_dir: Path) -> "SampleCard":
    from rempart.cli.demo_cards import cards_of

    return next(card for card in cards_of(state_dir) if card.why == "glasses")


def _told(reply: "Reply", lines: list["Line"], as_json: bool) -> int:
    if reply.status >= 500:
        raise UnavailableError("the platform could not answer: nothing was answered")
    because = reply.refused_because
    told = {key: reply.body.get(key) if because is None else None for key in _KEYS}
    emit(
        {**told, **told_refusal(reply.body, because)},
        as_json,
        lambda: _show(told, lines) if because is None else show_refusal(reply.body, because),
    )
    if because is None:
        return OK
    return WRONG_USAGE if reply.status in _WRITTEN_WRONG else REFUSED


def _show(told: dict[str, Any], lines: list["Line"]) -> None:
    from rich.console import Console
    from rich.table import Table

    say, console = texts(from_environment(os.environ)), Console()
    key = f"outcome.{told['outcome']}"
    console.print(f"[bold]{say(f'{key}.title')}[/bold]\n{say(f'{key}.detail')}")
    if told["lines"] is not None:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for heading in ("", say("quote.line.amount"), say("quote.line.patient"), ""):
            table.add_column(heading, justify="right" if heading else "left")
        for asked, line in zip(lines, told["lines"], strict=True):
            cells = (euros(line["amount_cents"]), euros(line["patient_cents"]))
            table.add_row(f"{asked.quantity} × {asked.category}", *cells, _left(say, line))
        console.print(table)
    if told["engagement"]:
        day = date.fromisoformat(str(told["expires_on"]))
        console.print(f"{say('quote.number')}  [bold]{told['engagement']}[/bold]")
        console.print(f"{say('quote.expires')}  {day:%d/%m/%Y}")


def _left(say: Texts, line: dict[str, Any]) -> str:
    """Say what is left of a frequency; nothing where the insurer does not count."""
    if line["next_from"] is not None:
        day = date.fromisoformat(line["next_from"])
        return say("quote.line.next", day=f"{day:%d/%m/%Y}")
    if line["units_left"] is not None:
        return say("quote.line.left", count=line["units_left"])
    return ""
