"""`rempart site`: who administers a site, and where it is paid, as the operator says."""

from typing import Annotated

import typer

from rempart.cli import site_bank
from rempart.cli.client import Rpps, SiteNumber, as_desk, group_of
from rempart.cli.output import Json, emit, load_settings


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Say who administers a site at the portal, and where it is paid.")
    group.command("invite")(invite)
    group.command("recover")(recover)
    site_bank.register(group)
    app.add_typer(group, name="site")


def invite(
    rpps: Rpps,
    site: SiteNumber,
    name: Annotated[str, typer.Option(help="What colleagues call this person.")],
    as_json: Json = False,
) -> None:
    """Invite a site's administrator: prints a one-time link, and a second code. Shown once.

    Hand the link over, and say the second code in person or by telephone: not by the same way.
    """
    from rempart.identity import invite_administrator

    invited = as_desk(lambda database: invite_administrator(database, rpps, site, name))
    link = f"{load_settings().public_url}/portal/enrol#{invited.codes.link}"
    shown = {"link": link, "second_code": invited.codes.second, "hours": invited.hours}

    def render() -> None:
        typer.echo(f"link         {link}")
        typer.echo(f"second code  {invited.codes.second}  (by another way than the link)")
        typer.echo(f"good for     {invited.hours} hours, once")

    emit(shown, as_json, render)


def recover(rpps: Rpps, site: SiteNumber, as_json: Json = False) -> None:
    """Let a site's only administrator come back who has lost every passkey.

    Prints a link to hand over; the second code is on a letter in the print queue
    (`rempart letter list`), to be posted to the site. Refused where another administrator can
    approve it.
    """
    from rempart.identity import recover_administrator

    settings = load_settings()
    found = as_desk(
        lambda database: recover_administrator(database, settings.letters_dir, rpps, site)
    )
    link = f"{settings.public_url}/portal/enrol#{found.link}"
    shown = {"link": link, "letter": found.letter_no, "days": found.days}

    def render() -> None:
        typer.echo(f"link      {link}")
        typer.echo(f"letter    {found.letter_no}  (rempart letter take)")
        typer.echo(f"good for  {found.days} days, once")

    emit(shown, as_json, render)
