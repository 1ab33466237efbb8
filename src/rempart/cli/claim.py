"""`rempart claim`: claims what an engagement guarantees, over HTTP, as a software does."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from rempart.cli.ask import find_server, installation_of
from rempart.cli.insurer_plan import euros, lines_of
from rempart.cli.output import OK, REFUSED, WRONG_USAGE, Json, emit
from rempart.cli.refused import show_refusal, told_refusal
from rempart.foundation.errors import UnavailableError
from rempart.foundation.texts import from_environment, texts

if TYPE_CHECKING:
    from rempart.simulation.software import Reply

_KEYS = ("claim", "state", "amount_cents", "promised_cents", "made_at", "disputed")
_WRITTEN_WRONG = {"bad_format", "wrong_type"}


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("claim")(claim)


def claim(
    engagement: Annotated[str, typer.Argument(help="Its number.", show_default=False)],
    line: Annotated[
        list[str],
        typer.Argument(
            help="CATEGORY:QUANTITY:PRICE:BASE:OBLIGATORY, in cents; may repeat.",
            show_default=False,
        ),
    ],
    who: Annotated[
        str | None, typer.Option("--as", help="pharmacy, optician, doctor, clinic, …")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Another address of the edge.")] = None,
    reference: Annotated[str | None, typer.Option(help="A reference of one's own.")] = None,
    amount: Annotated[
        int | None, typer.Option(min=1, help="Cents claimed; by default, what was promised.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Claim what an engagement of `rempart ask` guarantees. Exit 0 when accepted, 3 when refused.

    Needs a server that `make run` keeps up. Everybody there is invented, and nobody is paid.
    """
    told = {
        "engagement": engagement,
        "reference": reference or secrets.token_hex(8),
        "lines": [asdict(one) for one in lines_of(line)],
        "amount_cents": amount,
    }
    return _answered(_sent(told, who, url), as_json)


def _sent(told: Mapping[str, object], who: str | None, url: str | None) -> "Reply":
    from rempart.simulation.software import Software

    state_dir, addresses = find_server(url)
    installation = installation_of(state_dir, who, "PHAR")
    with Software(installation.key, addresses) as software:
        return software.claim(told)


def _answered(reply: "Reply", as_json: bool) -> int:
    if reply.status >= 500:
        raise UnavailableError("the platform could not take it: the same reference finds out")
    because = None if reply.status == 200 else str(reply.body["code"])
    told = {key: reply.body.get(key) if because is None else None for key in _KEYS}
    emit(
        {**told, **told_refusal(reply.body, because)},
        as_json,
        lambda: _show(reply.body) if because is None else show_refusal(reply.body, because),
    )
    if because is None:
        return OK
    return WRONG_USAGE if because in _WRITTEN_WRONG else REFUSED


def _show(body: dict[str, object]) -> None:
    say = texts(from_environment(os.environ))
    typer.echo(f"{say('claim.accepted')}  {body['claim']}")
    if body["disputed"]:
        typer.echo(say("claim.disputed"))
    for key in ("amount_cents", "promised_cents"):
        cents = body[key]
        typer.echo(f"{say(f'claim.{key}')}  {euros(cents if isinstance(cents, int) else None)}")
