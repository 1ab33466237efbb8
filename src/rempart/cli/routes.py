"""`rempart routes`: the whole URL table, with who may call each address."""

import os

import typer

from rempart.cli.output import Json, emit
from rempart.foundation.texts import from_environment, texts


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("routes")(routes)


def routes(as_json: Json = False) -> None:
    """List every address: method, path, who may call it, and which process answers."""
    from rempart.routes import TABLE

    say = texts(from_environment(os.environ))
    rows = [
        {
            "method": row.method,
            "path": row.path,
            "who_may": row.guarded.who,
            "process": row.process,
        }
        for row in TABLE
    ]

    def render() -> None:
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        # Below its path, so that both stand whole in 80 columns.
        for name in ("method", "path", "process"):
            below = f"\n[not bold dim]{say('listing.who')}[/]" if name == "path" else ""
            table.add_column(say(f"listing.{name}") + below)
        for row in rows:
            who = say(f"who.{row['who_may']}")
            table.add_row(row["method"], f"{row['path']}\n[dim]{who}[/]", row["process"])
        Console().print(table)

    emit({"routes": rows}, as_json, render)
