"""`rempart hold`: stop an account on one officer's signature; one eases it, two give it back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rempart.cli.desk_work import Reason, as_desk, measured, show_effect
from rempart.cli.output import DOES_NOT_HOLD, OK, Json, emit
from rempart.cli.signing import SignedOrder
from rempart.cli.two_officers import (
    Begun,
    By,
    Keys,
    Out,
    drawn,
    hand_over,
    need_two,
    read_begun,
    signed_in_turn,
)
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.guard import (
    GateRefusal,
    Signed,
    ease_hold,
    list_officers,
    place_hold,
    read_reason,
    release_hold,
)

Account = Annotated[str, typer.Option(help="The account: RPPS@SITE.")]
Officer = Annotated[str, typer.Option(help="The officer who decides.")]
Key = Annotated[Path, typer.Option(help="His private key.")]

Moving = Callable[[Database, str, str, Signed], Awaitable[datetime | GateRefusal]]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="Stop an account, and give it back.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("place")(place)
    group.command("ease")(ease)
    group.command("release")(release)
    app.add_typer(group, name="hold")


def place(account: Account, reason: Reason, by: Officer, key: Key, as_json: Json = False) -> int:
    """Stop an account at once: its questions get `closed` until it is eased or released."""
    when, after_s = _signed_by_one("place", place_hold, account, reason, by, key)
    return _told(account, "placed_at", "on hold since", when, after_s, as_json)


def ease(account: Account, reason: Reason, by: Officer, key: Key, as_json: Json = False) -> int:
    """Give an account on hold back at a tenth of its caps; two officers give back the rest."""
    when, after_s = _signed_by_one("ease", ease_hold, account, reason, by, key)
    return _told(account, "eased_at", "back at a tenth since", when, after_s, as_json)


def release(
    *,
    by: By,
    key: Keys,
    account: Annotated[str | None, typer.Option(help="The account: RPPS@SITE.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, without anybody's number.")] = None,
    order: Begun = None,
    out: Out = None,
    as_json: Json = False,
) -> int:
    """Give an account back whole, on the signatures of two different officers.

    Together: name --by and --key twice. One after the other: the first signs with --out, the second
    adds --order within a day. Refused unless both are the keys on record.
    """
    if (order is None) != (account is not None and reason is not None):
        raise BadInputError("--order", "or else --account and --reason")
    begun = None if order is None else read_begun(order, "release", "account")

    async def signed(desk: Database) -> SignedOrder:
        started = begun or await drawn(
            desk, "release", "account", account or "", read_reason(reason or "")
        )
        return await signed_in_turn(desk, started, by, key)

    if out is not None:
        return hand_over(as_desk(signed), out, as_json)

    async def work(desk: Database) -> tuple[str, datetime] | GateRefusal:
        done = need_two(await signed(desk))
        when = await release_hold(desk, done.value, done.reason, done.arguments())
        return when if isinstance(when, GateRefusal) else (done.value, when)

    moved = as_desk(measured(work))
    value, when = moved.done
    return _told(value, "released_at", "released at", when, moved.effective_after_s, as_json)


def _signed_by_one(
    action: str, move: Moving, account: str, reason: str, by: str, key: Path
) -> tuple[datetime, float | None]:
    """Draw an order, have one officer sign it, and carry it out: when, and after how long."""
    plain = read_reason(reason)

    async def work(desk: Database) -> datetime | GateRefusal:
        order = await drawn(desk, action, "account", account, plain)
        order = order.signed_by(await list_officers(desk), [by], [key])
        return await move(desk, account, plain, order.arguments())

    moved = as_desk(measured(work))
    return moved.done, moved.effective_after_s


def _told(
    account: str, name: str, what: str, when: datetime, after_s: float | None, as_json: bool
) -> int:
    def render() -> None:
        typer.echo(f"account {account}: {what} {when.isoformat()}")
        show_effect(after_s)

    shown = {"account": account, name: when.isoformat(), "effective_after_s": after_s}
    emit(shown, as_json, render)
    return DOES_NOT_HOLD if after_s is None else OK
