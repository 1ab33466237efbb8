"""`rempart serve`: the whole platform on this machine, with invented people to ask about."""

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from rempart.cli.output import Json, emit, load_settings, progress, run
from rempart.foundation.errors import UnavailableError
from rempart.foundation.settings import Settings
from rempart.foundation.texts import from_environment, texts

if TYPE_CHECKING:
    from rempart.cli.demo_platform import Platform


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("serve")(serve)


def serve(
    empty: Annotated[
        bool, typer.Option("--empty", help="Bring in no invented people; the default elsewhere.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Start every process and stay up until Ctrl-C; print the address and cards to ask about.

    For a try-out: an embedded database is filled with invented people the first time, and marked
    as a demonstration. A database of one's own (REMPART_DATABASE_URL) is served as it is.
    """
    from rempart.cli.demo_platform import keep_running, running_platform, start_stage
    from rempart.foundation.processes import ended_by_signal

    settings = load_settings()
    _refuse_taken_ports(settings)
    is_try_out = not empty and _may_be_filled(settings)
    with ended_by_signal(), ExitStack() as stack:
        progress("starting the database and the servers")
        platform = stack.enter_context(
            running_platform(settings, demonstration=is_try_out, takes_feeds=True)
        )
        if is_try_out:
            _fill_once(platform)
            start_stage(platform)
        _announce(settings, is_try_out, as_json)
        keep_running(platform)


def _may_be_filled(settings: Settings) -> bool:
    """Whether invented people may be put there: a database that is new, or theirs already."""
    from rempart.cli.demo_state import claim_folder
    from rempart.foundation.embedded import EmbeddedPostgres

    if settings.database_url is not None:
        return False
    is_new = not EmbeddedPostgres.is_made(settings.state_dir)
    return claim_folder(settings.state_dir, is_new=is_new)


def _fill_once(platform: "Platform") -> None:
    from rempart.cli.demo_fill import fill
    from rempart.cli.demo_state import make_people, read_made
    from rempart.foundation.clock import SystemClock

    state_dir = platform.settings.state_dir
    if read_made(state_dir) is None:
        progress("bringing in 50,000 invented people, the first time only")
        run(fill(platform, make_people(state_dir, SystemClock().today())))


def _announce(settings: Settings, with_cards: bool, as_json: bool) -> None:
    from rich.console import Console

    from rempart.cli.demo_cards import cards_as_json, cards_of, show_cards
    from rempart.cli.demo_words import Words

    cards = cards_of(settings.state_dir) if with_cards else ()

    def render() -> None:
        words = Words(texts(from_environment(os.environ)))
        console = Console()
        if cards:
            console.print(words.say("serve.open", address=f"{settings.public_url}/demo"))
            console.print()
        console.print(words.say("serve.up", address=settings.public_url))
        if cards:
            console.print()
            show_cards(console, words, cards)
            console.print()
            console.print(words.say("serve.ask"))
        console.print(words.say("serve.stop"))

    found = {
        "url": settings.public_url,
        "demo_url": f"{settings.public_url}/demo" if with_cards else None,
        "signin_url": settings.signin_url,
        "intake_url": settings.intake_url,
        "cards": cards_as_json(cards),
    }
    emit(found, as_json, render)


def _refuse_taken_ports(settings: Settings) -> None:
    from rempart.foundation.processes import is_taken

    for variable, address in (
        ("REMPART_PUBLIC_URL", settings.public_url),
        ("REMPART_SIGNIN_URL", settings.signin_url),
        ("REMPART_INTAKE_URL", settings.intake_url),
    ):
        port = urlsplit(address).port
        if port is None:
            raise UnavailableError(f"{variable} names no port to listen on")
        if is_taken(port):
            raise UnavailableError(
                f"port {port} is taken by another program (`rempart serve` already?):"
                f" end that one, or choose another port with {variable}"
            )
