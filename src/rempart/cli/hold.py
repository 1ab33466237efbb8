"""`rempart hold`: stop an account on one officer's signature, give it back on two."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rempart.cli.desk_work import Moved, Reason, as_desk, measured, show_effect
from rempart.cli.output import DOES_NOT_HOLD, OK, Json, RefusedError, emit, progress
from rempart.cli.signing import SignedOrder, read_order, write_new
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.guard import (
    GateRefusal,
    draw_nonce,
    list_officers,
    place_hold,
    read_reason,
    release_hold,
)

_SIGNERS_OF_A_RELEASE = 2

Account = Annotated[str, typer.Option(help="The account: RPPS@SITE.")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="Stop an account, and give it back.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("place")(place)
    group.command("release")(release)
    app.add_typer(group, name="hold")


def place(
    account: Account,
    reason: Reason,
    by: Annotated[str, typer.Option(help="The officer who decides.")],
    key: Annotated[Path, typer.Option(help="His private key.")],
    as_json: Json = False,
) -> int:
    """Stop an account at once: its questions get `closed` until two officers release it."""
    plain = read_reason(reason)

    async def work(desk: Database) -> datetime | GateRefusal:
        order = await _drawn(desk, "place", account, plain)
        order = order.signed_by(await list_officers(desk), [by], [key])
        return await place_hold(desk, account, plain, order.arguments())

    moved = as_desk(measured(work))
    shown = {"account": account, "placed_at": moved.done.isoformat()}
    return _told(shown, f"on hold since {shown['placed_at']}", moved, as_json)


def release(
    *,
    by: Annotated[list[str], typer.Option(help="An officer who signs; two are needed.")],
    key: Annotated[list[Path], typer.Option(help="His private key, in the same order.")],
    account: Annotated[str | None, typer.Option(help="The account: RPPS@SITE.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, without anybody's number.")] = None,
    order: Annotated[Path | None, typer.Option(help="What another officer signed.")] = None,
    out: Annotated[Path | None, typer.Option(help="Only sign: the order, for another.")] = None,
    as_json: Json = False,
) -> int:
    """Give an account back, on the signatures of two different officers.

    Together: name --by and --key twice. One after the other: the first signs with --out, the second
    adds --order within a day. Refused unless both are the keys on record.
    """
    if (order is None) != (account is not None and reason is not None):
        raise BadInputError("--order", "or else --account and --reason")
    begun = None if order is None else read_order(order)
    if begun is not None and (begun.action, begun.scope, begun.key) != ("release", "account", None):
        raise BadInputError("--order", "is not about releasing a hold")

    async def signed(desk: Database) -> SignedOrder:
        started = begun or await _drawn(desk, "release", account or "", read_reason(reason or ""))
        progress(f"to be signed: release {started.value}: {started.reason}")
        return started.signed_by(await list_officers(desk), by, key)

    if out is not None:
        return _hand_over(as_desk(signed), out, as_json)

    async def work(desk: Database) -> datetime | GateRefusal:
        done = await signed(desk)
        if len(done.signatures) != _SIGNERS_OF_A_RELEASE:
            raise RefusedError("a release needs two different officers")
        return await release_hold(desk, done.value, done.reason, done.arguments())

    moved = as_desk(measured(work))
    value = begun.value if begun is not None else account
    shown = {"account": value, "released_at": moved.done.isoformat()}
    return _told(shown, f"released at {shown['released_at']}", moved, as_json)


async def _drawn(desk: Database, action: str, account: str, reason: str) -> SignedOrder:
    drawn = await draw_nonce(desk)
    return SignedOrder(action, "account", account, reason, drawn.good_until, drawn.nonce, None, {})


def _hand_over(order: SignedOrder, out: Path, as_json: bool) -> int:
    write_new(out, msgspec.json.encode(order) + b"\n", "--out")
    shown = {
        "order": str(out),
        "signed_by": list(order.signatures),
        "good_until": order.good_until.isoformat(),
    }
    emit(
        shown, as_json, lambda: typer.echo(f"{out}: for another officer, before {order.good_until}")
    )
    return OK


def _told(shown: Mapping[str, object], what: str, moved: Moved[datetime], as_json: bool) -> int:
    def render() -> None:
        typer.echo(f"account {shown['account']}: {what}")
        show_effect(moved.effective_after_s)

    emit({**shown, "effective_after_s": moved.effective_after_s}, as_json, render)
    return DOES_NOT_HOLD if moved.effective_after_s is None else OK
