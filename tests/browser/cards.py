"""Cards of invented people who are insured at the platform of the browser tests."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from rempart.cli.demo_lists import send_lists
from rempart.cli.demo_state import SEED
from rempart.foundation.clock import SystemClock
from rempart.registry import write_card_payload
from rempart.simulation.population import Person, Population, make_population
from rempart.simulation.sample_cards import SampleCard, sample_cards
from rempart.simulation.truth import Truth
from tests.browser.place import Place

_ENOUGH = 6_000


@dataclass(frozen=True)
class Cards:
    """What may be asked about, and the truth."""

    population: Population
    truth: Truth
    today: date
    samples: dict[str, SampleCard]

    @classmethod
    def of(cls, place: Place) -> "Cards":
        """Return a platform's cards; they are issued when first asked for."""
        if place.portal not in _ISSUED:
            _ISSUED[place.portal] = cls.issue(place)
        return _ISSUED[place.portal]

    @classmethod
    def issue(cls, place: Place) -> "Cards":
        """Make the people, and send their insurers' lists to the platform as real ones go."""
        today = SystemClock().today()
        population = make_population(SEED, today, _ENOUGH)
        # Playwright may have a loop in this thread already.
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(asyncio.run, send_lists(place.platform, population)).result()
        samples = {card.why: card for card in sample_cards(population, today)}
        return cls(population, Truth(population), today, samples)

    def payload(self, *people: Person) -> str:
        """Return what the code of these people's card says."""
        first = people[0]
        secret = next(iter(self.truth.covers_of(first))).card_secret
        told = [(one.birth_date, one.birth_rank) for one in people]
        return write_card_payload(first.insurer, first.member_number, told, secret)

    def adults(self, count: int) -> list[Person]:
        """Return covered people at the pharmacy, each on a card of his own number."""
        found: dict[tuple[str, str], Person] = {}
        for person in self.population.people:
            family = person.insurer, person.member_number
            if family not in found and self.truth.outcome(person, "PHAR", self.today) == "covered":
                found[family] = person
        return list(found.values())[40 : 40 + count]

    def glasses(self, count: int) -> list[Person]:
        """Return people whose insurer agrees to glasses first, the sample card's left out."""
        sample = self.samples["glasses"].person
        found = [
            person
            for person in self.population.people[:2_000]
            if person.insurer == sample.insurer
            and person != sample
            and self.truth.outcome(person, "OPTI", self.today) == "covered_on_request"
        ]
        return found[:count]

    def family(self) -> list[Person]:
        """Return the people of a card that several share, all covered at the pharmacy."""
        by_number: dict[tuple[str, str], list[Person]] = {}
        for person in self.population.people:
            by_number.setdefault((person.insurer, person.member_number), []).append(person)
        return next(
            people
            for people in by_number.values()
            if len(people) > 2
            and all(self.truth.outcome(one, "PHAR", self.today) == "covered" for one in people)
        )


_ISSUED: dict[str, Cards] = {}
"""The cards of each platform that runs, by its address."""
