"""The room: how many questions an edge has in hand, and that one key's flood is its own."""

from contextlib import ExitStack

import pytest

from rempart.foundation.errors import OverloadedError
from rempart.rights.room import _VOUCHED, SHARES, Room

PLACES = 32


def key(number: int) -> bytes:
    return number.to_bytes(32, "big")


def vouched(*numbers: int) -> Room:
    room = Room(PLACES)
    for number in numbers:
        room.vouch(key(number))
    return room


def fill(room: Room, held: ExitStack, number: int) -> int:
    """Take places for a key until one is refused; how many it got."""
    for taken in range(PLACES + 1):
        try:
            held.enter_context(room.place(key(number)))
        except OverloadedError:
            return taken
    pytest.fail("the room has no end")


def test_one_installation_holds_an_eighth_and_the_next_is_served() -> None:
    room = vouched(1, 2)
    with ExitStack() as held:
        assert fill(room, held, 1) == PLACES // SHARES
        assert not room.is_full
        with room.place(key(2)):
            assert room.in_hand == PLACES // SHARES + 1


def test_a_place_is_given_back_however_the_question_ends() -> None:
    room = vouched(1)
    for _ in range(3 * PLACES):
        with pytest.raises(ArithmeticError), room.place(key(1)):
            raise ArithmeticError
    assert room.in_hand == 0
    with ExitStack() as held:
        assert fill(room, held, 1) == PLACES // SHARES


def test_no_more_than_its_places_are_held_by_all() -> None:
    room = vouched(*range(2 * SHARES))
    with ExitStack() as held:
        got = [fill(room, held, number) for number in range(2 * SHARES)]
        assert (sum(got), room.in_hand, room.is_full) == (PLACES, PLACES, True)
    assert not room.is_full


def test_invented_keys_leave_half_of_the_places_to_those_who_were_seen_alive() -> None:
    room = vouched(1)
    with ExitStack() as held:
        assert sum(fill(room, held, number) for number in range(100, 200)) == PLACES // 2
        assert fill(room, held, 1) == PLACES // SHARES
        room.vouch(key(2))
        assert fill(room, held, 2) == PLACES // SHARES


def test_a_key_vouched_for_while_it_asks_gives_its_place_back_as_it_took_it() -> None:
    room = Room(PLACES)
    for number in range(PLACES):
        with room.place(key(number)):
            room.vouch(key(number))
    with ExitStack() as held:
        assert sum(fill(room, held, number) for number in range(100, 200)) == PLACES // 2


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    room = vouched(*range(_VOUCHED))
    room.vouch(key(0))
    room.vouch(key(_VOUCHED))
    assert len(room._vouched) == _VOUCHED
    assert key(0) in room._vouched
    assert key(1) not in room._vouched


def test_the_least_room_still_serves_each_installation() -> None:
    room = Room(1)
    with room.place(key(1)), pytest.raises(OverloadedError), room.place(key(1)):
        pytest.fail("there was no place")
    with room.place(key(2)):
        assert room.is_full
