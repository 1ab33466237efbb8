"""`rempart db`: bring the database up to date, and give a demonstration's addresses away."""

from typing import Annotated

import typer

from rempart.cli import db_copies
from rempart.cli.on_hand import settings_on_hand
from rempart.cli.output import Json, RefusedError, emit, load_settings, progress, run
from rempart.foundation.errors import BadInputError, MisuseError
from rempart.foundation.reach import MIGRATOR, NOT_TAKEN_UP, Reached, reach_database

# Long enough for whoever asked for an address to use it.
_LINGER_SECONDS = 900


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="Care for the database.", no_args_is_help=True, rich_markup_mode=None)
    group.command("upgrade")(upgrade)
    group.command("url")(url)
    db_copies.register(group)
    app.add_typer(group, name="db")


def upgrade(as_json: Json = False) -> None:
    """Bring the database to this version: roles, migrations, functions, months ahead, grants.

    Makes the embedded database when there is none. Running it again changes nothing.
    """
    from rempart.database import install

    with reach_database(load_settings(), make=True) as reached:
        progress("bringing the database up to date")
        done = run(install(reached.conninfo(MIGRATOR), reached.keyring))
        refused = reached.take_up()

    def render() -> None:
        typer.echo(f"{done['migrations']} migrations applied, {done['functions']} functions placed")
        if refused is not None:
            typer.echo(NOT_TAKEN_UP)

    emit({"ok": True, "taken_up": refused is None, **done}, as_json, render)


def url(
    role: Annotated[str, typer.Option("--as", help="A role that may log in: rempart_edge, …")],
    as_json: Json = False,
) -> None:
    """Print the address at which a role reaches a demonstration's database.

    Refused on any other database: an address holds the role's password. The embedded server
    stays up for 15 minutes after this, so that the address is of use.
    """
    from rempart.database.installer import LOGIN_ROLES

    if role not in {*LOGIN_ROLES, MIGRATOR}:
        raise BadInputError("--as", f"is one of {', '.join((*LOGIN_ROLES, MIGRATOR))}")
    with reach_database(settings_on_hand()) as reached:
        if not run(_is_demonstration(reached)):
            raise RefusedError(
                "this database does not carry the demonstration's mark: its addresses hold"
                " passwords and are not given away"
            )
        found = reached.url(role)
        if reached.embedded is not None:
            reached.embedded.linger(_LINGER_SECONDS)
    emit({"url": found}, as_json, lambda: typer.echo(found))


async def _is_demonstration(reached: Reached) -> bool:
    from rempart.foundation.database import Database
    from rempart.foundation.demonstration import Demonstration

    async with await Database.open(reached.conninfo("rempart_edge"), max_size=1) as database:
        try:
            return await Demonstration(database).is_marked()
        except MisuseError:
            # No such function: nothing of ours was installed here.
            return False
