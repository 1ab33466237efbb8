"""However many ask at once, the last exception is taken once, and one touch opens one question."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.promises.test_p04_an_outcome_does_not_tell_why import freeze
from tests.support.asking import Site
from tests.support.excepting import browser, excepted, touch


def test_sessions_that_race_for_the_last_one_get_one_answer(site: Site) -> None:
    """Exact: eight browsers of four colleagues, one unit left at their site."""
    freeze(site)
    callers = [browser(Site.make(site.db, rpps=f"1000000020{n % 4}")) for n in range(8)]
    for one_ in callers[:4]:
        one_.ask(touch(one_, excepted(one_)))
    rounds, wins = 6, [0] * len(callers)
    gate = threading.Barrier(len(callers) + 1, timeout=60)

    def caller(number: int) -> None:
        mine = callers[number].at(callers[number].installation)
        mine.connection = site.db.connect("rempart_edge")
        for turn in range(rounds):
            asked = excepted(mine, f"{turn}-{number}")
            gate.wait()
            gate.wait()
            asked["digest"] = digests[number]
            wins[number] += mine.outcome(asked) == "no_right_found"
            gate.wait()
        mine.connection.close()

    digests: dict[int, str] = {}
    with ThreadPoolExecutor(len(callers)) as pool:
        running = [pool.submit(caller, number) for number in range(len(callers))]
        for turn in range(rounds):
            gate.wait()
            for number, one_ in enumerate(callers):
                digests[number] = touch(one_, excepted(one_))["digest"]
            site.db.owner.execute(
                "update guard.exception_budget set tat = case kind when 4"
                " then guard.now() + (burst - 1) * every else 0 end"
            )
            gate.wait()
            gate.wait()
            assert sum(wins) == turn + 1
        for future in running:
            future.result()


def test_one_touch_asked_twice_at_once_answers_once(site: Site) -> None:
    freeze(site)
    here = browser(site)
    for turn in range(5):
        asked = touch(here, excepted(here, f"p{turn}"))
        both = [
            asked | {n: excepted(here)[n] for n in ("attempt", "proof_jti", "reference")}
            for _ in "ab"
        ]
        gate = threading.Barrier(2, timeout=30)

        def ask(question: dict[str, Any], gate: threading.Barrier = gate) -> str:
            mine = here.at(here.installation)
            mine.connection = here.db.connect("rempart_edge")
            gate.wait()
            found = mine.outcome(question)
            mine.connection.close()
            return found

        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(ask, both))
        here.db.owner.execute("update guard.exception_budget set tat = 0")
        assert outcomes == ["no_right_found", "touch_required"]
