"""P5: however many ask at once, a bucket with one unit left gives one."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.asking import Site

CALLERS = 64
ANSWERED = {"covered", "no_right_found"}


@pytest.mark.parametrize(
    "rounds",
    [pytest.param(500, marks=pytest.mark.slow), pytest.param(20_000, marks=pytest.mark.soak)],
)
def test_64_callers_on_the_last_unit_get_one_answer(site: Site, rounds: int) -> None:
    gate = threading.Barrier(CALLERS + 1, timeout=60)
    wins: list[int] = [0] * CALLERS

    def caller(number: int) -> None:
        mine = site.at(site.installation)
        mine.connection = site.db.connect("rempart_edge")
        for turn in range(rounds):
            question = mine.scan(f"{turn}-{number}")
            gate.wait()
            wins[number] += mine.outcome(question) in ANSWERED
            gate.wait()
        mine.connection.close()

    owner = site.db.owner
    # Guard time stands still and nothing else bounds: only the race decides.
    owner.execute("update guard.clock set wall_at = clock_timestamp() + interval '1 day'")
    owner.execute(
        "update guard.budget set all_burst = 1000000, new_burst = 1000000,"
        " miss_burst = 1000000 where kind in (1, 2, 3, 4)"
    )
    over_issued = 0
    with ThreadPoolExecutor(CALLERS) as pool:
        running = [pool.submit(caller, number) for number in range(CALLERS)]
        for turn in range(rounds):
            owner.execute(
                "update guard.budget set fresh_tat = guard.now()"
                " + (fresh_burst - 1) * fresh_every where kind in (2, 3, 4)"
            )
            gate.wait()
            gate.wait()
            over_issued += abs(sum(wins) - (turn + 1))
        for future in running:
            future.result()
    assert over_issued == 0
    assert sum(wins) == rounds
