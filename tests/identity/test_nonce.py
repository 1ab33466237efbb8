"""The server's nonce: the same in every process, fresh for five minutes, unguessable."""

import pytest

from rempart.identity import NonceClock

KEY = b"n" * 32


def test_two_processes_agree() -> None:
    first = NonceClock(KEY, clock=lambda: 1_000_000.0)
    second = NonceClock(KEY, clock=lambda: 1_000_000.0)
    assert second.accepts(first.current())


@pytest.mark.parametrize(
    "elapsed,accepted",
    [(0, True), (59, True), (60, True), (299, True), (300, False), (9_999, False)],
)
def test_accepted_for_five_minutes(elapsed: float, accepted: bool) -> None:
    # 1,020,000 is the first second of a step.
    sent = NonceClock(KEY, clock=lambda: 1_020_000.0).current()
    assert NonceClock(KEY, clock=lambda: 1_020_000.0 + elapsed).accepts(sent) is accepted


def test_one_step_early_is_accepted_two_are_not() -> None:
    sent = NonceClock(KEY, clock=lambda: 1_020_000.0).current()
    assert NonceClock(KEY, clock=lambda: 1_019_999.0).accepts(sent)
    assert not NonceClock(KEY, clock=lambda: 1_019_939.0).accepts(sent)


def test_another_key_gives_another_nonce() -> None:
    sent = NonceClock(KEY, clock=lambda: 1_000_000.0).current()
    assert not NonceClock(b"m" * 32, clock=lambda: 1_000_000.0).accepts(sent)
    assert len(sent) == 22


def test_it_moves_with_the_clock() -> None:
    at = [1_020_000.0]
    nonces = NonceClock(KEY, clock=lambda: at[0])
    first = nonces.current()
    assert nonces.accepts(first)
    at[0] += 60
    assert nonces.current() != first
    assert nonces.accepts(first)
    at[0] += 240
    assert not nonces.accepts(first)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        NonceClock(b"short")
