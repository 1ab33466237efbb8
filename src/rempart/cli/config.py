"""`rempart config`: what the platform is set to, as it would read it."""

import typer

from rempart.cli.output import Json, emit, load_settings
from rempart.foundation.settings import TABLE


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="Look at the settings.", no_args_is_help=True, rich_markup_mode=None)
    group.command("check")(check)
    # Without this, a group of one command would lose that command's name.
    group.callback()(lambda: None)
    app.add_typer(group, name="config")


def check(as_json: Json = False) -> None:
    """Read the settings as the platform would, and print them. None of them is secret."""
    shown = load_settings().shown()
    shown["database_url"] = shown["database_url"] or "the embedded database"

    def render() -> None:
        for setting in TABLE:
            typer.echo(f"{setting.variable:<24} {shown[setting.field]}")

    emit({"ok": True, "settings": shown}, as_json, render)
