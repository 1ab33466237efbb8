"""`rempart client`: who may ask (operator's side), and enrolling a key (software's side)."""

import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from rempart.cli.output import Json, RefusedError, emit, load_settings
from rempart.cli.roles import as_role
from rempart.foundation.database import Database
from rempart.identity import DeskRefusal, Installation

_T = TypeVar("_T")

_REFUSALS: Final = {
    "professional_not_valid": "this is no RPPS number",
    "profession_unknown": "this profession is not known: docs/access.md lists those that are",
    "profession_differs": "this professional is on record with another profession",
    "site_not_valid": "this is no FINESS or AM number, or the label is too long",
    "professional_unknown": "this professional is not on record: `rempart client professional add`",
    "site_unknown": "this site is not on record: `rempart client site add`",
    "account_unknown": "no open account there: `rempart client account open`",
    "installation_unknown": "no live installation has this name",
    "name_not_valid": "a name has 1 to 80 characters",
    "has_a_passkey": "this person has a passkey already: `rempart site recover` when it is lost",
    "ask_the_administrator": "the site has another administrator, who approves it at the portal",
    "code_not_valid": "this code cannot be issued: vendor of 1 to 80 characters, 1 to 72 hours",
}

Rpps = Annotated[str, typer.Argument(help="RPPS number: 11 digits.", show_default=False)]
SiteNumber = Annotated[
    str, typer.Option("--site", help="FINESS or AM number of the site: 9 characters.")
]
ClientId = Annotated[
    str, typer.Argument(help="What enrolment answered: inst_…", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Say who may ask, and enrol a software.")
    site = group_of("Places of practice.")
    site.command("add")(add_site)
    site.callback()(lambda: None)
    professional = group_of("Health professionals.")
    professional.command("add")(add_professional)
    professional.callback()(lambda: None)
    account = group_of("A professional at a site.")
    account.command("open")(open_account)
    account.command("close")(close_account)
    account.command("link")(link_account)
    group.add_typer(site, name="site")
    group.add_typer(professional, name="professional")
    group.add_typer(account, name="account")
    group.command("code")(issue_code)
    group.command("list")(list_)
    group.command("revoke")(revoke)
    group.command("enrol")(enrol)
    app.add_typer(group, name="client")


def add_site(
    identifier: Annotated[str, typer.Argument(help="FINESS or AM number.", show_default=False)],
    label: Annotated[str, typer.Option(help="Name of the place.")],
    as_json: Json = False,
) -> None:
    """Add a site. The same one again changes nothing."""
    from rempart.identity import add_site as add

    site_id = as_desk(lambda database: add(database, identifier, label))
    emit({"site_id": site_id}, as_json, lambda: typer.echo("the site is on record"))


def add_professional(
    rpps: Rpps,
    profession: Annotated[str, typer.Option(help="French code: pharmacien, medecin, …")],
    as_json: Json = False,
) -> None:
    """Add a professional. The same one again changes nothing."""
    from rempart.identity import add_professional as add

    professional_id = as_desk(lambda database: add(database, rpps, profession))
    emit(
        {"professional_id": professional_id},
        as_json,
        lambda: typer.echo("the professional is on record"),
    )


def open_account(rpps: Rpps, site: SiteNumber, as_json: Json = False) -> None:
    """Open the account of a professional at a site, with the caps of the profession."""
    from rempart.identity import open_account as open_it

    account = as_desk(lambda database: open_it(database, rpps, site))
    shown = {
        "account_id": account.account_id,
        "professional_id": account.professional_id,
        "site_id": account.site_id,
        "profession": account.profession,
    }
    emit(shown, as_json, lambda: typer.echo("the account is open"))


def close_account(rpps: Rpps, site: SiteNumber, as_json: Json = False) -> None:
    """Close the account of a professional who leaves; every software there is unlinked from it."""
    from rempart.identity import close_account as close

    account_id = as_desk(lambda database: close(database, rpps, site))
    emit({"account_id": account_id}, as_json, lambda: typer.echo("the account is closed"))


def link_account(
    rpps: Rpps,
    client_id: Annotated[str, typer.Option("--client", help="The installation: inst_…")],
    as_json: Json = False,
) -> None:
    """Let an installation speak for one more open account of its own site."""
    from rempart.identity import link_account as link

    account_id = as_desk(lambda database: link(database, client_id, rpps))
    emit({"account_id": account_id}, as_json, lambda: typer.echo("the account is linked"))


def issue_code(
    site: SiteNumber,
    professionals: Annotated[
        list[str], typer.Option("--professional", help="RPPS number; may repeat.")
    ],
    vendor: Annotated[str, typer.Option(help="Label of the software's maker.")],
    hours: Annotated[int, typer.Option(min=1, max=72, help="How long the code is good.")] = 24,
    as_json: Json = False,
) -> None:
    """Issue a one-time code with which a software at a site enrols its key. Shown once."""
    from rempart.identity import issue_code as issue

    issued = as_desk(
        lambda database: issue(database, site, professionals, vendor, timedelta(hours=hours))
    )
    shown = {"code": issued.code, "expires_at": issued.expires_at.isoformat()}

    def render() -> None:
        typer.echo(f"code     {issued.code}")
        typer.echo(f"good to  {shown['expires_at']}, once")

    emit(shown, as_json, render)


def list_(as_json: Json = False) -> None:
    """List the installations: site, label, id, since, last used, revoked."""
    from rempart.identity import list_installations

    found: list[Installation] = as_desk(list_installations)

    def render() -> None:
        for one in found:
            used = "never used" if one.last_used is None else f"last used {_short(one.last_used)}"
            if one.revoked_at is not None:
                used += f", revoked {_short(one.revoked_at)}"
            place = (
                f"insurer {one.insurer} ({one.scope})" if one.insurer else f"{one.site} {one.label}"
            )
            typer.echo(f"{one.client_id}  {place}")
            typer.echo(
                f"      {one.vendor}, accounts: {one.accounts}, since {_short(one.since)}, {used}"
            )
        if not found:
            typer.echo("no software is enrolled")

    emit({"installations": found}, as_json, render)


def revoke(client_id: ClientId, as_json: Json = False) -> None:
    """Revoke an installation for ever, tokens included. What it was answered stays on record."""
    from rempart.identity import revoke_installation

    revoked_at = as_desk(lambda database: revoke_installation(database, client_id))
    emit(
        {"client_id": client_id, "revoked_at": revoked_at.isoformat()},
        as_json,
        lambda: typer.echo("the installation is revoked"),
    )


def enrol(
    code: Annotated[str, typer.Option(help="The one-time code; - reads it from standard input.")],
    url: Annotated[str, typer.Option(help="Address of sign-in, as its operator publishes it.")],
    key: Annotated[Path, typer.Option(help="Where the key is kept: a new file.")],
    as_json: Json = False,
) -> None:
    """Make a key here, enrol it with a one-time code, and keep it in a file of mode 0600.

    The private key never leaves this machine. Needs neither database nor keyring.
    """
    from rempart.cli.enrolling import enrol_key

    typed = sys.stdin.readline().strip() if code == "-" else code
    enrolled = enrol_key(typed, url.rstrip("/"), key)
    whose = {"insurer": enrolled.insurer} if enrolled.insurer else {"site": enrolled.site}
    shown = {"client_id": enrolled.client_id, **whose, "key": str(key)}

    def render() -> None:
        ((kind, number),) = whose.items()
        typer.echo(f"enrolled as {enrolled.client_id} at {kind} {number}")
        typer.echo(f"the key is in {key}: keep it, and keep it to yourself")

    emit(shown, as_json, render)


def as_desk(work: Callable[[Database], Awaitable[_T | DeskRefusal]]) -> _T:
    """Do the desk's work as role rempart_desk; a refusal ends the command."""
    outcome = as_role("rempart_desk", load_settings(), work)
    if isinstance(outcome, DeskRefusal):
        raise RefusedError(_REFUSALS[outcome.because])
    return outcome


def _short(instant: datetime) -> str:
    return instant.astimezone().isoformat(sep=" ", timespec="seconds")


def group_of(about: str) -> typer.Typer:
    return typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None)
