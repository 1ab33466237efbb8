"""Looks for what an answer's time or bytes tell: classes of cards that must not be told apart."""

import gc
import random
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from statistics import median

from rempart.foundation.errors import RempartError
from rempart.simulation.probe_cases import Card, ProbeCards
from rempart.simulation.question import Question, question_about
from rempart.simulation.software import Reply, Software

_AFTER_BODY = b',"receipt":'


class NotAnsweredError(RempartError):
    """A question of the probe was refused: its times would be those of a refusal."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, for what: one account of one software."""

    software: Software
    professional: str
    site: str
    domain: str
    on: date

    def ask(self, card: Card) -> Reply:
        """Ask about a card, under a new reference."""
        return self.software.ask(self._question(card))

    def quote(self, *lines: Mapping[str, object]) -> Callable[[Card], Reply]:
        """Return what asks about a card with these lines, as docs/api.md has them."""

        def ask(card: Card) -> Reply:
            reply, _ = self.software.quote(self._question(card), {"lines": lines})
            return reply

        return ask

    def _question(self, card: Card) -> Question:
        return question_about(
            card.person,
            domain=self.domain,
            on=self.on,
            professional=self.professional,
            site=self.site,
            card_secret=card.scan,
        )


@dataclass(frozen=True, slots=True)
class CardClass:
    """Cards that are alike, and how one is asked about.

    `outcome` is what every one of them must be answered; classes of one outcome must not be told
    apart by anything else, but where `beside` differs: what the asker chose himself (other lines,
    another account).
    """

    name: str
    outcome: str
    cards: Sequence[Card]
    ask: Callable[[Card], Reply]
    beside: str = ""

    @property
    def alike(self) -> str:
        """What it shares with the classes that it must not be told apart from."""
        return f"{self.outcome} {self.beside}".rstrip()


@dataclass(frozen=True, slots=True)
class Gap:
    """The largest gap between two classes' distribution functions of time, from 0 to 1."""

    a: str
    b: str
    gap: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a probe found.

    `pairs` must not be told apart; `floors` compare each class with itself, at half the size
    (noise: about 1.41 times that of a pair). `calls` is the number of each class, `told_apart`
    the outcomes (and what was chosen beside) of which statuses or bytes differ, receipts aside, or
    that were not given.
    """

    pairs: tuple[Gap, ...]
    floors: tuple[Gap, ...]
    medians_ms: Mapping[str, float]
    told_apart: tuple[str, ...]
    calls: int


def classes_of(cards: ProbeCards, open_: Asking, empty: Asking) -> list[CardClass]:
    """Make the classes: misses by an account with budget left, anyone by one that has none."""
    return [
        *(
            CardClass(name, "no_right_found", some, open_.ask)
            for name, some in cards.misses.items()
        ),
        *(
            CardClass(name, "better_evidence_needed", some, empty.ask)
            for name, some in cards.anyone.items()
        ),
    ]


def quote_classes_of(
    cards: ProbeCards,
    open_: Asking,
    empty: Asking,
    line: Mapping[str, object],
    counted: Mapping[str, object] | None = None,
) -> list[CardClass]:
    """Make the classes of quotes: the same misses, and anyone by an account with empty budgets.

    ``line`` is one that no plan of these insurers counts. With ``counted``, one that a plan does:
    typed, it is answered to nobody, whoever is asked about.
    """
    quote, quote_empty = open_.quote(line), empty.quote(line)
    made = [
        *(CardClass(name, "no_right_found", some, quote) for name, some in cards.misses.items()),
        *(
            CardClass(name, "better_evidence_needed", some, quote_empty)
            for name, some in cards.anyone.items()
        ),
    ]
    if counted is None:
        return made
    ask = open_.quote(counted)
    typed = {f"counted_{name}": some for name, some in (*cards.anyone.items(), *_typed(cards))}
    return [
        *made,
        *(
            CardClass(name, "better_evidence_needed", some, ask, "counted")
            for name, some in typed.items()
        ),
    ]


def _typed(cards: ProbeCards) -> list[tuple[str, Sequence[Card]]]:
    return [
        (name, some)
        for name, some in cards.misses.items()
        if name in {"ended", "domain_not_open"} and all(card.scan is None for card in some)
    ]


def meet_all(cards: ProbeCards, asking: Asking) -> None:
    """Ask about every card once, so that none is new to the account when times are taken."""
    for some in cards.misses.values():
        for card in some:
            _answered(asking.ask(card))


def probe(classes: Sequence[CardClass], calls: int, seed: int = 1) -> Found:
    """Ask `calls` questions of each class, in rounds of one each, each round in an order drawn.

    So whatever else the machine does falls on all classes alike. Raises `NotAnsweredError` when
    a question is refused, `UnavailableError` when the server cannot be reached.
    """
    draw = random.Random(f"timing probe {seed}")
    times: dict[str, list[float]] = {one.name: [] for one in classes}
    faces: dict[str, set[bytes]] = {one.alike: set() for one in classes}
    outcomes = {one.alike: one.outcome.encode() for one in classes}
    gc.disable()
    try:
        for _ in range(calls):
            for one in draw.sample(classes, len(classes)):
                reply = _answered(one.ask(draw.choice(one.cards)))
                times[one.name].append(reply.seconds)
                faces[one.alike].add(face(reply))
    finally:
        gc.enable()
    return Found(
        pairs=tuple(
            Gap(a.name, b.name, largest_gap(times[a.name], times[b.name]))
            for a, b in combinations(classes, 2)
            if a.alike == b.alike
        ),
        floors=tuple(
            Gap(name, name, largest_gap(values[::2], values[1::2]))
            for name, values in times.items()
        ),
        medians_ms={name: round(1e3 * median(values), 3) for name, values in times.items()},
        told_apart=tuple(
            alike
            for alike, seen in faces.items()
            if len(seen) > 1 or not any(outcomes[alike] in one for one in seen)
        ),
        calls=calls,
    )


def _answered(reply: Reply) -> Reply:
    if reply.outcome is None:
        raise NotAnsweredError("the probe was refused where it expected an answer")
    return reply


def face(reply: Reply) -> bytes:
    """Everything of a reply that is not its receipt: status, size, and the bytes before it."""
    before, _, _ = reply.content.partition(_AFTER_BODY)
    return b"%d %d " % (reply.status, len(reply.content)) + before


def largest_gap(a: Sequence[float], b: Sequence[float]) -> float:
    """Two samples' Kolmogorov-Smirnov statistic: sup |F_a - F_b|.

    Of two samples of n from one distribution it exceeds 1.63 * sqrt(2 / n) once in a hundred.
    """
    a, b = sorted(a), sorted(b)
    return max(
        abs(bisect_right(a, value) / len(a) - bisect_right(b, value) / len(b)) for value in (*a, *b)
    )
