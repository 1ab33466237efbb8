"""Orders that take two officers: both at one machine, or one after the other through a file."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from rempart.cli.output import OK, RefusedError, emit, progress
from rempart.cli.signing import SignedOrder, read_order, write_new
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.guard import draw_nonce, list_officers

_NEEDED: Final = 2

By = Annotated[list[str], typer.Option(help="An officer who signs; two are needed.")]
Keys = Annotated[list[Path], typer.Option("--key", help="His private key, in the same order.")]
Begun = Annotated[Path | None, typer.Option("--order", help="What another officer signed.")]
Out = Annotated[Path | None, typer.Option(help="Only sign: the order, for another.")]


async def drawn(desk: Database, action: str, scope: str, value: str, reason: str) -> SignedOrder:
    """Return a new order that nobody has signed, good for a day."""
    nonce = await draw_nonce(desk)
    return SignedOrder(action, scope, value, reason, nonce.good_until, nonce.nonce, None, {})


def read_begun(path: Path, action: str, scope: str) -> SignedOrder:
    """Read an order that another officer signed. Raises `BadInputError` when it is another's."""
    begun = read_order(path)
    if (begun.action, begun.scope, begun.key) != (action, scope, None):
        raise BadInputError("--order", f"is no order to {action} an {scope}")
    return begun


async def signed_in_turn(
    desk: Database, order: SignedOrder, by: list[str], keys: list[Path]
) -> SignedOrder:
    """Say what is being signed, and add the signatures; each is checked against the record."""
    progress(f"to be signed: {order.action} {order.value}: {order.reason}")
    return order.signed_by(await list_officers(desk), by, keys)


def need_two(order: SignedOrder) -> SignedOrder:
    """Return the order when two have signed it. Raises `RefusedError`."""
    if len(order.signatures) != _NEEDED:
        raise RefusedError(f"to {order.action} takes two different officers")
    return order


def hand_over(order: SignedOrder, out: Path, as_json: bool) -> int:
    """Write an order to a new file for the next officer. Raises `BadInputError`."""
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
