"""An honest morning at a pharmacy: who comes to the counter, and with which card."""

import random
from dataclasses import dataclass

from rempart.simulation.population import Cover, Person, Population

_SHOWS_CODE = 0.75


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody at the counter: the card's data, and its secret when its code could be read."""

    person: Person
    card_secret: str | None


def morning(population: Population, seed: int, customers: int) -> tuple[Customer, ...]:
    """Draw the customers of one morning: people of the population, three in four with a code."""
    chance = random.Random(f"rempart morning {seed}")
    chosen: dict[Person, Cover] = {}
    while len(chosen) < customers:
        cover = chance.choice(population.covers)
        chosen.setdefault(cover.person, cover)
    return tuple(
        Customer(person, cover.card_secret if chance.random() < _SHOWS_CODE else None)
        for person, cover in chosen.items()
    )
