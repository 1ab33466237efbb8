"""Makes card secrets on an insurer's premises: the source with them, and the printer's file.

A card is a member number's: all of its people share one secret. A series is one batch of cards,
which is what leaks, and what is made anew.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rempart.foundation.errors import BadInputError
from rempart.registry.card_payload import MOST_PEOPLE, draw_secret, in_groups, write_card_payload
from rempart.registry.feed_prepare import OnProblem
from rempart.registry.feed_source import SERIES_COLUMN, FeedProblem, read_cells
from rempart.registry.normalisation import normalise_amc
from rempart.registry.whole_file import write_whole

if TYPE_CHECKING:
    from _csv import Writer

PRINTED = ("series", "insurer", "member_number", "people", "secret", "payload")
"""Columns of the printer's file; docs/card.md says what is done with each."""

_Refuse = Callable[[int, str, str], None]
_SERIES = re.compile(r"[0-9A-Za-z_.-]{1,32}")


@dataclass(frozen=True, slots=True)
class Series:
    """Which batch is made, and, when it takes the place of one that leaked, of which."""

    label: str
    leaked: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """How many cards the series has, how many secrets were drawn now, how many lines are refused.

    `is_written` is false when a line was refused, or the series would be empty.
    """

    cards: int
    drawn: int
    refused: int
    is_written: bool


@dataclass(slots=True)
class _Card:
    """A member number's card: its secret and series (empty: none), and what is printed on it."""

    line: int
    secret: str = ""
    series: str = ""
    as_written: str = ""
    people: set[tuple[date, int]] = field(default_factory=set)


def issue_cards(
    source: BinaryIO,
    out: Path,
    printer: Path,
    insurer: str,
    series: Series,
    *,
    today: date,
    on_problem: OnProblem,
) -> Issued:
    """Write the source with card secrets, and the cards of the series for the printer.

    Without a series that leaked, whoever has no secret gets one; with one, its cards get new ones.
    Whatever secret is in the source, or in `out` from the time before, stays otherwise: the same
    again gives the same again. Both files are written whole, for their owner alone, the source's
    first: no card is printed whose secret is not kept. Any refused line leaves both as they were.
    Raises `BadInputError` for labels, the AMC number and an `out` that is something else.
    """
    amc = normalise_amc(insurer)
    _check_labels(series)
    refused = 0

    def refuse(line: int, column: str, reason: str) -> None:
        nonlocal refused
        refused += 1
        on_problem(FeedProblem(line, column, reason))

    cards = _stated(source, today, refuse)
    drawn = 0 if refused else _settle(cards, _kept(out, today), series, refuse)
    printed = [card for card in cards.values() if card.series == series.label]
    if refused or not printed:
        return Issued(len(printed), drawn, refused, is_written=False)
    write_whole(out, lambda file: _write_source(file, source, today, cards))
    write_whole(printer, lambda file: _write_printed(file, amc, series.label, printed))
    return Issued(len(printed), drawn, 0, is_written=True)


def _check_labels(series: Series) -> None:
    for label in (series.label, series.leaked or series.label):
        if not _SERIES.fullmatch(label):
            raise BadInputError("--series", "not 1 to 32 letters A-Z, digits, '_', '.', '-'")
    if series.label == series.leaked:
        raise BadInputError("--new-series", "the label of the series that leaked")


def _stated(source: BinaryIO, today: date, refuse: _Refuse) -> dict[str, _Card]:
    """Collect the cards of a source, by normalised member number."""
    cards: dict[str, _Card] = {}
    for one in read_cells(source, today):
        if isinstance(one, FeedProblem):
            refuse(one.line, one.column, one.reason)
            continue
        cells, cover = one
        card = cards.setdefault(cover.member_number, _Card(cover.line))
        card.as_written = card.as_written or cells["member_number"]
        card.people.add((cover.birth_date, cover.birth_rank))
        if len(card.people) == MOST_PEOPLE + 1:
            refuse(cover.line, "member_number", f"of more people than {MOST_PEOPLE}, on one card")
        secret, series = cover.card_secret or "", cells.get(SERIES_COLUMN, "")
        if series and not _SERIES.fullmatch(series):
            refuse(cover.line, SERIES_COLUMN, "not 1 to 32 letters A-Z, digits, '_', '.', '-'")
        elif secret and card.secret and (secret, series) != (card.secret, card.series):
            reason = f"line {card.line} has another secret or series for this member number"
            refuse(cover.line, "card_secret", reason)
        elif secret:
            card.secret, card.series, card.line = secret, series, cover.line
    return cards


def _kept(out: Path, today: date) -> dict[str, _Card]:
    """Read the secrets that were given before."""
    kept: dict[str, _Card] = {}
    with suppress(FileNotFoundError), out.open("rb") as file:

        def refuse(_line: int, _column: str, _reason: str) -> None:
            raise BadInputError("OUT", "is there, and is not what an earlier run wrote")

        kept = _stated(file, today, refuse)
    return {number: card for number, card in kept.items() if card.secret}


def _settle(
    cards: dict[str, _Card], kept: dict[str, _Card], series: Series, refuse: _Refuse
) -> int:
    """Give every card the secret that it has from now on; return how many were drawn."""
    drawn = 0
    for number, card in cards.items():
        before = kept.get(number)
        if before is not None and before.secret != card.secret:
            # The source may still have the secret that leaked, when an earlier run replaced it.
            if card.secret and (series.leaked is None or before.series != series.label):
                reason = "the file that an earlier run wrote has another secret for this member"
                refuse(card.line, "card_secret", reason)
                continue
            card.secret, card.series = before.secret, before.series
        elif before is not None:
            card.series = card.series or before.series
        if card.series == series.leaked if series.leaked else not card.secret:
            card.secret, card.series = draw_secret(), series.label
            drawn += 1
    return drawn


def _write_source(file: BinaryIO, source: BinaryIO, today: date, cards: dict[str, _Card]) -> None:
    """Write the source as it was, but for secrets and series."""
    source.seek(0)
    with _csv(file) as writer:
        for place, one in enumerate(read_cells(source, today)):
            if isinstance(one, FeedProblem):
                raise BadInputError("SOURCE", "changed while it was read")
            cells, cover = one
            card = cards[cover.member_number]
            filled = cells | {"card_secret": card.secret, SERIES_COLUMN: card.series}
            if place == 0:
                writer.writerow(filled)
            writer.writerow(filled.values())


def _write_printed(file: BinaryIO, amc: str, label: str, cards: list[_Card]) -> None:
    with _csv(file) as writer:
        writer.writerow(PRINTED)
        for card in cards:
            people = sorted(card.people)
            payload = write_card_payload(amc, card.as_written, people, card.secret)
            told = " ".join(f"{born}/{rank}" for born, rank in people)
            secret = in_groups(card.secret)
            writer.writerow((label, amc, card.as_written, told, secret, payload))


@contextmanager
def _csv(file: BinaryIO) -> "Iterator[Writer]":
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    yield csv.writer(text, lineterminator="\n")
    text.flush()
    text.detach()
