"""`rempart journal`: check that the journal holds together, and that every budget was kept."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from rempart.cli.on_hand import settings_on_hand
from rempart.cli.output import DOES_NOT_HOLD, OK, Json, emit, run
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.foundation.reach import reach_database, with_login
from rempart.journal import (
    BudgetCheck,
    LookedUp,
    Problem,
    Restore,
    Verification,
    check_budgets,
    look_up,
    verify,
)

_ROLE = "rempart_journal"

DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="Another database: host, port and name.")
]
_Found = TypeVar("_Found")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="Check the journal.", no_args_is_help=True, rich_markup_mode=None)
    group.command("verify")(verify_command)
    group.command("check-budgets")(check_budgets_command)
    group.command("check-receipt")(check_receipt_command)
    app.add_typer(group, name="journal")


def verify_command(database_url: DatabaseUrl = None, as_json: Json = False) -> int:
    """Recompute every hash of the journal; exit 1 when something does not hold."""
    found: Verification = _checked(verify, database_url)

    def render() -> None:
        goes_to = "" if found.last_entry is None else f", up to number {found.last_entry}"
        typer.echo(f"{found.entries} entries{goes_to}: {'all hold' if found.ok else 'NOT whole'}")
        for restore in found.restores:
            typer.echo(lost_by(restore))
        _list(found.problems)

    emit(found, as_json, render)
    return OK if found.ok else DOES_NOT_HOLD


def check_budgets_command(database_url: DatabaseUrl = None, as_json: Json = False) -> int:
    """Replay every charge from the entries alone; exit 1 when a bound was not kept."""
    found: BudgetCheck = _checked(check_budgets, database_url)

    def render() -> None:
        state = "every budget was kept" if found.ok else "a budget was NOT kept"
        typer.echo(f"{found.entries} entries of {found.accounts} accounts: {state}")
        if found.worst is not None:
            worst = found.worst
            typer.echo(
                f"nearest to its bound: account {worst.account}, {worst.met} first asks in"
                f" {worst.window_s:.0f} s of {worst.allowed:.1f} allowed"
            )
        _list(found.problems)

    emit(found, as_json, render)
    return OK if found.ok else DOES_NOT_HOLD


def check_receipt_command(
    file: Annotated[Path, typer.Argument(help="What `rempart ask --keep FILE` wrote.")],
    key: Annotated[
        str | None, typer.Option("--key", help="The operator's receipt key, 64 hex digits.")
    ] = None,
    on_record: Annotated[
        bool, typer.Option("--on-record", help="Look the entry up in the journal, too.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Check a kept answer offline: what was told, that it is on record, and who signed it.

    Without `--key`, the key that the file holds is used: it shows that the answer hangs together,
    not whose it is. `--on-record` is for whoever may read the journal: it says whether the entry
    is still there, and if not, which restore may have lost it.
    """
    from rempart.journal import ReceiptError
    from rempart.rights import check_held, read_held

    try:
        held = read_held(file.read_bytes())
    except OSError:
        raise BadInputError("FILE", "cannot be read") from None
    wrong, looked = "", None
    try:
        receipt = check_held(held, _receipt_key(key or held.receipt_key))
        if on_record:
            look = partial(look_up, receipt=bytes.fromhex(receipt.entry), leaf=receipt.leaf)
            looked = _checked(look, None, patient=True)
            wrong = _not_on_record(looked)
    except ReceiptError as error:
        wrong = str(error)
    # No public log yet: a receipt has no place in one, and nobody witnessed it.
    told: dict[str, object] = {
        "ok": not wrong,
        "index": None,
        "size": None,
        "witnesses": [],
        "problem": wrong or None,
    }
    if looked is not None:
        told |= {"genuine": True, "on_record": looked.on_record, "lost_by": looked.restores}
    emit(told, as_json, lambda: typer.echo(wrong or "it holds"))
    return DOES_NOT_HOLD if wrong else OK


def lost_by(restore: Restore) -> str:
    """Say which entries a restore lost, when, by whom and why."""
    first, last = restore.last_entry + 1, restore.entry - 1
    when = f"{restore.at:%Y-%m-%d %H:%M:%S} UTC (entry {restore.entry})"
    said = (
        f"entries {first} to {last}, as far as there were any, were lost by the restore of {when}"
    )
    if restore.copy_at is None:
        return f"{said}; who restored and why was erased"
    copy_at = f"{restore.copy_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{said}, from a copy of {copy_at}, by {restore.author}: {restore.reason}"


def _not_on_record(looked: LookedUp) -> str:
    """Say why a genuine receipt has no entry; empty when it has."""
    if looked.on_record:
        return ""
    if not looked.restores:
        return "the operator signed it and the journal does not hold it: the entry was removed"
    return "the operator signed it, it is not forged, and the journal no longer holds it: " + (
        "; or ".join(lost_by(restore) for restore in looked.restores)
    )


def _receipt_key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadInputError("--key", "is 64 hexadecimal digits")
    return key


def _list(problems: list[Problem]) -> None:
    for problem in problems:
        typer.echo(f"- {problem.where}: {problem.what} ({problem.kind})")


def _checked(
    check: Callable[[Database], Awaitable[_Found]],
    database_url: str | None,
    *,
    patient: bool = False,
) -> _Found:
    """Run a check as rempart_journal, on the database of the settings or of the demonstration."""
    with reach_database(settings_on_hand()) as reached:
        conninfo = reached.conninfo(_ROLE)
        if database_url is not None:
            password = reached.keyring.secret(f"password.{_ROLE}").decode()
            conninfo = with_login(database_url, _ROLE, password)

        async def work() -> _Found:
            settings = {"statement_timeout": "0"} if patient else None
            async with await Database.open(
                conninfo, max_size=1, application_name="rempart journal", settings=settings
            ) as database:
                return await check(database)

        return run(work())
