"""`rempart turn`: new outer index keys, while insurers feed anew and the old ones still find."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rempart.cli.hsm import opened_token
from rempart.cli.output import Json, RefusedError, emit, load_settings, run
from rempart.cli.roles import as_role
from rempart.foundation.errors import UnavailableError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.settings import Settings

if TYPE_CHECKING:
    from rempart.foundation.database import Database
    from rempart.registry import HeldUnder

_DESK, _JOBS = "rempart_desk", "rempart_jobs"
_PATIENCE: Final = {"statement_timeout": "30min"}
"""For a statement that reads all covers."""

_REFUSALS: Final = {
    "turn_under_way": "a turn is under way already: `rempart turn list`",
    "not_the_next": "this keyring has no keys of the next generation: `rempart turn make`",
    "no_turn_under_way": "no turn is under way",
    "covers_in_force": "covers in force are found under the keys before alone: their insurers"
    " must feed anew, `rempart turn list` names them",
    "leavers_remembered": "people who are no longer covered are known under the keys before alone;"
    " --now forgets them",
}


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="Turn the outer index keys (docs/index-keys.md).",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("list")(list_)
    for command in (make, begin, end, forget):
        group.command(command.__name__)(command)
    app.add_typer(group, name="turn")


def list_(as_json: Json = False) -> None:
    """Show each generation of index keys, and who is found under it, by insurer."""
    from rempart.registry import list_generations
    from rempart.rights import held_generations

    settings = load_settings()
    rows = as_role(_DESK, settings, list_generations, _PATIENCE)
    held = held_generations(FileKeyring.open(settings.keyring))

    def render() -> None:
        for number in sorted({row.generation for row in rows} | set(held)):
            under = [row for row in rows if row.generation == number]
            typer.echo(f"generation {number}: {_state(under)}{_here(number in held)}")
            for row in under:
                if row.insurer:
                    typer.echo(
                        f"  insurer {row.insurer}: {row.in_force:,} covers in force or to come,"
                        f" {row.over:,} over, {row.departed:,} people who left"
                    )

    emit({"generations": [asdict(row) for row in rows], "held": held}, as_json, render)


def make(as_json: Json = False) -> None:
    """Make the keys of the next generation, in the keyring or in the token. Changes nothing yet."""
    from rempart.rights import LAST_GENERATION, held_generations, note_name, turning_key_names

    settings = load_settings()
    keyring = FileKeyring.open(settings.keyring)
    coming = _next(settings)
    if coming in held_generations(keyring):
        raise RefusedError("keys of the next generation are made already: `rempart turn begin`")
    if coming > LAST_GENERATION:
        raise RefusedError(f"there are {LAST_GENERATION} generations, and no more")
    names = turning_key_names(coming)
    if settings.hsm is None:
        # The registry's last: by it a keyring knows that it holds a whole generation.
        for name in sorted(names):
            keyring.ensure(name)
    else:
        with opened_token() as token:
            for name in names:
                if name not in token.names():
                    token.make(name)
        keyring.ensure(note_name(coming))
    emit(
        {"generation": coming, "keys": names},
        as_json,
        lambda: typer.echo(
            f"keys of generation {coming} are made. Save them as the others are, restart every"
            " blinding process, then: rempart turn begin"
        ),
    )


def begin(
    by: Annotated[str, typer.Option(help="The officer who decides.")], as_json: Json = False
) -> None:
    """Ask under the new keys too; from a minute later, each feed moves whom it names to them."""
    from rempart.registry import TurnRefused, begin_turn
    from rempart.rights import held_generations

    settings = load_settings()
    coming = _next(settings)
    if coming not in held_generations(FileKeyring.open(settings.keyring)):
        raise RefusedError(_REFUSALS["not_the_next"])
    run(_check_blinding(settings, coming))
    refused = as_role(_DESK, settings, lambda desk: begin_turn(desk, coming, by))
    if isinstance(refused, TurnRefused):
        raise RefusedError(_REFUSALS[refused])
    emit(
        {"generation": coming},
        as_json,
        lambda: typer.echo(
            f"questions are asked under generations {coming - 1} and {coming}; insurers may feed"
            " anew from a minute on"
        ),
    )


def end(
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Forget whoever is no longer covered, or has left.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Ask under the keys before no more, and erase what is left under them."""
    from rempart.registry import TurnRefused, end_turn, list_generations

    settings = load_settings()
    ended = as_role(_DESK, settings, lambda desk: end_turn(desk, now=now), _PATIENCE)
    if isinstance(ended, TurnRefused):
        # Who was stopped while he erased goes on here.
        rows = as_role(_DESK, settings, list_generations, _PATIENCE)
        is_left = any(row.ended_at is not None and row.insurer for row in rows)
        if ended is not TurnRefused.NO_TURN_UNDER_WAY or not is_left:
            raise RefusedError(_REFUSALS[ended])
    found = as_role(_JOBS, settings, lambda jobs: _erase(jobs, settings), _PATIENCE)
    emit(
        found,
        as_json,
        lambda: typer.echo(
            f"the turn has ended; {found['erased_covers']:,} covers and"
            f" {found['erased_departed']:,} people who left were erased, as entry"
            f" {found['certificate']} says: rempart purge certificate {found['certificate']}."
            " Restart every blinding process once the old keys are gone: rempart turn forget"
        ),
    )


