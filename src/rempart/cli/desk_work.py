"""What the desk's commands share: its role's connection, what refusals say, when a move counts."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Generic, TypeVar

import typer

from rempart.cli.on_hand import settings_on_hand
from rempart.cli.output import RefusedError
from rempart.cli.roles import as_role
from rempart.foundation.clock import PARIS
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.guard import GateRefusal, wait_until_effective

_T = TypeVar("_T")

REFUSALS: Final = {
    "scope_unknown": "this is not on record here: nothing was closed or opened",
    "reason_not_plain": "the reason must be short and hold no number of anybody's",
    "author_not_valid": "an officer's name has 1 to 40 letters, digits, _ . -",
    "end_not_ahead": "--until must lie ahead",
    "not_closed": "this is not closed by a gate (`rempart gate list`)",
    "held_already": "this account is on hold already",
    "not_held": "this account is not on hold",
    "key_retired": "this key was taken off the record: no officer signs with it again",
    "officer_unknown": "an officer who signed is not on record: `rempart officer add`",
    "officer_exists": "this officer, or this key, is on record already",
    "officers_needed": "too few different officers signed",
    "order_expired": "this order was used before, or its day is over",
    "key_not_valid": "this is no key of 32 bytes",
}

Reason = Annotated[
    str,
    typer.Option(
        help="Why: short, without any number of a person's. For platform, channel, insurer and"
        " grade everybody can read it on the status page."
    ),
]


@dataclass(frozen=True, slots=True)
class Moved(Generic[_T]):
    """What a move answered, and after how many seconds every edge had to see it; None: unknown."""

    done: _T
    effective_after_s: float | None


def as_desk(work: Callable[[Database], Awaitable[_T | GateRefusal]]) -> _T:
    """Do the desk's work as rempart_desk; a refusal ends the command."""
    outcome = as_role("rempart_desk", settings_on_hand(), work)
    if isinstance(outcome, GateRefusal):
        raise RefusedError(REFUSALS.get(outcome.because, "this is refused"))
    return outcome


def measured(
    work: Callable[[Database], Awaitable[_T | GateRefusal]],
) -> Callable[[Database], Awaitable["Moved[_T] | GateRefusal"]]:
    """Wrap a move: time it from just before, until every edge must see it (docs/gates.md)."""

    async def timed(database: Database) -> "Moved[_T] | GateRefusal":
        began = time.monotonic()
        done = await work(database)
        if isinstance(done, GateRefusal):
            return done
        return Moved(done, await wait_until_effective(database, began))

    return timed


def show_effect(after_s: float | None) -> None:
    """Say when a move counted."""
    if after_s is None:
        typer.echo("NOT confirmed within 5 s: older questions still run (docs/gates.md)")
    else:
        typer.echo(f"every question has seen it since {after_s:.3f} s after the command's call")


def read_instant(text: str | None) -> datetime | None:
    """Read --until, in Paris time unless it says otherwise. Raises `BadInputError`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInputError("--until", "is an instant: 2027-03-01T18:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=PARIS)
