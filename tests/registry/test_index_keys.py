"""Index keys turn while insurers feed anew: whoever is covered is found, always as himself."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.registry import (
    FeedKeys,
    FeedProblem,
    Imported,
    TurnRefused,
    import_feed,
    list_generations,
)
from tests.registry.feeds import AMC, KEYS, SECRET, blind, day, end, line, put
from tests.registry.platform import Platform
from tests.registry.rekeying import OTHER, reference, rekey_map
from tests.registry.test_feed_resumed import MANY, Tired, take
from tests.support import turning
from tests.support.database import DatabaseUnderTest
from tests.support.purging import purged

NUMBERS = tuple(str(number) for number in range(1, 13))
"""Of more than ten people, one who changes is no other key (a tenth)."""


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer with twelve members, by the first keys."""
    made = Platform(db, tmp_path)
    made.put(*map(line, NUMBERS))
    return made


def found(platform: Platform) -> dict[str, tuple[bool, bool, bytes | None]]:
    """By member: whether typed data finds him, whether his card does, and under which reference."""
    return {
        number: (
            platform.covered(number),
            platform.covered(number, card=SECRET),
            platform.match(number)["member_reference"],
        )
        for number in NUMBERS
    }


def test_everybody_is_found_at_each_step_and_stays_himself(platform: Platform) -> None:
    before = found(platform)
    assert set(before.values()) == {(True, True, before[n][2]) for n in NUMBERS}
    turning.begin(platform.db)
    assert platform.live() == [2, 1]
    assert found(platform) == before
    assert platform.put(*map(line, NUMBERS)) == Imported(len(NUMBERS), 0)
    assert found(platform) == before
    assert turning.under(platform.db) == {2: len(NUMBERS)}
    assert turning.end(platform.db) == (0, 0)
    assert platform.live() == [2]
    assert found(platform) == before
    # And the next turn, of which the second is the one before.
    turning.begin(platform.db, 3)
    platform.put(*map(line, NUMBERS))
    assert turning.end(platform.db) == (0, 0)
    assert found(platform) == before


def test_under_ended_keys_nobody_is_found(platform: Platform) -> None:
    """What a question asks under the first keys alone finds nothing once they have ended."""
    turning.begin(platform.db)
    platform.put(*map(line, NUMBERS))
    turning.end(platform.db)
    platform.live = lambda: [1]  # type: ignore[method-assign] # as an edge that never heard of it
    assert not any(platform.covered(number) for number in NUMBERS)


def test_until_every_edge_has_heard_feeds_stay_with_the_keys_before(platform: Platform) -> None:
    turning.begin(platform.db, followed=False)
    assert platform.put(*map(line, NUMBERS), line("99")) == Imported(13, 0)
    assert turning.under(platform.db) == {1: 13}
    assert platform.covered("99")


def test_a_delta_moves_whom_it_names_and_nobody_else(platform: Platform) -> None:
    before = found(platform)
    turning.begin(platform.db)
    delta = platform.delta(put("1", valid_to=day(300)), put("99"))
    assert platform.take(delta) == Imported(2, 0)
    assert turning.under(platform.db) == {1: len(NUMBERS) - 1, 2: 2}
    assert found(platform) == before
    assert platform.covered("99")
    assert not platform.covered("1", on=301)


@pytest.mark.parametrize("last", [-1, 30])
def test_an_end_finds_who_was_not_moved_yet(platform: Platform, last: int) -> None:
    turning.begin(platform.db)
    assert platform.take(platform.delta(end("1", day(last)))) == Imported(1, 1)
    assert not platform.covered("1", on=last + 1)
    assert platform.covered("1", on=last)
    assert platform.covered("1", on=last, card=SECRET)


def test_two_covers_of_one_person_move_together(platform: Platform) -> None:
    platform.put(*map(line, NUMBERS), line("1", cover_rank="2"))
    turning.begin(platform.db)
    assert platform.take(platform.delta(put("1"))) == Imported(1, 1)  # the second is not stated
    platform.put(*map(line, NUMBERS), line("1", cover_rank="2"))
    assert turning.under(platform.db) == {2: len(NUMBERS) + 1}


