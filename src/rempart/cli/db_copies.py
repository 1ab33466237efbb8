"""`rempart db backup`, `restore`, `restored`: a copy, and how it comes to answer."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rempart.cli.desk_work import REFUSALS, Reason
from rempart.cli.output import Json, RefusedError, emit, load_settings, progress, run
from rempart.foundation.database import Database, Row
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import BadInputError, UnavailableError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.reach import MIGRATOR, Reached, reach_database
from rempart.foundation.settings import Settings
from rempart.guard import read_officer, read_reason

_OWN = (
    "this platform has a PostgreSQL of its own (REMPART_DATABASE_URL): copy and restore it with"
    " its own tools, as docs/restore.md says"
)
_REFUSALS = REFUSALS | {
    "taken_up": "nothing shows that this database was restored: it holds all that is known to have"
    " been answered (--insist, if you know better)",
}


def register(group: typer.Typer) -> None:
    """Add the commands to `rempart db`."""
    group.command("backup")(backup)
    group.command("restore")(restore)
    group.command("restored")(restored)


def backup(
    folder: Annotated[Path, typer.Argument(help="Where the copy goes; made, must not exist.")],
    as_json: Json = False,
) -> None:
    """Copy the embedded database while it runs, whole and checked: pg_basebackup.

    No key is in the copy. Keep it encrypted, elsewhere, and the keyring elsewhere again.
    """
    settings = load_settings()
    _refuse_own(settings)
    with reach_database(settings) as reached:
        progress("copying the database")
        _embedded(reached).backup(folder.absolute())
    emit({"ok": True, "folder": str(folder.absolute())}, as_json, lambda: typer.echo("copied"))


def restore(
    folder: Annotated[Path, typer.Argument(help="What `rempart db backup` made.")],
    as_json: Json = False,
) -> None:
    """Put a copy in the place of an embedded database; none may be there.

    The keyring must be back already. Nobody is answered before `rempart db restored`.
    """
    settings = load_settings()
    _refuse_own(settings)
    EmbeddedPostgres.make_base(settings.state_dir)
    keyring = FileKeyring.create(settings.keyring)
    if f"password.{MIGRATOR}" not in keyring.names():
        raise UnavailableError(
            f"the keyring {settings.keyring} does not open this copy: bring the keyring back first"
        )
    EmbeddedPostgres(settings.state_dir, keyring=keyring).restore(folder.absolute())

    def render() -> None:
        typer.echo("the copy is in place; it answers nobody until `rempart db restored`")

    emit({"ok": True}, as_json, render)


def restored(
    reason: Reason,
    by: Annotated[str, typer.Option("--by", help="Who restored it.")],
    leave_open: Annotated[
        bool,
        typer.Option(
            "--leave-open", help="Nothing was closed, held or revoked since the copy was made."
        ),
    ] = False,
    insist: Annotated[
        bool, typer.Option("--insist", help="Also when nothing shows that this is a copy.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a restored database fit to answer, and put on record that it was restored.

    Numbers jump, every budget is taken as used up, tokens and codes end, nothing is paid until
    `rempart pay resume`, and the platform is left closed (`rempart gate open --all`), since gates
    and holds of the lost days are lost, too.
    """
    plain, name = read_reason(reason), read_officer(by)
    with reach_database(load_settings()) as reached:
        noted = reached.mark.read()
        known = (0, 0) if noted is None else (noted.entry, noted.guard_at)
        row = run(_restore(reached.conninfo(MIGRATOR), plain, name, *known, insist, leave_open))
        if row["refused_because"] is not None:
            raise RefusedError(_REFUSALS.get(row["refused_because"], "this is refused"))
        reached.take_up()
    told = {key: value for key, value in row.items() if key != "refused_because"}
    emit({"ok": True, "closed": not leave_open, **told}, as_json, lambda: _show(row, leave_open))


async def _restore(conninfo: str, *told: object) -> Row:
    # Every bucket and every chain is written: as long as that takes.
    patient = {"statement_timeout": "0", "lock_timeout": "60s"}
    async with await Database.open(conninfo, max_size=1, settings=patient) as database:
        (row,) = await database.call("foundation.restore", *told)
    return row


def _show(row: Row, leave_open: bool) -> None:
    copy_at: datetime = row["copy_at"]
    typer.echo(f"entry {row['entry_no']} says that this database was restored")
    typer.echo(
        f"the copy goes to entry {row['last_entry']}, {copy_at:%Y-%m-%d %H:%M:%S %Z}; every number"
        f" after it jumped by {row['jump']}"
    )
    typer.echo(
        f"{row['buckets']} keys have used-up budgets, {row['tokens']} tokens and {row['codes']}"
        " codes are over"
    )
    typer.echo(
        "nothing is paid until the bank's files since the copy were compared (docs/restore.md):"
        " `rempart pay resume`"
    )
    if row["bank_changes"]:
        typer.echo(
            "changes of bank details that waited are cancelled, the sites must state them again: "
            + ", ".join(row["bank_changes"])
        )
    if not leave_open:
        typer.echo(
            "the platform is closed: close, hold and revoke anew what was since the copy, then"
            " `rempart gate open --all`"
        )


def _embedded(reached: Reached) -> EmbeddedPostgres:
    if reached.embedded is None:
        raise BadInputError("REMPART_DATABASE_URL", _OWN)
    return reached.embedded


def _refuse_own(settings: Settings) -> None:
    if settings.database_url is not None:
        raise RefusedError(_OWN)
