"""`rempart feed waiting` and `go-ahead`: the operator's word on other references."""

from dataclasses import asdict
from typing import Annotated

import typer

from rempart.cli.days import minute_of
from rempart.cli.desk_work import as_desk
from rempart.cli.output import Json, RefusedError, emit
from rempart.foundation.errors import BadInputError

_REFUSALS = {
    "feed_unknown": "this insurer sent no feed by this name",
    "nothing_waits": "this feed waits for no go-ahead: `rempart feed waiting`",
    "fingerprint_differs": "what waits is not the feed whose fingerprint was read out",
}


def waiting(
    answered: Annotated[
        bool, typer.Option("--answered", help="Those that got a word instead, and whose it was.")
    ] = False,
    days: Annotated[
        int, typer.Option(min=1, max=800, help="With --answered: in the last so many days.")
    ] = 31,
    as_json: Json = False,
) -> None:
    """List the feeds that would give members other references (at the desk).

    Their fingerprints are not shown: an insurer's people read theirs out.
    """
    from rempart.intake import list_waiting

    if answered:
        _show_answered(days, as_json)
        return
    found = as_desk(list_waiting)

    def render() -> None:
        for one in found:
            since = minute_of(one.waits_since)
            counts = f"renamed {one.renamed}  before {one.before}  ended {one.ended}"
            typer.echo(f"{one.insurer}  {one.id}  since {since}  {counts}")
        if not found:
            typer.echo("no feed waits for a go-ahead")

    shown = [{**asdict(one), "waits_since": one.waits_since.isoformat()} for one in found]
    emit({"waiting": shown}, as_json, render)


def _show_answered(days: int, as_json: bool) -> None:
    from rempart.intake import list_answered

    found = as_desk(lambda desk: list_answered(desk, days))

    def render() -> None:
        for one in found:
            said = f"{one.word} by {one.said_by} at {minute_of(one.said_at)}"
            typer.echo(f"{one.insurer}  {one.id}  {said}  renamed {one.renamed}  {one.state}")
        if not found:
            typer.echo("no feed got a word in these days")

    shown = [{**asdict(one), "said_at": one.said_at.isoformat()} for one in found]
    emit({"answered": shown}, as_json, render)


def go_ahead(
    insurer: Annotated[str, typer.Option("--insurer", help="Its AMC number.")],
    name: Annotated[str, typer.Argument(metavar="ID", help="The feed's name.", show_default=False)],
    by: Annotated[str, typer.Option("--by", help="Who decides: kept either way.")],
    fingerprint: Annotated[
        str | None, typer.Option(help="What the insurer's people read out on the telephone.")
    ] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help="Refuse it instead.")] = False,
    as_json: Json = False,
) -> None:
    """Let a feed give members other references, or refuse it (at the desk).

    Call the insurer on the number that you have of it, and ask for the fingerprint that its
    own `rempart feed send` shows.
    """
    from rempart.intake import answer_renaming
    from rempart.registry import normalise_amc

    if refuse == (fingerprint is not None):
        raise BadInputError("--fingerprint", "is due to go ahead, or --refuse instead")
    amc = normalise_amc(insurer)
    because = as_desk(lambda desk: answer_renaming(desk, amc, name, fingerprint, by))
    if because is not None:
        raise RefusedError(_REFUSALS[because.value])
    state = "refused" if refuse else "importing"
    emit({"id": name, "state": state}, as_json, lambda: typer.echo(f"{name}: {state}"))
