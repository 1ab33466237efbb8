"""One theft as it happens: the real account over HTTP, and beside it two limits of others."""

import threading
import time
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from rempart.simulation.baselines import NoLimit, PerAccountMonth, trace_baseline
from rempart.simulation.population import Person, Population
from rempart.simulation.robbery import Loot, rob
from rempart.simulation.software import Reply, Software
from rempart.simulation.thief import ListThief, steal_list
from rempart.simulation.truth import Truth

LISTED: Final = 26_842
"""Cards on the thief's list: people disclosed by one account in March 2022 (510,000 by 19)."""
MOST_ASKED: Final = 6_000
"""Questions put to the real server, at the very most."""
_SAMPLES: Final = 120


@dataclass(frozen=True, slots=True)
class Curves:
    """What there is to draw by now. Times in seconds since the theft began; people exposed.

    `real` has a point for each new person; `b0` and `b3` one for each of `moments` gone by.
    """

    elapsed: float
    asked: int
    real: tuple[tuple[float, int], ...]
    moments: tuple[float, ...]
    b0: tuple[int, ...]
    b3: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A thief's list, how many seconds he has, and what the limits of others would let him have.

    `b0` and `b3` are counts at `moments_of(seconds)`: run in virtual time on the whole list, at
    the pace that goes through it in `seconds`.
    """

    seconds: float
    leaked: tuple[Person, ...]
    today: date
    b0: tuple[int, ...]
    b3: tuple[int, ...]


@dataclass(slots=True)
class LiveTheft:
    """Runs in a thread of its own; may be looked at from any other.

    The thief has the key of a software that speaks for the account, and the plan's list. The
    plan's seconds bound the theft, `MOST_ASKED` its questions.
    """

    loot: Loot
    plan: Plan
    receipts: dict[str, Person] = field(default_factory=dict)
    """About whom each answer was, by its receipt's number in hexadecimal."""
    exposed: set[Person] = field(default_factory=set)
    _points: list[tuple[float, int]] = field(default_factory=list)
    _asked: int = 0
    _begun: float | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def run(self, software: Software) -> None:
        """Rob until the time is over. Raises `UnavailableError` when the server is gone."""
        self._begun = time.monotonic()
        plan, seconds = self.plan, self.plan.seconds
        leaked = plan.leaked[:MOST_ASKED]
        rob(
            software,
            self.loot,
            leaked,
            plan.today,
            self._ask,
            seconds=seconds,
            told=self._learn,
        )
        # Whoever looks on sees the same seconds, also when the list was short.
        time.sleep(max(0.0, seconds - (time.monotonic() - self._begun)))

    def seen(self) -> Curves:
        """What there is to draw by now."""
        with self._turn:
            begun = time.monotonic() if self._begun is None else self._begun
            elapsed = min(self.plan.seconds, time.monotonic() - begun)
            moments = moments_of(self.plan.seconds)
            past = sum(moment <= elapsed for moment in moments)
            return Curves(
                round(elapsed, 3),
                self._asked,
                tuple(self._points),
                moments[:past],
                self.plan.b0[:past],
                self.plan.b3[:past],
            )

    def _ask(self, asked: int) -> None:
        self._asked = asked

    def _learn(self, person: Person, reply: Reply) -> None:
        receipt = reply.body.get("receipt")
        with self._turn:
            if isinstance(receipt, dict):
                self.receipts[str(receipt["entry"])] = person
            if reply.outcome == "covered" and person not in self.exposed:
                self.exposed.add(person)
                elapsed = time.monotonic() - (self._begun or 0.0)
                self._points.append((round(min(elapsed, self.plan.seconds), 3), len(self.exposed)))


def make_plan(population: Population, seed: int, domain: str, seconds: float) -> Plan:
    """Steal the list, and run the limits of others on it: a second or two of work."""
    truth = Truth(population)
    leaked = steal_list(population, seed, min(LISTED, len(population.people) * 9 // 10))

    def look_up(person: Person) -> str:
        return truth.outcome(person, domain, population.today)

    pace, moments = len(leaked) / seconds, moments_of(seconds)
    b0, b3 = (
        trace_baseline(limiter, ListThief(leaked), look_up, pace, moments)
        for limiter in (NoLimit(), PerAccountMonth())
    )
    return Plan(seconds, leaked, population.today, b0, b3)


def moments_of(seconds: float) -> tuple[float, ...]:
    """When the simulated curves have a point: the beginning, the end, and evenly between."""
    return tuple(round(seconds * step / _SAMPLES, 4) for step in range(_SAMPLES + 1))
