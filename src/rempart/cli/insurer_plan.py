"""`rempart insurer plan`: what an insurer's plans pay, stated, shown and tried."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rempart.cli.client import as_desk, group_of
from rempart.cli.output import Json, RefusedError, emit
from rempart.foundation.errors import BadInputError, MisuseError

if TYPE_CHECKING:
    from rempart.billing import Line

_LINE: Final = re.compile(
    r"([A-Z][A-Z0-9_]{1,19}):([1-9][0-9]{0,2}):([0-9]{1,8}):([0-9]{1,8}):([0-9]{1,8})"
)

Amc = Annotated[str, typer.Argument(help="AMC number of the insurer.", show_default=False)]
Code = Annotated[str, typer.Argument(help="The plan, as feeds name it.", show_default=False)]


def register(group: typer.Typer) -> None:
    """Add the group below `rempart insurer`."""
    plan = group_of("Say what a plan pays, by domain and category.")
    plan.command("set")(set_)
    plan.command("show")(show)
    plan.command("try")(try_)
    group.add_typer(plan, name="plan")


def set_(
    amc: Amc,
    code: Code,
    file: Annotated[Path, typer.Argument(help="Its rules: TOML.", show_default=False)],
    as_json: Json = False,
) -> None:
    """State a plan, or state it anew. Guarantees already given keep their terms."""
    from rempart.registry import add_plan, read_plan_file

    stated = read_plan_file(file)
    try:
        plan_id = as_desk(lambda desk: add_plan(desk, amc, code, stated.label, stated.rules))
    except MisuseError:
        raise RefusedError(
            "no such insurer, or a domain or category that there is not (docs/money.md lists them)"
        ) from None
    emit({"plan_id": plan_id}, as_json, lambda: typer.echo("the plan is on record"))


def show(amc: Amc, code: Code, as_json: Json = False) -> None:
    """Show what a plan pays as it stands."""
    from rempart.registry import read_plan

    rows = as_desk(lambda desk: read_plan(desk, amc, code))
    if not rows:
        raise RefusedError("no such plan, or one that pays nothing")

    def render() -> None:
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for heading in ("domain", "category", "mode", "rate", "amount", "ceiling", "at most"):
            table.add_column(heading)
        for row in rows:
            table.add_row(
                row.domain,
                row.category or "",
                row.mode,
                "" if row.rate_bp is None else f"{row.rate_bp / 100:g} %",
                euros(row.amount_cents),
                euros(row.ceiling_cents),
                "" if row.every_months is None else f"{row.units} per {row.every_months} months",
            )
        Console().print(table)

    emit({"rules": [asdict(row) for row in rows]}, as_json, render)


def try_(
    amc: Amc,
    code: Code,
    domain: Annotated[str, typer.Argument(help="Domain of care: PHAR, …", show_default=False)],
    line: Annotated[
        list[str],
        typer.Argument(
            help="CATEGORY:QUANTITY:PRICE:BASE:OBLIGATORY, in cents; may repeat.",
            show_default=False,
        ),
    ],
    as_json: Json = False,
) -> None:
    """Compute what a plan would pay for lines, so that whoever states it can check it."""
    from rempart.billing import try_plan
    from rempart.registry import normalise_amc

    lines = lines_of(line)
    rows = as_desk(lambda desk: try_plan(desk, normalise_amc(amc), code, domain, lines))
    if not rows:
        raise RefusedError("no such plan, or it does not pay in this domain")
    total = sum(row.amount_cents for row in rows)

    def render() -> None:
        for row in rows:
            note = "  (the insurer must agree first)" if row.mode == "on_request" else ""
            typer.echo(f"{row.category:20} {euros(row.amount_cents):>12}{note}")
        typer.echo(f"{'the plan pays':20} {euros(total):>12}")

    emit({"lines": [asdict(row) for row in rows], "amount_cents": total}, as_json, render)


def lines_of(texts: Iterable[str]) -> list["Line"]:
    """Read lines as a command line gives them; raise `BadInputError`."""
    from rempart.billing import Line

    lines = []
    for text in texts:
        found = _LINE.fullmatch(text)
        if found is None:
            raise BadInputError("line", "CATEGORY:QUANTITY:PRICE:BASE:OBLIGATORY is due, in cents")
        lines.append(Line(found[1], *(int(part) for part in found.groups()[1:])))
    return lines


def euros(cents: int | None) -> str:
    """Write cents as a person reads them."""
    return "" if cents is None else f"{cents // 100}.{cents % 100:02} €"
