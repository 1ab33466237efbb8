"""`rempart site bank`: where a site is paid. It goes in, and only its last four come out."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

import typer

from rempart.billing import BankDetail, BankRefusal
from rempart.cli.client import group_of
from rempart.cli.days import minute_of
from rempart.cli.output import Json, RefusedError, emit, load_settings, run
from rempart.foundation.database import Database
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.reach import reach_database

_T = TypeVar("_T")

_REFUSALS: Final = {
    "site_unknown": "this site is not on record: `rempart client site add`",
    "change_waits": "a change waits already: `rempart site bank cancel` first",
    "nothing_waits": "no change of this site's bank detail waits",
}

SiteNumber = Annotated[str, typer.Argument(help="FINESS or AM number.", show_default=False)]


def register(group: typer.Typer) -> None:
    """Add the group below `rempart site`."""
    bank = group_of("Say where a site is paid. An IBAN is never shown again.")
    bank.command("set")(set_)
    bank.command("cancel")(cancel)
    bank.command("show")(show)
    group.add_typer(bank, name="bank")


def set_(site: SiteNumber, as_json: Json = False) -> None:
    """State a site's IBAN; it is read from the terminal, or from standard input.

    The first is in force at once. A change waits 72 hours, is shown to the site's administrators,
    and can be cancelled; until then the old one is paid.
    """
    from rempart.billing import read_iban, set_bank
    from rempart.identity import read_site

    known = read_site(site)
    plain = read_iban(_typed())
    since = _as_desk(lambda desk, keyring: set_bank(desk, keyring, known, plain))
    told = {"last_four": plain[-4:], "effective_at": since.isoformat()}
    emit(told, as_json, lambda: typer.echo(f"…{plain[-4:]} is paid from {minute_of(since)}"))


def cancel(site: SiteNumber, as_json: Json = False) -> None:
    """Cancel a change that waits; the old bank detail goes on being paid."""
    from rempart.billing import cancel_bank

    last_four = _as_desk(lambda desk, _: cancel_bank(desk, site))
    emit({"last_four": last_four}, as_json, lambda: typer.echo(f"…{last_four} is cancelled"))


def show(site: SiteNumber, as_json: Json = False) -> None:
    """Show the bank details that a site has had: their last four characters, newest first."""
    from rempart.billing import list_bank

    found: list[BankDetail] = _as_desk(lambda desk, _: list_bank(desk, site))

    def render() -> None:
        for one in found:
            typer.echo(f"…{one.last_four}  {one.state:9}  from {one.effective_at.isoformat()}")
        if not found:
            typer.echo("none: this site cannot be paid")

    emit({"bank_details": found}, as_json, render)


def _typed() -> str:
    # Never an argument: those stand in the list of processes, and in a shell's history.
    if sys.stdin.isatty():
        return str(typer.prompt("IBAN", hide_input=True))
    return sys.stdin.readline().strip()


def _as_desk(work: Callable[[Database, FileKeyring], Awaitable[_T | BankRefusal]]) -> _T:
    with reach_database(load_settings()) as reached:

        async def done() -> _T | BankRefusal:
            conninfo = reached.conninfo("rempart_desk")
            async with await Database.open(
                conninfo, max_size=1, application_name="rempart-desk"
            ) as database:
                return await work(database, reached.keyring)

        outcome = run(done())
    if isinstance(outcome, BankRefusal):
        raise RefusedError(_REFUSALS[outcome])
    return outcome
