"""The limits of others: each does what its name says, on a clock that nobody waits for."""

from datetime import date

import pytest

from rempart.simulation.baselines import (
    BASELINES,
    Limiter,
    NoLimit,
    PerAccountMonth,
    PerAddress,
    run_baseline,
)
from rempart.simulation.population import Population, make_population
from rempart.simulation.thief import ListThief, steal_list
from rempart.simulation.truth import Truth

TODAY = date(2026, 11, 22)


def passes(limiter: Limiter, seconds: float, each: float = 0.1) -> int:
    return sum(limiter.wait(step * each) == 0 for step in range(int(seconds / each)))


def small() -> Population:
    return make_population(3, TODAY, 4_000)


def test_per_address_passes_its_rate_and_its_burst() -> None:
    assert passes(PerAddress(60, 60), 3600) == pytest.approx(3600 + 60, abs=1)
    assert passes(PerAddress(60, 60), 30) == pytest.approx(60 + 30, abs=1)


def test_per_address_says_when_to_come_back() -> None:
    limiter = PerAddress(60, 1)
    assert limiter.wait(0.0) == 0
    delay = limiter.wait(0.25)
    assert delay == pytest.approx(0.75)
    assert limiter.wait(0.25 + delay) == 0


def test_per_account_month_refuses_until_the_month_ends() -> None:
    limiter = PerAccountMonth(5)
    assert [limiter.wait(float(second)) == 0 for second in range(7)] == [True] * 5 + [False] * 2
    month = 30 * 24 * 3600.0
    assert limiter.wait(6.0) == pytest.approx(month - 6)
    assert limiter.wait(month) == 0


def test_no_limit_exposes_everybody_who_is_covered() -> None:
    population = small()
    truth = Truth(population)
    leaked = steal_list(population, 3, 500)

    def look_up(person: object) -> str:
        return truth.outcome(person, "PHAR", TODAY)  # type: ignore[arg-type] # a Person

    covered = {person for person in leaked if look_up(person) == "covered"}
    known = set(list(covered)[:10])
    exposure = run_baseline(NoLimit(), ListThief(leaked), look_up, known, 100)
    assert exposure.people_exposed == len(covered)
    assert exposure.new_to_it == len(covered) - 10
    assert 400 < len(covered) < 500


def test_sixty_a_minute_takes_longer_and_exposes_as_many() -> None:
    population = small()
    truth = Truth(population)
    leaked = steal_list(population, 3, 900)
    results = {
        name: run_baseline(
            make(),
            ListThief(leaked),
            lambda person: truth.outcome(person, "PHAR", TODAY),
            (),
            100,
        )
        for name, make in BASELINES.items()
    }
    assert len({result.people_exposed for result in results.values()}) == 1
    assert results["B1"].hours == pytest.approx((900 - 60) / 3600, abs=0.02)
    assert results["B0"].hours < 0.01


def test_a_thief_gives_up_after_an_hour_of_nothing() -> None:
    population = small()
    leaked = steal_list(population, 3, 300)
    truth = Truth(population)
    exposure = run_baseline(
        PerAccountMonth(100),
        ListThief(leaked),
        lambda person: truth.outcome(person, "PHAR", TODAY),
        (),
        100,
    )
    assert 80 < exposure.people_exposed <= 100


def test_a_leaked_list_is_drawn_from_the_seed_and_names_nobody_twice() -> None:
    population = small()
    leaked = steal_list(population, 3, 1_000)
    assert leaked == steal_list(population, 3, 1_000)
    assert len(set(leaked)) == 1_000
    truth = Truth(population)
    covered = sum(truth.outcome(one, "PHAR", TODAY) == "covered" for one in leaked)
    assert 0.9 < covered / 1_000 < 0.99
