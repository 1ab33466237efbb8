"""`rempart officer`: who signs holds, and with which keys."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rempart.cli.desk_work import as_desk
from rempart.cli.output import OK, Json, emit
from rempart.cli.signing import SignedOrder, make_key, read_public_key
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
    add_officer,
    draw_nonce,
    list_officers,
    read_officer,
    read_reason,
    remove_officer,
)
from rempart.journal import key_id


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(help="Who signs holds.", no_args_is_help=True, rich_markup_mode=None)
    group.command("keys")(keys)
    group.command("add")(add)
    group.command("remove")(remove)
    group.command("list")(list_)
    app.add_typer(group, name="officer")


def keys(
    out: Annotated[Path, typer.Option(help="Where the private key is kept: a new file.")],
    as_json: Json = False,
) -> None:
    """Make an officer's key pair on his own machine: FILE (mode 0600) and FILE.pub."""
    public, raw = make_key(out)
    shown = {"key": str(out), "public_key": str(public), "key_id": key_id(raw).hex()}

    def render() -> None:
        typer.echo(f"private key {out}: it stays with the officer")
        typer.echo(f"public key  {public}: for `rempart officer add`; its id is {shown['key_id']}")

    emit(shown, as_json, render)


def add(
    name: Annotated[str, typer.Argument(help="The officer's name.", show_default=False)],
    key: Annotated[Path, typer.Option(help="His public key: FILE.pub.")],
    by: Annotated[list[str] | None, typer.Option(help="An officer who signs; twice.")] = None,
    by_key: Annotated[list[Path] | None, typer.Option(help="His private key; twice.")] = None,
    as_json: Json = False,
) -> None:
    """Put an officer on record. From the third on, two officers sign for it."""
    public = read_public_key(key)
    read_officer(name)

    async def work(desk: Database) -> datetime | GateRefusal:
        drawn = await draw_nonce(desk)
        order = SignedOrder(
            "add", "officer", name, "", drawn.good_until, drawn.nonce, public, {}
        ).signed_by(await list_officers(desk), by or [], by_key or [])
        return await add_officer(desk, name, public, order.arguments())

    added_at = as_desk(work)
    shown = {"name": name, "key_id": key_id(public).hex(), "added_at": added_at.isoformat()}
    emit(shown, as_json, lambda: typer.echo(f"{name} is on record with key {shown['key_id']}"))


def remove(
    *,
    name: Annotated[
        str | None, typer.Argument(help="The officer's name.", show_default=False)
    ] = None,
    by: By,
    key: Keys,
    reason: Annotated[str | None, typer.Option(help="Why, without anybody's number.")] = None,
    order: Begun = None,
    out: Out = None,
    as_json: Json = False,
) -> int:
    """Take an officer off the record, on the signatures of two others; his key never comes back.

    Together: name --by and --key twice. One after the other: the first signs with --out, the second
    adds --order within a day. To change a key: remove the officer, then add him with another.
    """
    if (order is None) != (name is not None and reason is not None):
        raise BadInputError("--order", "or else the officer's name and --reason")
    begun = None if order is None else read_begun(order, "remove", "officer")

    async def signed(desk: Database) -> SignedOrder:
        started = begun or await drawn(
            desk, "remove", "officer", read_officer(name or ""), read_reason(reason or "")
        )
        return await signed_in_turn(desk, started, by, key)

    if out is not None:
        return hand_over(as_desk(signed), out, as_json)

    async def work(desk: Database) -> tuple[str, datetime] | GateRefusal:
        done = need_two(await signed(desk))
        when = await remove_officer(desk, done.value, done.reason, done.arguments())
        return when if isinstance(when, GateRefusal) else (done.value, when)

    removed, when = as_desk(work)
    shown = {"name": removed, "removed_at": when.isoformat()}
    emit(shown, as_json, lambda: typer.echo(f"{removed} is off the record, and so is his key"))
    return OK


def list_(as_json: Json = False) -> None:
    """List the officers and the ids of their keys."""
    found = as_desk(list_officers)
    shown = [
        {"name": o.name, "key_id": key_id(o.public_key).hex(), "added_at": o.added_at.isoformat()}
        for o in found.values()
    ]

    def render() -> None:
        for one in shown:
            typer.echo(f"{one['name']}  key {one['key_id']}  since {one['added_at']}")

    emit({"officers": shown}, as_json, render)
