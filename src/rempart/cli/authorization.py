"""`rempart authorization`: what became of a prise en charge, and its cancellation, over HTTP."""

import os
from typing import Annotated, Final

import typer

from rempart.cli.ask import find_server, installation_of
from rempart.cli.client import group_of
from rempart.cli.insurer_plan import euros
from rempart.cli.output import OK, REFUSED, WRONG_USAGE, Json, emit
from rempart.cli.refused import show_refusal, told_refusal
from rempart.foundation.errors import UnavailableError
from rempart.foundation.texts import from_environment, texts

_KEYS: Final = ("state", "amount_cents", "lines", "given_at", "expires_on")

Number = Annotated[str, typer.Argument(help="Its number.", show_default=False)]
Who = Annotated[str | None, typer.Option("--as", help="optician, clinic, pharmacy, …")]
Url = Annotated[str | None, typer.Option(help="Another address of the edge.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Look at a prise en charge of `rempart quote`, or cancel it.")
    group.command("show")(show)
    group.command("cancel")(cancel)
    app.add_typer(group, name="authorization")


def show(number: Number, who: Who = None, url: Url = None, as_json: Json = False) -> int:
    """Tell what became of a prise en charge of one's own site. Exit 3 when there is none."""
    return _asked("look-ups", number, who, url, as_json)


def cancel(number: Number, who: Who = None, url: Url = None, as_json: Json = False) -> int:
    """Cancel a prise en charge that nothing is claimed of. Exit 3 when it cannot be."""
    return _asked("cancellations", number, who, url, as_json)


def _asked(step: str, number: str, who: str | None, url: str | None, as_json: bool) -> int:
    from rempart.simulation.software import Software

    state_dir, addresses = find_server(url)
    installation = installation_of(state_dir, who, "OPTI")
    with Software(installation.key, addresses) as software:
        reply = software.authorization(step, number)
    if reply.status >= 500:
        raise UnavailableError("the platform could not answer: the same again finds out")
    because = None if reply.status == 200 else str(reply.body["code"])
    told = {key: reply.body.get(key) if because is None else None for key in _KEYS}

    def render() -> None:
        say = texts(from_environment(os.environ))
        if because is not None:
            show_refusal(reply.body, because)
            return
        cents = told["amount_cents"]
        amount = euros(cents if isinstance(cents, int) else None)
        state = say(f"quote.state.{told['state']}")
        typer.echo(f"{state}  {amount}".rstrip())

    emit({**told, **told_refusal(reply.body, because)}, as_json, render)
    if because is None:
        return OK
    return WRONG_USAGE if reply.status == 422 else REFUSED
