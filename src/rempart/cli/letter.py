"""`rempart letter`: the print queue of letters to professionals, which carry codes."""

from pathlib import Path
from typing import Annotated

import typer

from rempart.cli.client import as_desk, group_of
from rempart.cli.output import Json, RefusedError, emit, load_settings


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Print the letters that wait.")
    group.command("list")(list_waiting)
    group.command("take")(take)
    app.add_typer(group, name="letter")


def list_waiting(as_json: Json = False) -> None:
    """List the letters that wait to be printed and posted."""
    from rempart.identity import list_letters

    letters = as_desk(list_letters)
    shown = [
        {
            "letter": one.letter_no,
            "name": one.name,
            "site": one.site,
            "label": one.site_label,
            "queued_at": one.queued_at.isoformat(),
        }
        for one in letters
    ]

    def render() -> None:
        for one in shown:
            typer.echo(f"{one['letter']}  {one['name']}, {one['label']} ({one['site']})")
        if not shown:
            typer.echo("no letter waits")

    emit({"letters": shown}, as_json, render)


def take(
    letter: Annotated[str, typer.Argument(help="Its number: `rempart letter list`.")],
    to: Annotated[Path, typer.Option(help="Where the PDF goes: a new file.")],
    as_json: Json = False,
) -> None:
    """Take a letter out of the queue, once, to print it. The file has mode 0600."""
    from rempart.identity import take_letter

    folder = load_settings().letters_dir
    if not as_desk(lambda database: take_letter(database, folder, letter, to.absolute())):
        raise RefusedError("no such letter waits")
    emit({"letter": letter, "file": str(to)}, as_json, lambda: typer.echo(f"print {to}"))
