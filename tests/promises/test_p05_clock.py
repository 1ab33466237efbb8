"""P5: guard time never runs faster than real time, whatever the wall clock does."""

import time

from tests.support.asking import Site, one

SECOND = 1_000_000


def now(site: Site) -> int:
    return int(one(site.db.owner, "select guard.now() as now")["now"])


def jump(site: Site, seconds: int) -> None:
    """Make the wall clock jump: the anchor moves by as much the other way."""
    site.db.owner.execute(
        "update guard.clock set wall_at = wall_at - make_interval(secs => %s)", (seconds,)
    )


def beat(site: Site, seconds: float) -> None:
    heart = site.db.connect("rempart_jobs")
    heart.execute("select guard.beat(%s)", (int(seconds * SECOND),))
    heart.close()


def test_two_jumps_forward_refill_nothing(site: Site) -> None:
    beat(site, 0)
    started, real = now(site), time.monotonic()
    for beats in range(2):
        jump(site, 3600)
        assert now(site) - started <= (time.monotonic() - real + beats + 2.1) * SECOND
        beat(site, 1)
    elapsed = time.monotonic() - real
    # Two beats that claim a second each: no more than those, the excess of the jumps is forgotten.
    assert now(site) - started <= (2 + elapsed + 0.1) * SECOND
    later = now(site)
    time.sleep(0.3)
    assert 0.2 * SECOND < now(site) - later < 1.5 * SECOND


def test_a_jump_back_stops_time_and_never_turns_it(site: Site) -> None:
    beat(site, 0)
    started = now(site)
    jump(site, -3600)
    assert now(site) <= started + SECOND
    beat(site, 1)
    assert now(site) <= started + SECOND
    time.sleep(0.2)
    assert now(site) > started - SECOND


def test_a_dead_heart_freezes_time_and_then_refuses(site: Site) -> None:
    beat(site, 0)
    jump(site, 2)
    frozen = now(site)
    time.sleep(0.3)
    assert now(site) == frozen
    site.empty("all", 2)
    time.sleep(0.3)
    assert site.outcome(site.question()) == "too_many_questions"


def test_two_hearts_do_not_add_up(site: Site) -> None:
    beat(site, 0)
    started, real = now(site), time.monotonic()
    for _ in range(20):
        beat(site, 1)
        beat(site, 1)
    assert now(site) - started <= (time.monotonic() - real + 0.1) * SECOND


def test_a_lost_clock_answers_nobody(site: Site) -> None:
    import psycopg
    import pytest

    site.db.owner.execute("delete from guard.clock")
    with pytest.raises(psycopg.Error) as raised:
        site.ask(site.question())
    assert raised.value.sqlstate == "RP503"
