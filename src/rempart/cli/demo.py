"""`rempart demo`: the main job, then a theft, on invented people; and cards to ask about."""

import os
import time
from contextlib import ExitStack
from typing import Annotated

import typer

from rempart.cli.output import DOES_NOT_HOLD, OK, Json, emit, run
from rempart.foundation.errors import BadInputError
from rempart.foundation.texts import Language, from_environment, texts

Lang = Annotated[
    str | None, typer.Option("--lang", help="fr or en; by default the locale's language.")
]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="See the main job, then a theft, on invented people.",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    group.callback()(demo)
    group.command("cards")(cards)
    app.add_typer(group, name="demo")


def demo(
    context: typer.Context,
    lang: Lang = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the server up at the end, until Ctrl-C.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Show one question and its answer, then a stolen account; about a minute.

    Remakes the folder .demo each time. Everybody in it is invented; nothing leaves this machine.
    """
    if context.invoked_subcommand is not None:
        return OK
    from rich.console import Console

    from rempart.cli.demo_platform import keep_running, running_platform
    from rempart.cli.demo_screen import Screen
    from rempart.cli.demo_script import Show
    from rempart.cli.demo_state import DEMONSTRATION, begin_anew, make_people, settings_for
    from rempart.cli.demo_words import Words
    from rempart.foundation.clock import SystemClock
    from rempart.foundation.processes import ended_by_signal, free_port

    began = time.monotonic()
    # A script reads standard output: the show goes to the other one.
    screen = Screen(Console(stderr=as_json), Words(texts(_language(lang))))
    with ended_by_signal(), ExitStack() as stack:
        begin_anew(DEMONSTRATION)
        screen.opening()
        settings = settings_for(DEMONSTRATION, free_port(), free_port())
        with screen.waiting("starting"):
            platform = stack.enter_context(running_platform(settings, demonstration=True))
            population = make_people(DEMONSTRATION, SystemClock().today())
        show = Show(platform, population, screen)
        run(show.play())
        found = show.findings
        found.seconds = round(time.monotonic() - began, 1)
        screen.closing(found.seconds, settings.public_url if keep else None)
        emit(found.as_json() if as_json else None, as_json, lambda: None)
        if keep:
            keep_running(platform)
    return OK if found.hold else DOES_NOT_HOLD


def cards(as_json: Json = False, lang: Lang = None) -> None:
    """List cards of the invented people to ask about, with what each will answer."""
    from rich.console import Console

    from rempart.cli.demo_cards import cards_as_json, cards_folder, cards_of, show_cards
    from rempart.cli.demo_words import Words

    found = cards_of(cards_folder())
    words = Words(texts(_language(lang)))
    emit(cards_as_json(found), as_json, lambda: show_cards(Console(), words, found))


def _language(lang: str | None) -> Language:
    if lang is None:
        return from_environment(os.environ)
    try:
        return Language(lang)
    except ValueError:
        raise BadInputError("--lang", "must be fr or en") from None
