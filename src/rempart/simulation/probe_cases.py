"""Whom a timing probe asks about: cards for each reason of `no_right_found`, from the truth."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from rempart.simulation.population import Person, Population
from rempart.simulation.truth import Truth

_SECRET_OF_NOBODY = "NOTTHESECRETOFTHISCARD"  # noqa: S105 - a card's code that no card has


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it is shown: the person, and the secret when its code is scanned."""

    person: Person
    scan: str | None = None


@dataclass(frozen=True, slots=True)
class ProbeCards:
    """Cards by name of class: `misses` are all `no_right_found`; `anyone` differs in who exists."""

    misses: Mapping[str, Sequence[Card]]
    anyone: Mapping[str, Sequence[Card]]


def probe_cards(population: Population, domain: str, today: date, most: int) -> ProbeCards:
    """Choose up to `most` cards of each class, each of another person.

    A class of which the population has nobody is left out: not every plan leaves out every domain.
    """
    truth = Truth(population)

    def chosen(belongs: Callable[[Person], bool]) -> list[Card]:
        return [Card(who) for who in islice(filter(belongs, population.people), most)]

    def dates(who: Person) -> list[tuple[date, date]]:
        return [(cover.valid_from, cover.valid_to) for cover in truth.covers_of(who)]

    covered = chosen(lambda who: truth.outcome(who, domain, today) != "no_right_found")
    draw = random.Random(population.seed)
    unknown = [Card(_nobody(card.person, truth, draw)) for card in covered]
    misses = {
        "unknown": unknown,
        "wrong_birth_date": [Card(_born_another_day(card.person, truth)) for card in covered],
        "ended": chosen(lambda who: all(last < today for _, last in dates(who))),
        "not_begun": chosen(lambda who: all(first > today for first, _ in dates(who))),
        "domain_not_open": chosen(
            lambda who: (
                truth.rule(who, domain, today) is None
                and any(first <= today <= last for first, last in dates(who))
            )
        ),
        "scan_unknown": [replace(card, scan=_SECRET_OF_NOBODY) for card in unknown],
        "scan_wrong_secret": [replace(card, scan=_SECRET_OF_NOBODY) for card in covered],
    }
    return ProbeCards(
        misses={name: cards for name, cards in misses.items() if cards},
        anyone={"member": covered, "stranger": unknown},
    )


def _nobody(like: Person, truth: Truth, draw: random.Random) -> Person:
    """A member number of the same shape that nobody has."""
    while True:
        number = "".join(
            draw.choice("0123456789") if mark.isdigit() else mark for mark in like.member_number
        )
        drawn = replace(like, member_number=number)
        if not truth.covers_of(drawn):
            return drawn


def _born_another_day(person: Person, truth: Truth) -> Person:
    other = person
    while truth.covers_of(other):
        other = replace(other, birth_date=other.birth_date - timedelta(days=1))
    return other
