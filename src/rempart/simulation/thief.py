"""A thief with a pharmacy's installation and a leaked list: every card's data, no card's secret."""

import random
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from rempart.simulation.population import Person, Population

PATIENCE_S = 3600.0
"""He gives up after an hour in which he learned nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The service answered: the outcome, as it was told."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The service did not answer, and said how many seconds to wait (0 when it said nothing)."""

    retry_after_s: float


def steal_list(population: Population, seed: int, size: int = 5_000) -> tuple[Person, ...]:
    """Draw the cards that leaked a month ago: anybody's, also of people who left their insurer."""
    chance = random.Random(f"rempart leak {seed}")
    leaked_on = population.today - timedelta(days=30)
    listed = dict.fromkeys(
        cover.person for cover in population.covers if cover.valid_from <= leaked_on
    )
    return tuple(chance.sample(tuple(listed), size))


class ListThief:
    """Asks once about each person on his list; a refusal sends the person back to the end.

    He sees what a thief would see: his own answers, and how long he was told to wait. Whom he
    exposed is whoever he was told is covered.
    """

    def __init__(self, people: tuple[Person, ...], patience_s: float = PATIENCE_S) -> None:
        """Take his list and the seconds for which he puts up with learning nothing."""
        self._left = deque(people)
        self._patience_s = patience_s
        self._learned_at = 0.0
        self.resumes_at = 0.0
        self.exposed: set[Person] = set()

    def next(self, now: float) -> Person | None:
        """The next person to ask about, or None when he stops. `now` is in seconds."""
        if not self._left or now - self._learned_at > self._patience_s:
            return None
        return self._left.popleft()

    def learn(self, person: Person, result: Answered | Refused, now: float) -> None:
        """Take what came back for one person."""
        if isinstance(result, Refused):
            self._left.append(person)
            self.resumes_at = now + result.retry_after_s
        elif result.outcome == "covered":
            self.exposed.add(person)
            self._learned_at = now