def forget(as_json: Json = False) -> None:
    """Destroy the keys of generations that have ended: older backups find nobody without them."""
    from rempart.registry import list_generations
    from rempart.rights import held_generations, note_name, turning_key_names

    settings = load_settings()
    keyring = FileKeyring.open(settings.keyring)
    rows = as_role(_DESK, settings, list_generations, _PATIENCE)
    if any(row.ended_at is not None and row.insurer for row in rows):
        raise RefusedError("rows are left under keys that have ended: `rempart turn end` first")
    ended = {row.generation for row in rows if row.ended_at is not None}
    gone = sorted(ended.intersection(held_generations(keyring)))
    for number in gone:
        if settings.hsm is None:
            # Likewise: who is stopped between the two comes back here.
            for name in sorted(turning_key_names(number)):
                if name in keyring.names():
                    keyring.remove(name)
            continue
        with opened_token() as token:
            for name in turning_key_names(number):
                if name in token.names():
                    token.destroy(name)
        keyring.remove(note_name(number))
    emit(
        {"forgotten": gone},
        as_json,
        lambda: typer.echo(
            f"gone: the keys of generation {', '.join(map(str, gone))}" if gone else "nothing to do"
        ),
    )


async def _erase(jobs: "Database", settings: Settings) -> dict[str, int]:
    """Erase as a night does, what ended keys leave too: how much of that, and the last entry."""
    from rempart.cli.purging import purge_from_now

    numbers = await purge_from_now(jobs, "console", settings.purge_payload_months)
    parts = [
        part
        for run in await jobs.call("journal.list_purges", len(numbers))
        for part in run["parts"]
    ]

    def erased(what: str) -> int:
        return sum(part["erased"] for part in parts if part["what"] == what)

    return {
        "erased_covers": erased("turned_cover"),
        "erased_departed": erased("turned_departed"),
        "certificate": numbers[-1],
    }


def _next(settings: Settings) -> int:
    """Return the generation after the newest; a turn that is under way ends the command."""
    from rempart.registry import live_generations

    live = as_role(_DESK, settings, live_generations)
    if len(live) > 1:
        raise RefusedError(_REFUSALS["turn_under_way"])
    return live[0] + 1


async def _check_blinding(settings: Settings, generation: int) -> None:
    """Raise `UnavailableError` unless the blinding process here has the keys."""
    from rempart.rights import BlindingClient, Purpose

    client = BlindingClient(settings.blinding_socket)
    try:
        turning = (Purpose.REGISTRY, Purpose.CARD)
        await client.blind([(one.under(generation), bytes(32)) for one in turning])
    except UnavailableError:
        raise UnavailableError(
            f"the blinding process does not hash under generation {generation}: restart it first"
        ) from None
    finally:
        await client.close()


def _state(under: list["HeldUnder"]) -> str:
    if not under:
        return "made, not begun"
    row = under[0]
    if row.ended_at is not None:
        return f"ended {row.ended_at:%Y-%m-%d %H:%M}"
    if row.generation == 1:
        return "lives, the first"
    return f"lives since {row.begun_at:%Y-%m-%d %H:%M}, begun by {row.begun_by}"


def _here(is_held: bool) -> str:
    return "" if is_held else " (its keys are not in this keyring)"
