"""`rempart pay notice` and `statement`: what a payee was paid, and what an insurer is debited."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from rempart.billing import Debit, Notice, RemittanceRefusal
from rempart.cli.days import are_over, day_of, read_days
from rempart.cli.insurer_plan import euros
from rempart.cli.output import Json, RefusedError, emit, progress
from rempart.cli.paying import as_jobs

AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def register(group: typer.Typer) -> None:
    """Add the commands below `rempart pay`."""
    group.command("notice")(notice)
    group.command("statement")(statement)


def notice(
    remittance: Annotated[
        str, typer.Argument(help="The transfer's end-to-end id: RP…", show_default=False)
    ],
    as_csv: AsCsv = False,
    as_json: Json = False,
) -> None:
    """Show the notice of a payment: every claim in it, by its engagement's number."""
    from rempart.billing import read_notice

    found = as_jobs(
        lambda _, reached, database: read_notice(
            database, reached.keyring.secret("engagement"), remittance
        )
    )
    if isinstance(found, RemittanceRefusal):
        raise RefusedError("no payment has this end-to-end id, or the bank does not have it yet")
    lines = [{**asdict(one), "claim": one.claim.hex()} for one in found.lines]
    if as_csv and not as_json:
        _print_csv(lines)
        return
    emit({**asdict(found.head), "lines": lines}, as_json, lambda: _show(found))


def statement(
    amc: Annotated[str, typer.Argument(help="AMC number of the insurer.", show_default=False)],
    start: Annotated[str, typer.Option("--from", help="The first day: 2027-03-01.")],
    end: Annotated[str, typer.Option("--to", help="The last day.")],
    as_json: Json = False,
) -> None:
    """Show what an insurer is debited for these days, returns taken off, as CSV: a claim a line.

    What the insurer rejected is debited all the same, and says why it was.
    """
    from rempart.billing import read_statement
    from rempart.registry import normalise_amc

    amc, (first, last) = normalise_amc(amc), read_days(start, end)
    if not are_over(last):
        progress("these days are not over: make this statement again once they are")
    found = as_jobs(lambda _, __, database: read_statement(database, amc, first, last))
    lines = [_debit(one) for one in found]
    told = {
        "insurer": amc,
        "debit_cents": sum(one.debit_cents for one in found),
        "disputed_cents": sum(one.debit_cents for one in found if one.disputed_because),
        "lines": lines,
    }
    emit(told, as_json, lambda: _print_csv(lines))


def _debit(found: Debit) -> dict[str, Any]:
    named = {
        "claim_id": found.claim_id.hex(),
        "member_reference": found.member_reference.hex(),
        "moved_at": found.moved_at.isoformat(),
        "care_on": found.care_on.isoformat(),
    }
    return asdict(found) | named


def _print_csv(lines: Iterable[dict[str, Any]]) -> None:
    out = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for line in lines:
        if writer is None:
            writer = csv.DictWriter(out, line, lineterminator="\n")
            writer.writeheader()
        writer.writerow(line)
    typer.echo(out.getvalue(), nl=False)


def _show(found: Notice) -> None:
    head = found.head
    became = f"returned by the bank: {head.reason}" if head.reason else "paid"
    typer.echo(f"{head.remittance}  {euros(head.amount_cents)}  {became}")
    typer.echo(
        f"by insurer {head.insurer}, to the account …{head.last_four}, {day_of(head.paid_at)}"
    )
    for one in found.lines:
        mark = "  disputed by the insurer; paid all the same" if one.disputed else ""
        typer.echo(f"  {one.engagement}  care of {one.care_on}  {euros(one.amount_cents)}{mark}")
