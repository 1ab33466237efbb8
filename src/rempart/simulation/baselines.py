"""The limits that others put in front of a look-up, run on the same thief and the same truth.

Names and figures are those of the baselines in `docs/demo.md`: B0 none, B1 sixty requests a
minute by address, B3 ten thousand a month by account. Time is virtual: nobody waits.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rempart.simulation.population import Person
from rempart.simulation.thief import Answered, ListThief, Refused

_HOUR = 3600.0


class Limiter(Protocol):
    """Decides whether one request may pass at a moment, in seconds of virtual time."""

    def wait(self, now: float) -> float:
        """0 when the request passes (and is counted), else the seconds until it is worth asking."""


class NoLimit:
    """B0: everything passes."""

    def wait(self, now: float) -> float:
        """Let every request through."""
        del now
        return 0.0


class PerAddress:
    """B1: a leaky bucket by network address, as web servers have it."""

    def __init__(self, per_minute: int = 60, burst: int = 60) -> None:
        """Take the rate and the burst in requests."""
        self._every = 60 / per_minute
        self._allowance = burst * self._every
        self._arrival = 0.0

    def wait(self, now: float) -> float:
        """Take one request out of the bucket, or say when one will be back."""
        arrival = max(self._arrival, now) + self._every
        late = arrival - now - self._allowance
        if late > 0:
            return late
        self._arrival = arrival
        return 0.0


class PerAccountMonth:
    """B3: so many requests a month for an account."""

    def __init__(self, per_month: int = 10_000) -> None:
        """Take the most requests that pass in 30 days."""
        self._left = self._per_month = per_month
        self._month = 0

    def wait(self, now: float) -> float:
        """Count one request against the month, or say when the next month begins."""
        month = int(now // (30 * 24 * _HOUR))
        if month != self._month:
            self._month, self._left = month, self._per_month
        if self._left == 0:
            return (month + 1) * 30 * 24 * _HOUR - now
        self._left -= 1
        return 0.0


BASELINES: dict[str, Callable[[], Limiter]] = {
    "B0": NoLimit,
    "B1": PerAddress,
    "B3": PerAccountMonth,
}


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a thief came away with: distinct people, those of them new to the place he robbed."""

    people_exposed: int
    new_to_it: int
    hours: float


def run_baseline(
    limiter: Limiter,
    thief: ListThief,
    look_up: Callable[[Person], str],
    known: Collection[Person],
    answers_per_second: float,
) -> Exposure:
    """Let a thief loose on a plain look-up behind a limiter, in virtual time.

    `answers_per_second` is the pace at which the look-up answers; `known` the people whom the
    robbed place had asked about before.
    """
    now = 0.0
    for now in _steps(limiter, thief, look_up, answers_per_second):  # noqa: B007 - its last value
        pass
    exposed = thief.exposed
    return Exposure(len(exposed), len(exposed - set(known)), round(now / _HOUR, 4))


def trace_baseline(
    limiter: Limiter,
    thief: ListThief,
    look_up: Callable[[Person], str],
    answers_per_second: float,
    moments: Sequence[float],
) -> tuple[int, ...]:
    """How many people a thief has exposed at each of some moments, seconds of virtual time."""
    counts: list[int] = []
    before = 0
    for now in _steps(limiter, thief, look_up, answers_per_second):
        while len(counts) < len(moments) and moments[len(counts)] < now:
            counts.append(before)
        before = len(thief.exposed)
        if now > moments[-1]:
            break
    return (*counts, *[before] * (len(moments) - len(counts)))


def _steps(
    limiter: Limiter,
    thief: ListThief,
    look_up: Callable[[Person], str],
    answers_per_second: float,
) -> Iterator[float]:
    """Let the thief ask until he stops; after each question, the moment to which he has come."""
    now = 0.0
    while (person := thief.next(now)) is not None:
        now += 1 / answers_per_second
        delay = limiter.wait(now)
        if delay:
            thief.learn(person, Refused(delay), now)
        else:
            thief.learn(person, Answered(look_up(person)), now)
        now = max(now, thief.resumes_at)
        yield now
