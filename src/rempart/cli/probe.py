"""`rempart probe`: measures what an observer of the answers could measure."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rempart.cli.output import DOES_NOT_HOLD, OK, Json, emit, load_settings, progress, run
from rempart.foundation.errors import UnavailableError
from rempart.foundation.settings import Settings

if TYPE_CHECKING:
    from rempart.foundation.reach import Reached
    from rempart.simulation.probe_cases import ProbeCards
    from rempart.simulation.software import Addresses
    from rempart.simulation.timing_probe import Found

_PROFESSION = "chirurgien_dentiste"
_DOMAIN = "DEPR"
"""Dental prostheses: a domain that many plans do not open."""

_LINE = {
    "category": "COURONNE",
    "quantity": 1,
    "price_cents": 50_000,
    "base_cents": 12_000,
    "obligatory_cents": 7_200,
}
"""Of that domain; no plan of the demonstration counts it."""

_CARDS = 100


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="Measure what an observer could.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("timing")(timing)
    group.callback()(lambda: None)
    app.add_typer(group, name="probe")


def timing(
    calls: Annotated[int, typer.Option(min=10, help="Questions of each class.")] = 2_000,
    most: Annotated[float, typer.Option(min=0.0, max=1.0, help="The largest gap allowed.")] = 0.06,
    url: Annotated[str | None, typer.Option(help="Another address of the edge.")] = None,
    quotes: Annotated[bool, typer.Option("--quotes", help="Ask quotes instead.")] = False,
    as_json: Json = False,
) -> int:
    """Ask about cards that must look alike, and compare the answers' times and bytes.

    Needs a demonstration that is up (`make run`). Exit 1 when a pair can be told apart.
    """
    from rempart.cli.demo_state import make_people
    from rempart.foundation.clock import SystemClock
    from rempart.foundation.reach import reach_database
    from rempart.simulation.probe_cases import probe_cards

    state_dir, addresses = _running()
    if url is not None:
        addresses = replace(addresses, public_url=url.rstrip("/"))
    today = SystemClock().today()
    cards = probe_cards(make_people(state_dir, today), _DOMAIN, today, _CARDS)
    settings = Settings.load({**os.environ, "REMPART_STATE_DIR": str(state_dir)})
    with reach_database(settings) as reached:
        found = run(measured(reached, addresses, cards, calls, quotes=quotes))
    emit(found, as_json, lambda: _show(found, most))
    return OK if holds(found, most) else DOES_NOT_HOLD


def holds(found: "Found", most: float) -> bool:
    """Whether nothing was told: every gap within `most`, and the same bytes."""
    return not found.told_apart and all(pair.gap <= most for pair in found.pairs)


async def measured(
    reached: "Reached", addresses: "Addresses", cards: "ProbeCards", calls: int, *, quotes: bool
) -> "Found":
    """Open the probe's accounts, let them meet every card, then take times."""
    from rempart.cli.probe_accounts import Trade, probe_askings
    from rempart.foundation.clock import SystemClock
    from rempart.simulation.timing_probe import classes_of, meet_all, probe, quote_classes_of

    trade = Trade(_PROFESSION, _DOMAIN, SystemClock().today())
    people = sum(map(len, cards.misses.values()))
    questions = people + calls * (len(cards.misses) + len(cards.anyone))
    async with probe_askings(reached, addresses, trade, questions, people) as (rich, poor):
        progress(f"asking {questions} questions, one after another")
        await asyncio.to_thread(meet_all, cards, rich)
        classes = (
            quote_classes_of(cards, rich, poor, _LINE) if quotes else classes_of(cards, rich, poor)
        )
        return await asyncio.to_thread(probe, classes, calls)


def _running() -> tuple[Path, "Addresses"]:
    from rempart.cli.demo_platform import running_addresses
    from rempart.cli.demo_state import DEMONSTRATION, TRY_OUT

    named = "REMPART_STATE_DIR" in os.environ
    for folder in [load_settings().state_dir] if named else [TRY_OUT, DEMONSTRATION]:
        if (addresses := running_addresses(folder)) is not None:
            return folder, addresses
    raise UnavailableError("no demonstration is up here: start one with `make run`")


def _show(found: "Found", most: float) -> None:
    typer.echo(f"{found.calls} questions of each class; two of one outcome must not differ")
    for name, value in found.medians_ms.items():
        typer.echo(f"  median {value:7.3f} ms  {name}")
    for pair in sorted(found.pairs, key=lambda pair: -pair.gap):
        verdict = "" if pair.gap <= most else f"  more than {most}: CAN be told apart"
        typer.echo(f"  gap {pair.gap:.4f}  {pair.a} / {pair.b}{verdict}")
    noise = max(floor.gap for floor in found.floors)
    typer.echo(f"  gap {noise:.4f}  a class against itself, at half the size, at most")
    for outcome in found.told_apart:
        typer.echo(f"  the bytes or statuses of {outcome} differ: CAN be told apart")