def test_a_look_moves_nobody(platform: Platform) -> None:
    turning.begin(platform.db)
    before = platform.content()
    feed = platform.feed(*map(line, NUMBERS))
    assert platform.take(feed, only_look=True) == Imported(len(NUMBERS), 0)
    assert platform.content() == before


def test_one_insurer_feeds_anew_and_the_other_is_as_it_was(platform: Platform) -> None:
    platform.add_insurer("990002")
    platform.put(line("1"), amc="990002")
    turning.begin(platform.db)
    platform.put(*map(line, NUMBERS))
    assert turning.under(platform.db) == {1: 1, 2: len(NUMBERS)}
    assert platform.covered("1", amc="990002")
    assert turning.end(platform.db, now=True) is TurnRefused.COVERS_IN_FORCE
    assert platform.covered("1", amc="990002")
    platform.put(line("1"), amc="990002")
    assert turning.end(platform.db) == (0, 0)
    assert platform.covered("1", amc="990002")


@pytest.mark.parametrize("known", ["covered", "left"])
def test_nobody_becomes_another_by_a_turn(platform: Platform, known: str) -> None:
    """A new index is no way to a new reference: neither for who is here nor for who left."""
    if known == "left":
        assert platform.take(platform.delta(end("1", day(-60)))) == Imported(1, 1)
        purged(platform.db)
        assert turning.under(platform.db, "departed") == {1: 1}
    turning.begin(platform.db)
    before = platform.content()
    refused = platform.take(platform.delta(put("1"), keys=OTHER), may_rename=False)
    assert isinstance(refused, FeedProblem)
    assert refused.column == "reference"
    assert platform.content() == before
    # As himself he stays, or comes back, without anybody's word.
    back = platform.take(platform.delta(put("1")), may_rename=False)
    assert isinstance(back, Imported)
    assert not back.renamed
    assert platform.match("1")["member_reference"] == reference("1")
    assert turning.under(platform.db, "departed") == {}


def test_references_made_anew_take_their_map_in_a_turn_too(platform: Platform) -> None:
    turning.begin(platform.db)
    feed = platform.feed(*map(line, NUMBERS), keys=OTHER)
    assert isinstance(platform.take(feed), FeedProblem)
    done = platform.take(feed, rekey=rekey_map(platform.folder, *map(line, NUMBERS)).path)
    assert isinstance(done, Imported)
    assert done.renamed == len(NUMBERS)
    assert turning.under(platform.db) == {2: len(NUMBERS)}
    assert platform.match("1")["member_reference"] == reference("1", OTHER)
    assert turning.under(platform.db, "departed") == {}


def test_who_has_left_is_known_until_his_keys_end(platform: Platform) -> None:
    turning.begin(platform.db)
    assert platform.put(*map(line, NUMBERS[1:])) == Imported(len(NUMBERS) - 1, 1)
    assert platform.covered("1", on=-1)  # care of last week
    assert turning.end(platform.db) is TurnRefused.LEAVERS_REMEMBERED
    assert turning.end(platform.db, now=True) == (1, 0)
    assert turning.under(platform.db) == {2: len(NUMBERS) - 1}
    # Nobody could make his index any more: it is not noted either.
    assert turning.under(platform.db, "departed") == {}
    assert not platform.covered("1", on=-1)


def test_a_turn_begins_once_and_ends_once(platform: Platform) -> None:
    desk = platform.db.connect("rempart_desk")

    def begun(generation: int) -> object:
        row = desk.execute(
            "select registry.begin_generation(%s::smallint, 'alice') as refused", (generation,)
        ).fetchone()
        assert row is not None
        return row["refused"]

    assert turning.end(platform.db) is TurnRefused.NO_TURN_UNDER_WAY
    assert [begun(generation) for generation in (1, 3)] == ["not_the_next"] * 2
    turning.begin(platform.db)
    assert begun(3) == "turn_under_way"
    platform.put(*map(line, NUMBERS))
    assert turning.end(platform.db) == (0, 0)
    assert turning.end(platform.db) is TurnRefused.NO_TURN_UNDER_WAY


