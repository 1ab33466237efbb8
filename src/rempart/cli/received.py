"""`rempart received`: the claims on an insurer, listed and answered over HTTP (at the insurer)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from rempart.billing import Rejection
from rempart.cli.client import group_of
from rempart.cli.insurer_plan import euros
from rempart.cli.output import OK, REFUSED, Json, emit
from rempart.foundation.clock import PARIS

Url = Annotated[str, typer.Option("--url", help="Address of the intake, as its operator says.")]
Key = Annotated[Path, typer.Option("--key", help="The key of the software that answers.")]
Patience = Annotated[
    int, typer.Option("--patience", min=0, help="Seconds to go on trying while it is away.")
]
Names = Annotated[list[str], typer.Argument(help="Claims by name; - reads them, a line each.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Answer the claims on an insurer (at the insurer).")
    group.command("list")(list_)
    group.command("show")(show)
    group.command("accept")(accept)
    group.command("reject")(reject)
    app.add_typer(group, name="received")


def list_(url: Url, key: Key, patience: Patience = 30, as_json: Json = False) -> None:
    """List the claims that wait for an answer, the most urgent first."""
    from rempart.cli.received_line import ReceivedLine, opened

    with opened(ReceivedLine, url, key, patience) as line:
        found = list(line.waiting())
    total = sum(one["amount_cents"] for one in found)

    def render() -> None:
        for one in found:
            typer.echo(_row(one))
        typer.echo(f"{len(found)} claims wait, {euros(total)}")

    emit({"amount_cents": total, "claims": found}, as_json, render)


def show(
    claim: Annotated[str, typer.Argument(help="Its name.", show_default=False)],
    url: Url,
    key: Key,
    patience: Patience = 30,
    as_json: Json = False,
) -> None:
    """Show one claim, whatever became of it."""
    from rempart.cli.received_line import ReceivedLine, opened

    with opened(ReceivedLine, url, key, patience) as line:
        found = line.read(claim)

    def render() -> None:
        typer.echo("\n".join([_row(found), *_settled(found), *delivered(found)]))

    emit(found, as_json, render)


def accept(
    claims: Names, url: Url, key: Key, patience: Patience = 30, as_json: Json = False
) -> int:
    """Accept claims. Exit 3 when one is not taken: it says why."""
    return _answer(claims, None, url, key, patience, as_json)


def reject(
    *,
    claims: Names,
    because: Annotated[Rejection, typer.Option(help="The one reason.")],
    url: Url,
    key: Key,
    patience: Patience = 30,
    as_json: Json = False,
) -> int:
    """Reject claims, all for one reason. A guaranteed claim is paid all the same: you owe it."""
    return _answer(claims, because, url, key, patience, as_json)


def _answer(
    names: list[str],
    because: Rejection | None,
    url: str,
    key: Path,
    patience: int,
    as_json: bool,
) -> int:
    from rempart.cli.received_line import ReceivedLine, named, opened

    claims = named(names)
    with opened(ReceivedLine, url, key, patience) as line:
        found = line.answer(claims, because)
    left = [one for one in found if one["refused_because"] is not None]

    def render() -> None:
        for one in found:
            typer.echo(f"{one['claim']}  {one['refused_because'] or one['answer']}")

    emit({"taken": len(found) - len(left), "answers": found}, as_json, render)
    return REFUSED if left else OK


def delivered(found: dict[str, Any]) -> list[str]:
    """Write what was delivered, a row a line; or say where it is, never nothing."""
    if found["lines"] is not None:
        return [
            f"  {one['quantity']} × {one['category']}  {euros(one['price_cents'])}"
            for one in found["lines"]
        ]
    if found["sealed_lines"] is not None:
        key = found["sealed_lines"]["key"][:16]
        return [f"  its lines are sealed to your key {key}…: `rempart lines open` reads their file"]
    return ["  its lines are erased"]


def _settled(found: dict[str, Any]) -> list[str]:
    return {
        None: [],
        "withdrawn": ["  the dispute is over: the rejection was withdrawn, you owe it"],
        "upheld": ["  the dispute is over: the operator bears it, you owe nothing for it"],
    }[found["settled"]]


def _row(one: dict[str, Any]) -> str:
    # The delay ends with a day in Paris: that day is what people know it by.
    last = (datetime.fromisoformat(one["answer_by"]) - timedelta(seconds=1)).astimezone(PARIS)
    said = one["answer"] or f"answer until {last:%Y-%m-%d}"
    return (
        f"{one['claim']}  {one['care_date']}  {one['domain']}  {one['site']}"
        f"  {euros(one['amount_cents']):>12}  {one['member_reference']}  {said}"
    )
