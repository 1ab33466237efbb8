"""A question under two generations of index keys: found by either, and by nothing that ended."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from rempart.foundation.database import Row, hexed
from rempart.foundation.errors import UnavailableError
from rempart.rights import LiveGenerations
from tests.support import turning
from tests.support.asking import Site, index_of

NEW = hexed(b"\x77" * 32)
"""Under the newest keys nobody is here yet."""


def outcome(site: Site, *indexes: str) -> object:
    cards = [hexed(bytes(32))] * len(indexes)
    return site.outcome(site.question(person_indexes=list(indexes), cards=cards))


def test_while_two_live_either_index_finds_the_person(site: Site) -> None:
    his = hexed(index_of("alice"))
    turning.begin(site.db)
    assert outcome(site, NEW, his) == outcome(site, his, NEW) == "covered"
    assert outcome(site, NEW, NEW) == "no_right_found"


def test_where_one_lives_a_second_index_is_not_looked_at(site: Site) -> None:
    """Else who broke into an edge would ask about two people at the cost of one."""
    assert outcome(site, NEW, hexed(index_of("alice"))) == "no_right_found"
    assert outcome(site, hexed(index_of("alice")), NEW) == "covered"


@pytest.mark.parametrize(
    "told",
    [
        {"person_indexes": []},
        {"person_indexes": [NEW] * 3, "cards": [NEW] * 3},
        {"person_indexes": [NEW] * 2},
        {"cards": [NEW] * 2},
    ],
)
def test_a_question_has_one_index_and_one_card_a_generation(
    site: Site, told: dict[str, Any]
) -> None:
    turning.begin(site.db)
    with pytest.raises(Exception, match="wrong size"):
        site.outcome(site.question(**told))


def test_only_the_edge_is_told_which_live(site: Site) -> None:
    rows = site.db.connect("rempart_edge").execute("select rights.live_generations() as live")
    assert rows.fetchall() == [{"live": [1]}]


class Answering:
    """A database that says which generations live, until it does not."""

    def __init__(self) -> None:
        self.live: list[int] | None = [1]
        self.asked = 0

    async def call(self, function: str, *args: object) -> list[Row]:
        assert (function, args) == ("rights.live_generations", ())
        self.asked += 1
        await asyncio.sleep(0)
        if self.live is None:
            raise UnavailableError("the database did not answer")
        return [{"live_generations": self.live}]


def test_who_asks_meanwhile_waits_for_the_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    database, clock = Answering(), [0.0]
    # The event loop has a clock of its own.
    ours = SimpleNamespace(monotonic=lambda: clock[0])
    monkeypatch.setattr("rempart.rights.generations.time", ours)

    async def work() -> None:
        known = LiveGenerations(database)
        clock[0] = 10.0
        assert await asyncio.gather(*(known.live() for _ in range(5))) == [[1]] * 5
        assert database.asked == 1
        database.live = [2, 1]
        clock[0] = 11.9
        assert await known.live() == [1]
        clock[0] = 12.1
        assert await known.live() == [2, 1]
        # What nobody can tell is not guessed.
        database.live = None
        clock[0] = 14.2
        with pytest.raises(UnavailableError):
            await known.live()
        database.live = [2]
        assert await known.live() == [2]

    asyncio.run(work())