def test_only_the_desk_turns_keys_and_only_the_jobs_erase(platform: Platform) -> None:
    for role in ("rempart_edge", "rempart_intake", "rempart_jobs", "rempart_desk"):
        for call, may in (
            ("registry.begin_generation(2::smallint, 'x')", "rempart_desk"),
            ("registry.end_generation(true)", "rempart_desk"),
            ("registry.list_generations()", "rempart_desk"),
            ("registry.erase_generation(1)", "rempart_jobs"),
        ):
            if role == may:
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                platform.db.connect(role).execute(f"select {call}")


def test_a_feed_that_had_begun_begins_anew_under_the_new_keys(platform: Platform) -> None:
    lines = [line(str(number)) for number in range(MANY)]
    path = platform.feed(*lines)
    with pytest.raises(UnavailableError):
        take(platform, path, Tired(1))
    turning.begin(platform.db)
    told: list[int] = []
    assert isinstance(take(platform, path, Tired(99), lambda at, _: told.append(at)), Imported)
    assert told[0] == 0
    assert turning.under(platform.db) == {2: MANY}


def test_a_first_feed_staged_under_keys_that_end_is_refused(platform: Platform) -> None:
    """The one insurer that has nothing in force cannot hold up an end, nor be lost by it."""
    platform.add_insurer("990002")
    path = platform.feed(line("1"), amc="990002")

    async def slowly(
        indexes: list[bytes], cards: list[bytes], generation: int
    ) -> tuple[list[bytes], list[bytes]]:
        turning.begin(platform.db)
        again = platform.feed(*map(line, NUMBERS))
        assert isinstance(await asyncio.to_thread(platform.take, again), Imported)
        assert await asyncio.to_thread(turning.end, platform.db) == (0, 0)
        return await blind(indexes, cards, generation)

    async def work() -> Imported | FeedProblem:
        async with await Database.open(platform.db.dsn("rempart_intake"), max_size=1) as database:
            with path.open("rb") as file:
                return await import_feed(database, slowly, file, datetime.now(UTC))  # type: ignore[arg-type] # lists will do

    refused = asyncio.run(work())
    assert isinstance(refused, FeedProblem)
    assert "turned while it came in" in refused.reason
    again = platform.feed(line("1"), amc="990002")
    assert platform.take(again) == Imported(1, 0)
    assert platform.covered("1", amc="990002")


def test_the_desk_sees_who_is_left_under_which_keys(platform: Platform) -> None:
    platform.put(*map(line, NUMBERS[:-1]))
    platform.take(platform.delta(end("2", day(-60))))
    purged(platform.db)
    turning.begin(platform.db)
    platform.take(platform.delta(put("1")))

    async def listed() -> list[dict[str, object]]:
        async with await Database.open(platform.db.dsn("rempart_desk"), max_size=1) as database:
            return [asdict(one) for one in await list_generations(database)]

    first, second = asyncio.run(listed())
    names = ("generation", "insurer", "in_force", "over", "departed")
    assert [first[name] for name in names] == [1, AMC, 9, 1, 1]
    assert [second[name] for name in names] == [2, AMC, 1, 0, 0]
    assert second["begun_by"] == "alice"


def test_with_another_feed_key_the_map_moves_everybody_to_the_new_keys(platform: Platform) -> None:
    turning.begin(platform.db)
    lines = [line(number) for number in NUMBERS]
    feed = platform.feed(*lines, keys=FeedKeys(b"f" * 32, KEYS.reference))
    mapped = rekey_map(platform.folder, *lines, old=KEYS, new=KEYS)
    done = platform.take(feed, rekey=mapped.path)
    assert isinstance(done, Imported)
    assert done.renamed == len(NUMBERS)
    assert turning.under(platform.db) == {2: len(NUMBERS)}
    assert turning.end(platform.db) == (0, 0)
