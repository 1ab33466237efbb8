"""`rempart gate`: close a scope for everybody at once, open it again, and list what is closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer

from rempart.cli.desk_work import Reason, as_desk, measured, read_instant, show_effect
from rempart.cli.output import DOES_NOT_HOLD, OK, Json, emit
from rempart.foundation.errors import BadInputError
from rempart.guard import Closed, Scope, close_gate, list_gates, open_gate

By = Annotated[str, typer.Option(help="The officer who decides.")]
Account = Annotated[str | None, typer.Option(help="One account: RPPS@SITE.")]
Professional = Annotated[str | None, typer.Option(help="A professional everywhere: RPPS number.")]
Site = Annotated[str | None, typer.Option(help="Everybody at a site: FINESS or AM number.")]
Client = Annotated[str | None, typer.Option(help="One installation of a software: inst_…")]
Insurer = Annotated[str | None, typer.Option(help="An insurer, for everybody: AMC number.")]
Channel = Annotated[str | None, typer.Option(help="A way in: software.")]
Grade = Annotated[str | None, typer.Option(help="A grade of evidence: typed, scan or exception.")]
All = Annotated[bool, typer.Option("--all", help="The whole platform.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="Close and open scopes.", no_args_is_help=True, rich_markup_mode=None)
    group.command("close")(close)
    group.command("open")(open_)
    group.command("list")(list_)
    app.add_typer(group, name="gate")


def close(  # noqa: PLR0913 - one option each
    *,
    reason: Reason,
    by: By,
    account: Account = None,
    professional: Professional = None,
    site: Site = None,
    client: Client = None,
    insurer: Insurer = None,
    channel: Channel = None,
    grade: Grade = None,
    everything: All = False,
    until: Annotated[str | None, typer.Option(help="When it opens by itself.")] = None,
    as_json: Json = False,
) -> int:
    """Close one scope: its questions get `closed`; all others go on, guarantees given stay.

    Exit 1 when it cannot be confirmed within 5 s that every question sees it.
    """
    scope, value = _scope(
        (account, professional, site, client, insurer, channel, grade), everything=everything
    )
    end = read_instant(until)
    moved = as_desk(
        measured(lambda desk: close_gate(desk, scope, value, reason=reason, author=by, until=end))
    )
    shown = {
        "scope": scope.value,
        "value": value,
        "closed_at": moved.done.isoformat(),
        "until": None if end is None else end.isoformat(),
        "effective_after_s": moved.effective_after_s,
    }
    return _told(shown, f"closed since {_short(moved.done)}", moved.effective_after_s, as_json)


def open_(  # noqa: PLR0913 - one option each
    *,
    reason: Reason,
    by: By,
    account: Account = None,
    professional: Professional = None,
    site: Site = None,
    client: Client = None,
    insurer: Insurer = None,
    channel: Channel = None,
    grade: Grade = None,
    everything: All = False,
    as_json: Json = False,
) -> int:
    """Open a scope again. A hold on an account stays: `rempart hold release`."""
    scope, value = _scope(
        (account, professional, site, client, insurer, channel, grade), everything=everything
    )
    moved = as_desk(measured(lambda desk: open_gate(desk, scope, value, reason=reason, author=by)))
    shown = {
        "scope": scope.value,
        "value": value,
        "opened_at": moved.done.isoformat(),
        "effective_after_s": moved.effective_after_s,
    }
    return _told(shown, f"open since {_short(moved.done)}", moved.effective_after_s, as_json)


def list_(as_json: Json = False) -> None:
    """List what is closed now, by gate or by hold, and accounts at a tenth; oldest first."""
    found: list[Closed] = as_desk(list_gates)

    def render() -> None:
        for one in found:
            kind = "tenth" if one.eased else "hold" if one.held else "gate"
            end = "" if one.until is None else f", until {_short(one.until)}"
            typer.echo(f"{kind}  {one.scope} {one.value}  {one.author}: {one.reason}")
            typer.echo(f"      since {_short(one.since)}{end}")
        if not found:
            typer.echo("nothing is closed")

    emit({"gates": found}, as_json, render)


def _scope(values: tuple[str | None, ...], *, everything: bool) -> tuple[Scope, str]:
    """Return the one scope that was named. Raises `BadInputError`."""
    scopes = [scope for scope in Scope if scope is not Scope.PLATFORM]
    named: list[tuple[Scope, str]] = [
        (s, v) for s, v in zip(scopes, values, strict=True) if v is not None
    ]
    if everything:
        named.append((Scope.PLATFORM, ""))
    if len(named) != 1:
        raise BadInputError("the scope", "name exactly one: --account, --site, … or --all")
    return named[0]


def _told(shown: Mapping[str, object], what: str, after_s: float | None, as_json: bool) -> int:
    def render() -> None:
        typer.echo(f"{shown['scope']} {shown['value']}: {what}")
        show_effect(after_s)

    emit(shown, as_json, render)
    return DOES_NOT_HOLD if after_s is None else OK


def _short(instant: datetime) -> str:
    return instant.astimezone().isoformat(sep=" ", timespec="seconds")
