"""`rempart demo cards`: cards of the made-up people to ask about, with what each will answer."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from rempart.cli.demo_state import DEMONSTRATION, TRY_OUT, make_people, read_made
from rempart.cli.demo_words import Words
from rempart.foundation.clock import SystemClock
from rempart.simulation.sample_cards import SampleCard, sample_cards

_ENOUGH = 6_000


def cards_of(state_dir: Path) -> tuple[SampleCard, ...]:
    """The sample cards of a folder's people, for today.

    The first few thousand people hold every case, and are the same ones in a larger population.
    """
    today = SystemClock().today()
    return sample_cards(make_people(state_dir, today, _ENOUGH), today)


def cards_folder() -> Path:
    """The folder whose people are meant when none is named: a try-out's, else a demonstration's."""
    return next((folder for folder in (TRY_OUT, DEMONSTRATION) if read_made(folder)), DEMONSTRATION)


def cards_as_json(cards: tuple[SampleCard, ...]) -> list[dict[str, object]]:
    """The keys that scripts rely on."""
    return [
        {
            "insurer": card.person.insurer,
            "member": card.person.member_number,
            "born": card.person.birth_date.isoformat(),
            "rank": card.person.birth_rank,
            "domain": card.domain,
            "scan": card.scan,
            "expected_outcome": card.expected_outcome,
        }
        for card in cards
    ]


def show_cards(console: Console, words: Words, cards: tuple[SampleCard, ...]) -> None:
    """Print the cards as a table."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("case", "insurer", "member", "born", "rank", "domain", "expected"):
        table.add_column(words.say(f"cards.{column}"))
    for card in cards:
        person = card.person
        table.add_row(
            words.say(f"cards.why.{card.why}"),
            person.insurer,
            person.member_number,
            person.birth_date.isoformat(),
            str(person.birth_rank),
            card.domain,
            words.outcome(card.expected_outcome),
        )
    console.print(table)
