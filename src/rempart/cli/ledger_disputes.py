"""`rempart ledger disputed` and `settle-dispute`: what insurers rejected, and how it ends."""

import re
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from rempart.billing import Disputed, Outcome, Settlement, SettlementRefusal
from rempart.cli.days import day_of
from rempart.cli.desk_work import REFUSALS, as_desk
from rempart.cli.insurer_plan import euros
from rempart.cli.output import Json, RefusedError, emit
from rempart.cli.paying import as_jobs
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.guard import read_officer, read_reason

_CLAIM: Final = re.compile(r"[0-9a-f]{32}")
_REFUSALS: Final = REFUSALS | {
    SettlementRefusal.CLAIM_UNKNOWN: "no claim has this name: `rempart ledger disputed`",
    SettlementRefusal.NOT_DISPUTED: "its insurer did not reject this claim: there is no dispute",
    SettlementRefusal.CLAIM_CANCELLED: "this claim was cancelled by its site: nothing is owed",
    SettlementRefusal.SETTLED_OTHERWISE: "this dispute ended otherwise, and that stands:"
    " `rempart ledger disputed --settled`",
}
_BEARS: Final = {
    Outcome.WITHDRAWN: "the insurer owes it like any other claim",
    Outcome.UPHELD: "the operator bears it",
}


def register(group: typer.Typer) -> None:
    """Add the commands below `rempart ledger`."""
    group.command("disputed")(disputed)
    group.command("settle-dispute")(settle_dispute)


def disputed(
    insurer: Annotated[str | None, typer.Option(help="Only this AMC number.")] = None,
    settled: Annotated[
        bool, typer.Option("--settled", help="Those that are over: how, when and by whom.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List what insurers owe and dispute: claims that they rejected. They are paid all the same."""
    from rempart.billing import list_disputed
    from rempart.registry import normalise_amc

    amc = None if insurer is None else normalise_amc(insurer)
    found: list[Disputed] = as_jobs(
        lambda _, __, database: list_disputed(database, amc, settled=settled)
    )
    total = sum(one.amount_cents for one in found)

    def render() -> None:
        for one in found:
            typer.echo(
                f"{day_of(one.answered_at)}  {one.amc:10}  {one.claim_id.hex()}  {one.state:8}"
                f"  {euros(one.amount_cents):>12}  {one.because}{_ended(one)}"
            )
        was = "disputed, and it is settled:" if settled else "owe and dispute"
        typer.echo(f"insurers {was} {euros(total)}")

    emit({"amount_cents": total, "disputed": [_told(one) for one in found]}, as_json, render)


def settle_dispute(
    claim: Annotated[str, typer.Argument(help="The claim's name.", show_default=False)],
    outcome: Annotated[
        Outcome,
        typer.Option(
            help="withdrawn: the insurer takes its rejection back and owes the claim; upheld: the"
            " rejection stands, and the operator bears the claim."
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why, in short, without any number of a person's.")],
    by: Annotated[str, typer.Option(help="The officer who says so.")],
    as_json: Json = False,
) -> None:
    """End a dispute over a claim that its insurer rejected: once. Its site is paid either way.

    The same again tells what is on record; another outcome is refused.
    """
    from rempart.billing import settle_dispute as settle

    if not _CLAIM.fullmatch(claim):
        raise BadInputError("CLAIM", "is a name of 32 characters, 0-9 and a-f")
    plain, name = read_reason(reason), read_officer(by)

    async def work(desk: Database) -> Settlement:
        ended = await settle(desk, bytes.fromhex(claim), outcome, plain, name)
        if isinstance(ended, SettlementRefusal):
            raise RefusedError(_REFUSALS[ended])
        return ended

    _say(claim, as_desk(work), as_json)


def _say(claim: str, found: Settlement, as_json: bool) -> None:
    told = {
        "claim": claim,
        "insurer": found.amc,
        "state": found.state,
        "amount_cents": found.amount_cents,
        "outcome": found.outcome,
        "settled_at": found.settled_at.isoformat(),
        "by": found.author,
        "reason": found.reason,
    }

    def render() -> None:
        typer.echo(
            f"{found.outcome} since {day_of(found.settled_at)}, by {found.author}:"
            f" {euros(found.amount_cents)}; {_BEARS[Outcome(found.outcome)]}"
        )

    emit(told, as_json, render)


def _told(one: Disputed) -> dict[str, Any]:
    return {
        **asdict(one),
        "claim_id": one.claim_id.hex(),
        "member_reference": one.member_reference.hex(),
        "care_on": one.care_on.isoformat(),
        "answered_at": one.answered_at.isoformat(),
        "settled_at": one.settled_at and one.settled_at.isoformat(),
    }


def _ended(one: Disputed) -> str:
    if one.settled_at is None:
        return ""
    return f"  {one.settled} {day_of(one.settled_at)} by {one.settled_by}: {one.reason}"
