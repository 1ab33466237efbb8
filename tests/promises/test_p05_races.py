"""P5: however many ask at once, a bucket with one unit left gives one."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.asking import Site

CALLERS = 64
ROUNDS = int(os.environ.get("RACE_ROUNDS", "500"))
ANSWERED = {"covered", "no_right_found"}


@pytest.mark.slow
@pytest.mark.parametrize("bucket", ["fresh"])
def test_64_callers_on_the_last_unit_get_one_answer(site: Site, bucket: str) -> None:
    gate = threading.Barrier(CALLERS + 1, timeout=60)
    wins: list[int] = [0] * CALLERS
    rounds = ROUNDS

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
                f"update guard.budget set {bucket}_tat = guard.now()"
                f" + ({bucket}_burst - 1) * {bucket}_every where kind in (2, 3, 4)"
            )
            gate.wait()
            gate.wait()
            over_issued += abs(sum(wins) - (turn + 1))
        for future in running:
            future.result()
    assert over_issued == 0
    assert sum(wins) == rounds
