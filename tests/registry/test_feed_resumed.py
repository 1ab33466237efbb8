"""An import that stops anywhere goes on where it was; old covers answer until the swap."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.registry import FeedProblem, Imported, Intent, OnProgress, import_feed
from tests.registry.feeds import blind, line
from tests.registry.platform import Platform
from tests.support.database import DatabaseUnderTest

MANY = 5000


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer that feeds nothing yet."""
    return Platform(db, tmp_path)


class Tired:
    """Blinds a few batches, then fails."""

    def __init__(self, batches: int) -> None:
        self.left = batches

    async def __call__(
        self, indexes: Sequence[bytes], cards: Sequence[bytes], generation: int
    ) -> tuple[list[bytes], list[bytes]]:
        if not self.left:
            raise UnavailableError("the blinding process does not answer")
        self.left -= 1
        return await blind(indexes, cards, generation)


def take(
    platform: Platform, path: Path, by: Tired, on_progress: OnProgress | None = None
) -> Imported | FeedProblem:
    async def work() -> Imported | FeedProblem:
        async with await Database.open(platform.db.dsn("rempart_intake"), max_size=1) as database:
            with path.open("rb") as file:
                now = datetime.now(UTC)
                return await import_feed(database, by, file, now, on_progress=on_progress)

    return asyncio.run(work())


def staged(platform: Platform) -> int:
    row = platform.db.owner.execute("select count(*) as n from registry.staged_coverage").fetchone()
    assert row is not None
    return int(row["n"])


def test_what_is_staged_is_not_staged_again(platform: Platform) -> None:
    path = platform.feed(*(line(str(n)) for n in range(MANY)))
    with pytest.raises(UnavailableError):
        take(platform, path, Tired(2))
    assert staged(platform) == 4096
    assert not platform.covered("1")
    # One batch is left: whoever goes on needs to blind no more.
    assert take(platform, path, Tired(1)) == Imported(MANY, 0)
    assert platform.covered("1")
    assert platform.covered(str(MANY - 1))
    assert staged(platform) == 0


def test_progress_is_told_from_where_it_is(platform: Platform) -> None:
    path = platform.feed(*(line(str(n)) for n in range(MANY)))
    with pytest.raises(UnavailableError):
        take(platform, path, Tired(1))
    told: list[tuple[int, int]] = []
    assert take(platform, path, Tired(2), lambda *how_far: told.append(how_far)) == Imported(
        MANY, 0
    )
    # 2,048 were there; each batch is told as the next begins, and the last when it is stored.
    assert told == [(2048, MANY), (4096, MANY), (MANY, MANY)]


def test_what_a_crash_of_the_server_lost_is_staged_again(platform: Platform) -> None:
    path = platform.feed(*(line(str(n)) for n in range(MANY)))
    with pytest.raises(UnavailableError):
        take(platform, path, Tired(2))
    platform.db.owner.execute("truncate registry.staged_coverage")  # as recovery does
    assert take(platform, path, Tired(3)) == Imported(MANY, 0)
    assert platform.covered("1")


def test_another_feed_takes_the_place_of_one_that_stopped(platform: Platform) -> None:
    path = platform.feed(*(line(str(n)) for n in range(MANY)))
    with pytest.raises(UnavailableError):
        take(platform, path, Tired(1))
    assert platform.put(line("77")) == Imported(1, 0)
    assert platform.covered("77")
    assert not platform.covered("1")
    assert staged(platform) == 0


def test_a_swap_that_finds_covers_missing_changes_nothing(platform: Platform) -> None:
    platform.put(line("1"))
    path = platform.feed(*(line(str(n)) for n in range(2, MANY)))
    with pytest.raises(UnavailableError):
        take(platform, path, Tired(2))
    before = platform.content()

    class Emptying(Tired):
        async def __call__(
            self, indexes: Sequence[bytes], cards: Sequence[bytes], generation: int
        ) -> tuple[list[bytes], list[bytes]]:
            platform.db.owner.execute("truncate registry.staged_coverage")
            return await super().__call__(indexes, cards, generation)

    found = take(platform, path, Emptying(1))
    assert isinstance(found, FeedProblem)
    assert found.column == "count"
    assert platform.content() == before
    assert platform.take(path) == Imported(MANY - 2, 1)


def test_two_at_once_of_an_insurer_are_refused_with_a_sentence(platform: Platform) -> None:
    path = platform.feed(*(line(str(n)) for n in range(MANY)))
    found: list[Imported | FeedProblem] = []

    class Crowded(Tired):
        async def __call__(
            self, indexes: Sequence[bytes], cards: Sequence[bytes], generation: int
        ) -> tuple[list[bytes], list[bytes]]:
            if self.left == 2:
                found.append(await asyncio.to_thread(take, platform, path, Tired(3)))
            return await super().__call__(indexes, cards, generation)

    assert take(platform, path, Crowded(3)) == Imported(MANY, 0)
    (second,) = found
    assert isinstance(second, FeedProblem)
    assert "under way" in second.reason


def test_a_dry_run_counts_and_changes_nothing(platform: Platform) -> None:
    platform.put(line("1"), line("2"), line("3"))
    path = platform.feed(line("1"), line("4"))
    before = platform.content()
    found = platform.take(path, only_look=True)
    assert isinstance(found, Imported)
    assert (found.accepted, found.before, found.ended, found.after) == (2, 3, 2, 2)
    assert platform.content() == before
    # The import goes on at once from what was staged.
    assert take(platform, path, Tired(0)) != found
    assert platform.take(path) == Imported(2, 2)


def test_a_feed_that_ends_many_covers_must_be_confirmed(platform: Platform) -> None:
    platform.put(*(line(str(n)) for n in range(20)))
    fewer = platform.feed(*(line(str(n)) for n in range(17)))
    before = platform.content()
    found = platform.take(fewer, confirm=False)
    assert isinstance(found, FeedProblem)
    assert "--confirm" in found.reason
    assert platform.content() == before
    assert platform.take(fewer, confirm=True) == Imported(17, 3)
    # A tenth is the default, and what ends by its dates counts like what is left out.
    last = [line("0", valid_to="2026-01-01"), *(line(str(n)) for n in range(1, 17))]
    platform.db.owner.execute("update registry.insurer set ending_share_bp = 500")
    assert isinstance(platform.take(platform.feed(*last), confirm=False), FeedProblem)
    platform.db.owner.execute("update registry.insurer set ending_share_bp = 1000")
    assert platform.take(platform.feed(*last), confirm=False) == Imported(17, 1)


def test_intent_is_ordinary_unless_said() -> None:
    assert Intent() == Intent(confirm=False, only_look=False)
