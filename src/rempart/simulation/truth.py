"""What the insurers' own lists say of a card: the truth that answers are measured against.

Shares no code with the registry or with `rights.ask`.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Literal

from rempart.simulation.plans import INSURERS, DomainRule
from rempart.simulation.population import Cover, Person, Population

Outcome = Literal["covered", "covered_on_request", "no_right_found", "insurer_not_served"]


class Truth:
    """Answers from the made-up insurers' own lists, with no limit and no record."""

    def __init__(self, population: Population) -> None:
        """Sort the covers by person."""
        self._covers: defaultdict[Person, list[Cover]] = defaultdict(list)
        for cover in population.covers:
            self._covers[cover.person].append(cover)
        self._rules = {
            (insurer.amc_number, plan.code): plan.rules
            for insurer in INSURERS
            for plan in insurer.plans
        }
        self._insurers = {insurer.amc_number for insurer in INSURERS}

    def covers_of(self, person: Person) -> Sequence[Cover]:
        """Every cover of a person, past and to come; none for somebody who does not exist."""
        return tuple(self._covers.get(person, ()))

    def rule(self, person: Person, domain: str, on: date) -> DomainRule | None:
        """What is paid in a domain on a date, by the first cover in rank that opens the domain."""
        for cover in sorted(self.covers_of(person), key=lambda cover: cover.cover_rank):
            rule = self._rules[person.insurer, cover.plan].get(domain)
            if rule is not None and cover.valid_from <= on <= cover.valid_to:
                return rule
        return None

    def outcome(
        self, person: Person, domain: str, on: date, card_secret: str | None = None
    ) -> Outcome:
        """The outcome that a question deserves; a card secret, when shown, must be the card's."""
        if person.insurer not in self._insurers:
            return "insurer_not_served"
        rule = self.rule(person, domain, on)
        secrets = {cover.card_secret for cover in self.covers_of(person)}
        if rule is None or (card_secret is not None and card_secret not in secrets):
            return "no_right_found"
        return "covered" if rule.mode == "direct" else "covered_on_request"
