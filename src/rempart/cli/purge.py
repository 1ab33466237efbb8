"""`rempart purge`: erase what has ended, and show, fetch and check the certificates of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from rempart.cli.output import (
    DOES_NOT_HOLD,
    OK,
    Json,
    RefusedError,
    emit,
    load_settings,
    progress,
    run,
)
from rempart.cli.signing import write_new
from rempart.foundation.database import Database, Row
from rempart.foundation.errors import BadInputError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.reach import reach_database
from rempart.foundation.settings import Settings

if TYPE_CHECKING:
    from rempart.journal import Certificate, ReceiptSigner

_ROLE = "rempart_jobs"
_TIMEOUT_MS = "600000"
_Found = TypeVar("_Found")

Out = Annotated[
    Path | None, typer.Option(help="A new file for the certificate, its owner's alone.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Count what would go; erase nothing.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line; without a command of the group, it erases."""
    group = typer.Typer(
        help="Erase what has ended; certificates.",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    group.callback()(erase)
    group.command("list")(list_)
    group.command("certificate")(certificate)
    group.command("check")(check)
    app.add_typer(group, name="purge")


def erase(
    context: typer.Context, out: Out = None, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Erase what is past its time (docs/purge.md), and print the certificate.

    Goes on with a run that was cut off. `--dry-run` says what would go.
    """
    if context.invoked_subcommand is not None:
        return
    if dry_run:
        _foresee(as_json)
        return

    async def work(database: Database, settings: Settings, keyring: FileKeyring) -> "Certificate":
        from rempart.cli.purging import purge

        # Nothing goes that could not be certified: the key first.
        signer = _signer(keyring)
        number = await purge(database, "console", settings.purge_payload_months)
        return await _certificate(database, number, signer)

    if out is not None and out.exists():
        raise BadInputError("--out", "is there already; nothing is overwritten")
    progress("erasing what is past its time")
    _show(_as_jobs(work), out, as_json)


def list_(as_json: Json = False) -> None:
    """List the runs that erased, newest first."""

    async def work(database: Database, _settings: Settings, _keyring: FileKeyring) -> list[Row]:
        return [
            {
                "entry": row["closed_no"],
                "opening_entry": row["purge_no"],
                "author": row["author"],
                "opened_at": row["opened_at"].isoformat(),
                "erased": {part["what"]: part["erased"] for part in row["parts"]},
                "before": {part["what"]: part["before"] for part in row["parts"]},
            }
            for row in await database.call("journal.list_purges", 1000)
        ]

    found = _as_jobs(work)

    def render() -> None:
        for one in found:
            gone = "  ".join(f"{what} {count}" for what, count in one["erased"].items() if count)
            when = f"{one['entry'] or 'not finished':>12}  {one['opened_at']}"
            typer.echo(f"{when}  {gone or 'nothing was past its time'}")
        if not found:
            typer.echo("nothing was ever erased")

    emit({"purges": found}, as_json, render)


def certificate(
    number: Annotated[int, typer.Argument(help="The entry's number, as `purge list` has it.")],
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Fetch the certificate of a run again: the same entry, signed anew."""

    async def work(database: Database, _settings: Settings, keyring: FileKeyring) -> "Certificate":
        return await _certificate(database, number, _signer(keyring))

    _show(_as_jobs(work), out, as_json)


def check(
    file: Annotated[Path, typer.Argument(help="A certificate.")],
    key: Annotated[
        str | None, typer.Option("--key", help="The operator's receipt key, 64 hex digits.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Check a certificate offline: its words, its entry, and who signed it; exit 1 when not.

    Without `--key`, the key that the file holds is used: it shows that the certificate hangs
    together, not whose it is.
    """
    from rempart.journal import PurgeError, ReceiptError, check_certificate, read_certificate

    try:
        held = read_certificate(file.read_bytes())
    except OSError:
        raise BadInputError("FILE", "cannot be read") from None
    wrong = ""
    try:
        check_certificate(held, _key(key or held.signed.public_key))
    except (PurgeError, ReceiptError) as error:
        wrong = str(error)
    told = {"ok": not wrong, "entry": held.entry, "problem": wrong or None}
    emit(told, as_json, lambda: typer.echo(wrong or "it holds"))
    return DOES_NOT_HOLD if wrong else OK


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadInputError("--key", "is 64 hexadecimal digits")
    return key


def _foresee(as_json: bool) -> None:
    async def work(database: Database, settings: Settings, _keyring: FileKeyring) -> list[Row]:
        return [
            {"what": r["what"], "policy": r["policy"], "before": str(r["before"]), "due": r["due"]}
            for r in await database.call("journal.foresee_purge", settings.purge_payload_months)
        ]

    found = _as_jobs(work)

    def render() -> None:
        for one in found:
            typer.echo(
                f"{one['what']:<15} {one['due']:>10}  before {one['before']} ({one['policy']})"
            )

    emit({"dry_run": True, "due": found}, as_json, render)


def _signer(keyring: FileKeyring) -> "ReceiptSigner":
    from rempart.journal import ReceiptSigner

    return ReceiptSigner(keyring.secret("receipt"))


async def _certificate(database: Database, number: int, signer: "ReceiptSigner") -> "Certificate":
    from rempart.journal import make_certificate

    made = await make_certificate(database, number, signer)
    if made is None:
        raise RefusedError("no run that has ended has this entry: see `rempart purge list`")
    return made


def _show(made: "Certificate", out: Path | None, as_json: bool) -> None:
    if out is not None:
        write_new(out, msgspec.json.format(msgspec.json.encode(made)), "--out")

    def render() -> None:
        for one in made.erased:
            typer.echo(f"{one.what:<15} {one.erased:>10}  before {one.before} ({one.policy})")
        typer.echo(f"entry {made.entry}, leaf {made.leaf}")

    shown = {"erased": {one.what: one.erased for one in made.erased}, "certificate": made}
    emit(shown, as_json, render)


def _as_jobs(
    work: Callable[[Database, Settings, FileKeyring], Awaitable[_Found]],
) -> _Found:
    """Run work as rempart_jobs on the database of the settings."""
    settings = load_settings()
    with reach_database(settings) as reached:

        async def inside() -> _Found:
            async with await Database.open(
                reached.conninfo(_ROLE),
                max_size=1,
                application_name="rempart purge",
                settings={"statement_timeout": _TIMEOUT_MS},
            ) as database:
                return await work(database, settings, reached.keyring)

        return run(inside())
