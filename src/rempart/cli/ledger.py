"""`rempart ledger`: whether every cent that is owed is accounted for."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from rempart.cli import ledger_disputes
from rempart.cli.client import as_desk, group_of
from rempart.cli.output import DOES_NOT_HOLD, OK, Json, RefusedError, emit, load_settings
from rempart.cli.roles import as_role


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Look after the money.")
    group.command("check")(check)
    group.command("unbilled")(unbilled)
    ledger_disputes.register(group)
    app.add_typer(group, name="ledger")


def check(as_json: Json = False) -> int:
    """Check that the accounts balance, and that each claim's money is where its state says."""
    from rempart.billing import check_ledger

    # Whole tables are read: no limit on one statement.
    found = as_role("rempart_jobs", load_settings(), check_ledger, {"statement_timeout": "0"})
    told = {"ok": found.ok, **asdict(found), "wrong": [name.hex() for name in found.wrong]}
    told["may_have_more"] = found.may_have_more

    def render() -> None:
        typer.echo(f"the ledger {'holds' if found.ok else 'DOES NOT HOLD'}")
        for name in ("balance", "insurer", "disputed", "operator", "owed", "in_batch", "bank"):
            typer.echo(f"{name:10} {told[f'{name}_cents'] / 100:>16,.2f} €")
        typer.echo(f"{'claims':10} {found.claims:>16}")
        for claim in found.wrong:
            typer.echo(f"does not fit: claim {claim.hex()}")
        for batch in found.wrong_batches:
            typer.echo(f"does not fit: batch {batch}")
        if found.may_have_more:
            typer.echo("there may be more: a hundred claims and batches are named at most")

    emit(told, as_json, render)
    return OK if found.ok else DOES_NOT_HOLD


def unbilled(
    site: Annotated[str, typer.Argument(help="FINESS or AM number.", show_default=False)],
    rpps: Annotated[
        str | None, typer.Option(help="Only this professional's account there.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=800, help="Given in the last so many days.")] = 90,
    as_json: Json = False,
) -> None:
    """Count what a site, or one account, asked and never billed."""
    from rempart.billing import asked_not_billed

    now = datetime.now(UTC)
    start, until = now - timedelta(days=days), now + timedelta(minutes=1)
    found = as_desk(lambda desk: asked_not_billed(desk, site, rpps, start, until))
    if found is None:
        raise RefusedError("no such site, or this professional has no account there")
    told = asdict(found)

    def render() -> None:
        for name, count in told.items():
            typer.echo(f"{name:8} {count:>8}")

    emit(told, as_json, render)
