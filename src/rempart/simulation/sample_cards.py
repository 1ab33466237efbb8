"""A few cards of the made-up population to ask about, with the outcome that each deserves."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rempart.simulation.population import Person, Population
from rempart.simulation.truth import Truth


@dataclass(frozen=True, slots=True)
class SampleCard:
    """A card, the domain to ask in, the secret of its code when it is shown, and what to expect.

    `why` names the case: a text says it to people.
    """

    why: str
    person: Person
    domain: str
    scan: str | None
    expected_outcome: str


_ELSEWHERE = Person("999999", "10203040", date(1980, 1, 1), 1)
_NOT_ITS_CODE = "NOTTHESECRETOFTHISCARD"


def sample_cards(population: Population, today: date) -> tuple[SampleCard, ...]:
    """Choose cards with different outcomes; the first is covered.

    The population must be large enough to hold every case; 5,000 people do.
    """
    truth = Truth(population)
    adults = _covered_adults(population, truth, today)
    typed, scanned, glasses, forged = (next(adults) for _ in range(4))
    chosen = (
        ("typed", typed, "PHAR", None),
        ("scanned", scanned, "PHAR", _secret(truth, scanned)),
        ("glasses", glasses, "OPTI", _secret(truth, glasses)),
        ("second_twin", next(_second_twins(population, truth, today)), "PHAR", None),
        ("ended", next(_ended(population, truth, today)), "PHAR", None),
        ("wrong_birth_date", _born_another_day(typed, truth), "PHAR", None),
        ("wrong_secret", forged, "PHAR", _NOT_ITS_CODE),
        ("insurer_elsewhere", _ELSEWHERE, "PHAR", None),
    )
    return tuple(
        SampleCard(why, person, domain, scan, truth.outcome(person, domain, today, scan))
        for why, person, domain, scan in chosen
    )


def _covered_adults(population: Population, truth: Truth, today: date) -> Iterator[Person]:
    """People covered at the pharmacy and, on request, for glasses; each of another family."""
    seen: set[tuple[str, str]] = set()
    for person in population.people:
        family = person.insurer, person.member_number
        if family not in seen and truth.outcome(person, "PHAR", today) == "covered":
            seen.add(family)
            if truth.outcome(person, "OPTI", today) == "covered_on_request":
                yield person


def _second_twins(population: Population, truth: Truth, today: date) -> Iterator[Person]:
    for person in population.people:
        if person.birth_rank == 2 and truth.outcome(person, "PHAR", today) == "covered":
            yield person


def _ended(population: Population, truth: Truth, today: date) -> Iterator[Person]:
    for person in population.people:
        if all(cover.valid_to < today for cover in truth.covers_of(person)):
            yield person


def _born_another_day(person: Person, truth: Truth) -> Person:
    """The same card with a birth date that nobody on it has."""
    other = person
    while truth.covers_of(other):
        other = replace(other, birth_date=other.birth_date - timedelta(days=1))
    return other


def _secret(truth: Truth, person: Person) -> str:
    return next(iter(truth.covers_of(person))).card_secret
