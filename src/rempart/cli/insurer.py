"""`rempart insurer`: insurers on record, whom to write to, and codes for their software."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from rempart.cli import insurer_plan
from rempart.cli.output import Json, RefusedError, emit, load_settings
from rempart.cli.roles import as_role
from rempart.foundation.database import Database
from rempart.foundation.texts import Language
from rempart.identity import InsurerScope

_T = TypeVar("_T")

Amc = Annotated[str, typer.Argument(help="Its AMC number.", show_default=False)]
_UNKNOWN = "this platform does not host the rights of this insurer: `rempart insurer add`"


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="Say which insurers are hosted, and enrol their software.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    for command in (add, contact, code):
        group.command(command.__name__)(command)
    group.command("answer-days")(answer_days)
    insurer_plan.register(group)
    app.add_typer(group, name="insurer")


def add(
    amc: Amc,
    name: Annotated[str, typer.Option(help="As people know it.")],
    as_json: Json = False,
) -> None:
    """Host an insurer's rights, or give a hosted one another name."""
    from rempart.registry import add_insurer

    insurer_id = _as_desk(lambda desk: add_insurer(desk, amc, name))
    emit({"insurer_id": insurer_id}, as_json, lambda: typer.echo("the insurer is on record"))


def contact(
    amc: Amc,
    mail: Annotated[str, typer.Option(help="Whom to write to when a feed is refused.")],
    language: Annotated[Language, typer.Option(help="In which language.")] = Language.FRENCH,
    as_json: Json = False,
) -> None:
    """Set whom to write to at an insurer when one of its feeds is refused."""
    from rempart.intake import set_contact
    from rempart.registry import normalise_amc

    if not _as_desk(lambda desk: set_contact(desk, normalise_amc(amc), mail, language)):
        raise RefusedError(_UNKNOWN)
    emit({"language": language.value}, as_json, lambda: typer.echo("the address is on record"))


def code(
    amc: Amc,
    vendor: Annotated[str, typer.Option(help="Label of the software, or of its maker.")],
    scope: Annotated[
        InsurerScope, typer.Option("--for", help="What the software is to do.")
    ] = InsurerScope.FEEDS,
    hours: Annotated[int, typer.Option(min=1, max=72, help="How long the code is good.")] = 24,
    as_json: Json = False,
) -> None:
    """Issue a one-time code with which an insurer's software enrols its key. Shown once.

    The software sends this insurer's feeds (--for feeds), or answers the claims on it (--for
    claims): a key does one of the two, and asks about nobody.
    """
    from rempart.identity import DeskRefusal, issue_insurer_code
    from rempart.registry import normalise_amc

    lives = timedelta(hours=hours)
    issued = _as_desk(
        lambda desk: issue_insurer_code(desk, normalise_amc(amc), vendor, scope, lives)
    )
    if isinstance(issued, DeskRefusal):
        unknown = issued.because == "insurer_unknown"
        raise RefusedError(_UNKNOWN if unknown else "this code cannot be issued")
    shown = {"code": issued.code, "expires_at": issued.expires_at.isoformat()}

    def render() -> None:
        typer.echo(f"code     {issued.code}")
        typer.echo(f"good to  {shown['expires_at']}, once")

    emit(shown, as_json, render)


def answer_days(
    amc: Amc,
    days: Annotated[int, typer.Argument(min=1, max=90, help="After the claim's own day.")],
    as_json: Json = False,
) -> None:
    """State for how many days an insurer may answer a claim; then its silence is acceptance.

    Without this it is 15. Claims already taken keep the delay that they were taken under.
    """
    from rempart.registry import set_answer_days

    if not _as_desk(lambda desk: set_answer_days(desk, amc, days)):
        raise RefusedError(_UNKNOWN)
    emit({"days": days}, as_json, lambda: typer.echo(f"{days} days"))


def _as_desk(work: Callable[[Database], Awaitable[_T]]) -> _T:
    return as_role("rempart_desk", load_settings(), work)
