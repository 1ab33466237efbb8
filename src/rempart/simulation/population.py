"""Fifty thousand insured people who do not exist; a seed always gives the same ones."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from rempart.simulation.plans import INSURERS, Insurer

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648: five bits a character
_CARD_LENGTH = 20  # 100 bits
_SHAPES = ("alone", "couple", "couple_children", "parent_children")
_SHAPE_WEIGHTS = list(accumulate((44, 21, 26, 9)))
_TWIN_BIRTHS = 0.017


@dataclass(frozen=True, slots=True)
class Person:
    """What a card says about one person; equal values mean the same person at that insurer."""

    insurer: str
    member_number: str
    birth_date: date
    birth_rank: int


@dataclass(frozen=True, slots=True)
class Cover:
    """One cover of one person, from `valid_from` to `valid_to`, both days included.

    `cover_rank` orders the covers that one person has on one day.
    """

    person: Person
    plan: str
    valid_from: date
    valid_to: date
    cover_rank: int
    card_secret: str


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody on one day, and every cover of theirs, families together."""

    seed: int
    today: date
    people: tuple[Person, ...]
    covers: tuple[Cover, ...]

    def covers_of(self, insurer: str) -> Iterator[Cover]:
        """The covers of one insurer, by AMC number."""
        return (cover for cover in self.covers if cover.person.insurer == insurer)


class _Maker:
    """Draws families one after another, from one stream of chance."""

    def __init__(self, seed: int, today: date) -> None:
        self.chance = random.Random(f"rempart population {seed}")
        self.today = today
        self.people: list[Person] = []
        self.covers: list[Cover] = []
        self._taken: set[tuple[str, str]] = set()
        self._weights = list(accumulate(insurer.weight for insurer in INSURERS))

    def add_family(self, room: int) -> None:
        """Adds a family of at most `room` people: one member number, one plan, one card secret."""
        insurer = self._insurer()
        births = self._births()
        self._enter(insurer, births[:room])
        # A child may be covered under both parents: another insurer, another card, and to the
        # platform another person.
        if len(births) > 2 and self.chance.random() < 0.04:
            other = self._insurer()
            if other is not insurer:
                self._enter(other, births[2 : 2 + max(0, room - len(births))])

    def _insurer(self) -> Insurer:
        return self.chance.choices(INSURERS, cum_weights=self._weights)[0]

    def _enter(self, insurer: Insurer, births: list[tuple[date, int]]) -> None:
        number = self._member_number(insurer)
        secret = self._secret()
        periods = self._periods(insurer)
        for birth_date, birth_rank in births:
            person = Person(insurer.amc_number, number, birth_date, birth_rank)
            # A child is covered from birth, and one born after the family left never was.
            lived = [period for period in periods if birth_date <= period[2]]
            if lived:
                self.people.append(person)
            for code, begins, ends, rank in lived:
                self.covers.append(Cover(person, code, max(begins, birth_date), ends, rank, secret))

    def _births(self) -> list[tuple[date, int]]:
        """Birth dates and birth ranks of one family: the adults first, then the children."""
        shape = self.chance.choices(_SHAPES, cum_weights=_SHAPE_WEIGHTS)[0]
        has_children = shape.endswith("children")
        youngest, oldest, usual = (24, 56, 38) if has_children else (19, 97, 55)
        age = self.chance.triangular(youngest, oldest, usual)
        births = [(self._days_ago(age), 1)]
        if shape.startswith("couple"):
            births.append((self._days_ago(max(18.5, age + self.chance.gauss(0, 3))), 1))
        if has_children:
            births += self._children(age)
        # Two adults born on one day under one number are told apart by the rank too.
        if len(births) > 1 and births[0][0] == births[1][0]:
            births[1] = (births[1][0], 2)
        return births

    def _children(self, parent_age: float) -> list[tuple[date, int]]:
        oldest = self.chance.uniform(0.05, min(24.0, parent_age - 19))
        births: list[tuple[date, int]] = []
        for place in range(self.chance.choices((1, 2, 3, 4), (42, 40, 14, 4))[0]):
            age = oldest - place * self.chance.uniform(1.3, 4.5)
            if age <= 0:
                break
            born = self._days_ago(age)
            births.append((born, 1))
            if self.chance.random() < _TWIN_BIRTHS:
                births.append((born, 2))
        return births

    def _days_ago(self, years: float) -> date:
        return self.today - timedelta(days=int(years * 365.2425) + 1)

    def _member_number(self, insurer: Insurer) -> str:
        while True:
            drawn = "".join(self._character(mark) for mark in insurer.number_shape)
            if (insurer.amc_number, drawn) not in self._taken:
                self._taken.add((insurer.amc_number, drawn))
                return drawn

    def _character(self, mark: str) -> str:
        if mark == "9":
            return str(int(self.chance.random() * 10))
        if mark == "A":
            return _LETTERS[int(self.chance.random() * len(_LETTERS))]
        return mark

    def _secret(self) -> str:
        bits = self.chance.getrandbits(5 * _CARD_LENGTH)
        return "".join(_BASE32[bits >> 5 * place & 31] for place in range(_CARD_LENGTH))

    def _periods(self, insurer: Insurer) -> list[tuple[str, date, date, int]]:
        """The covers of a family: plan, first day, last day, rank of cover."""
        plan = self.chance.choices(insurer.plans, [plan.share for plan in insurer.plans])[0]
        joined = self._joined(date(self.today.year, 1, 1))
        last = date(self.today.year + 1, 12, 31)
        fate = self.chance.random()
        if fate < 0.025:  # left the insurer some time ago
            ended = self.today - timedelta(days=self.chance.randint(10, 150))
            return [(plan.code, self._joined(ended), ended, 1)]
        if fate < 0.035:  # signed, not begun
            begins = self.today + timedelta(days=self.chance.randint(40, 200))
            return [(plan.code, begins, begins + timedelta(days=729), 1)]
        others = [other for other in insurer.plans if other.share and other is not plan]
        if fate < 0.06 and others:  # changed plan this year: two covers, one after the other
            change = self.today - timedelta(days=self.chance.randint(1, 200))
            before = self.chance.choice(others)
            eve = change - timedelta(days=1)
            return [(before.code, self._joined(change), eve, 1), (plan.code, change, last, 1)]
        top_ups = [other for other in insurer.plans if not other.share]
        if fate < 0.09 and top_ups:  # two covers at once: the plan and a top-up behind it
            return [(plan.code, joined, last, 1), (top_ups[0].code, joined, last, 2)]
        return [(plan.code, joined, last, 1)]

    def _joined(self, before: date) -> date:
        years, days = self.chance.randint(0, 9), self.chance.randint(1, 300)
        return before - timedelta(days=365 * years + days)


def make_population(seed: int, today: date, size: int) -> Population:
    """Draws `size` people at the twelve made-up insurers, as they stand on `today`.

    The people of a small population are the first of a larger one.
    Card secrets come from the seed too: good for a demonstration, never for a card.
    """
    maker = _Maker(seed, today)
    while len(maker.people) < size:
        maker.add_family(size - len(maker.people))
    return Population(seed, today, tuple(maker.people), tuple(maker.covers))
