"""The theft that a page shows: the simulated limits move as they should, the list is the same."""

from datetime import date

import pytest

from rempart.simulation.baselines import NoLimit, PerAccountMonth, trace_baseline
from rempart.simulation.live_theft import make_plan, moments_of
from rempart.simulation.population import Person, make_population
from rempart.simulation.thief import ListThief, steal_list
from rempart.simulation.truth import Truth

TODAY = date(2027, 3, 1)


def people(count: int) -> tuple[Person, ...]:
    return tuple(Person("990001", f"{n:08d}", date(1980, 1, 1), 1) for n in range(count))


def test_nothing_stops_whom_nothing_limits() -> None:
    # Ten a second: by second 2 he was told about twenty, by second 9 his list is done.
    counts = trace_baseline(
        NoLimit(), ListThief(people(60)), lambda _: "covered", 10, (0, 2.05, 4.05, 9)
    )
    assert counts == (0, 20, 40, 60)


def test_a_limit_by_month_is_a_ceiling_and_a_flat_line() -> None:
    counts = trace_baseline(
        PerAccountMonth(30),
        ListThief(people(60)),
        lambda _: "covered",
        10,
        (0, 2.05, 3.05, 4.05, 9),
    )
    assert counts == (0, 20, 30, 30, 30)


def test_who_is_not_covered_is_not_exposed() -> None:
    odd = trace_baseline(
        NoLimit(),
        ListThief(people(60)),
        lambda person: "covered" if int(person.member_number) % 2 else "no_right_found",
        10,
        (2.05, 9),
    )
    assert odd == (10, 30)


@pytest.mark.slow
def test_the_plan_is_the_leaked_list_at_the_pace_that_ends_it_in_time() -> None:
    population = make_population(1, TODAY, 6_000)
    plan = make_plan(population, 1, "PHAR", 4.0)
    assert plan.leaked == steal_list(population, 1, 5_400)
    truth = Truth(population)
    covered = sum(truth.outcome(person, "PHAR", TODAY) == "covered" for person in plan.leaked)
    assert plan.b0[-1] == plan.b3[-1] == covered
    assert len(plan.b0) == len(moments_of(4.0))
    assert plan.b0[0] == 0
    assert abs(plan.b0[60] - covered / 2) < covered / 20
