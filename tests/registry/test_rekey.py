"""References made anew: a map says which had which, one to one, and one person stays one."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rempart.foundation.database import Database
from rempart.registry import FeedProblem, Imported, end_member
from tests.registry.feeds import AMC, DELTA_HEADER, KEYS, day, line, put
from tests.registry.platform import Platform
from tests.registry.rekeying import OTHER, PEOPLE, RENUMBERED, THIRD, reference, rekey_map, sealed
from tests.support.database import DatabaseUnderTest


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer with thirty members."""
    made = Platform(db, tmp_path)
    made.put(*map(line, PEOPLE))
    return made


def former(platform: Platform) -> dict[bytes, bytes]:
    rows = platform.db.owner.execute("select former, current from registry.former_reference")
    return {row["former"]: row["current"] for row in rows.fetchall()}


def refused(platform: Platform, feed: Path, rekey: Path | None) -> str:
    """Import a feed that must be refused and change nothing; why."""
    before = platform.content()
    found = platform.take(feed, rekey=rekey)
    assert isinstance(found, FeedProblem), found
    assert platform.content() == before
    return found.reason


def test_many_changed_references_need_a_map(platform: Platform) -> None:
    feed = platform.feed(*map(line, PEOPLE), keys=OTHER)
    assert "--rekey MAP" in refused(platform, feed, None)
    rekey = rekey_map(platform.folder, *map(line, PEOPLE)).path
    # A look says what would be, and leaves everything as it was.
    before = platform.content()
    found = platform.take(feed, rekey=rekey, only_look=True)
    assert isinstance(found, Imported)
    assert (found.before, found.ended, found.after) == (30, 0, 30)
    assert platform.content() == before
    # Nobody is ended by it: it needs no confirming.
    assert platform.take(feed, rekey=rekey, confirm=False) == Imported(30, 0)
    assert platform.match("1")["member_reference"] == reference("1", OTHER)
    assert former(platform) == {reference(n): reference(n, OTHER) for n in PEOPLE}
    assert platform.db.owner.execute("select from registry.staged_reference").fetchall() == []
    # And the next feed is a feed like any other.
    next_one = platform.feed(*map(line, PEOPLE), keys=OTHER)
    assert platform.take(next_one, confirm=False) == Imported(30, 0)


def test_a_few_changed_references_are_their_own_map(platform: Platform) -> None:
    source = [line(n, valid_to=day(300 if n == "7" else 400)) for n in PEOPLE]
    path = platform.feed(*source)
    lines = path.read_bytes().splitlines(keepends=True)
    seven = reference("7").hex().encode()
    (place,) = [n for n, one in enumerate(lines) if seven in one]
    lines[place] = lines[place].replace(seven, reference("7", OTHER).hex().encode())
    assert platform.take(sealed(path, lines)) == Imported(30, 0)
    assert former(platform) == {reference("7"): reference("7", OTHER)}


@pytest.mark.parametrize(
    "maps, reason",
    [
        pytest.param([("1", "1")], "does not say", id="people are missing"),
        pytest.param(
            [("2" if n == "1" else "1" if n == "2" else n, n) for n in PEOPLE],
            "makes two people",
            id="two are exchanged",
        ),
        pytest.param(
            [*[(n, n) for n in PEOPLE if n != "1"], ("1", "77")],
            "does not have",
            id="one is not in the feed",
        ),
        pytest.param(
            [(n, "2" if n == "1" else n) for n in PEOPLE], "stands twice", id="two become one"
        ),
    ],
)
def test_a_map_is_one_to_one_with_what_is_in_force(
    platform: Platform, maps: list[tuple[str, str]], reason: str
) -> None:
    feed = platform.feed(*map(line, PEOPLE), keys=OTHER)
    rekey = rekey_map(platform.folder, *map(line, PEOPLE)).path
    head = rekey.read_bytes().splitlines(keepends=True)[0]
    pairs = sorted(
        f"{reference(old).hex()},{reference(new, OTHER).hex()}\n".encode() for old, new in maps
    )
    assert reason in refused(platform, feed, sealed(rekey, [head, *pairs]))
    # The true map is taken: what was staged of the false one is gone.
    again = rekey_map(platform.folder, *map(line, PEOPLE)).path
    assert platform.take(feed, rekey=again) == Imported(30, 0)


def test_the_first_key_may_come_back(platform: Platform) -> None:
    for old, new in ((KEYS, OTHER), (OTHER, THIRD), (THIRD, KEYS)):
        feed = platform.feed(*map(line, PEOPLE), keys=new)
        rekey = rekey_map(platform.folder, *map(line, PEOPLE), old=old, new=new).path
        assert platform.take(feed, rekey=rekey) == Imported(30, 0)
        # Every reference of before leads to today's in one step.
        assert set(former(platform).values()) == {reference(n, new) for n in PEOPLE}
    assert len(former(platform)) == 60


def test_a_reference_that_named_somebody_names_nobody_else(platform: Platform) -> None:
    feed = platform.feed(*map(line, PEOPLE), keys=OTHER)
    platform.take(feed, rekey=rekey_map(platform.folder, *map(line, PEOPLE)).path)
    path = platform.feed(*map(line, PEOPLE), line("99"), keys=OTHER)
    lines = path.read_bytes().splitlines(keepends=True)
    lines = [
        one.replace(reference("99", OTHER).hex().encode(), reference("1").hex().encode())
        for one in lines
    ]
    assert "share a reference" in refused(platform, sealed(path, lines), None)


def test_members_who_are_renumbered_stay_who_they_are(platform: Platform) -> None:
    # Half of them have other numbers from now on: other indexes and other references.
    source = [line(f"9{n}" if int(n) > 15 else n) for n in PEOPLE]
    told = [f"{one},{n if int(n) > 15 else ''}" for one, n in zip(source, PEOPLE, strict=True)]
    feed = platform.feed(*source)
    found = platform.take(feed, confirm=False)
    assert isinstance(found, FeedProblem)  # without a map, fifteen are ended
    assert "more of this insurer's covers" in found.reason
    rekey = rekey_map(platform.folder, *told, header=RENUMBERED, new=KEYS).path
    assert platform.take(feed, rekey=rekey, confirm=False) == Imported(30, 0)
    assert platform.covered("920")
    assert not platform.covered("20", on=-1)
    assert former(platform) == {reference(n): reference(f"9{n}") for n in PEOPLE[15:]}


def test_a_number_that_is_somebodys_is_not_taken(platform: Platform) -> None:
    # Number 1 is said to have become number 2 while 2, who is known, is left out.
    source = [line(n) for n in PEOPLE if n != "1"]
    feed = platform.feed(*source)
    told = [f"{one},{'1' if one.startswith('2,') else ''}" for one in source]
    rekey = rekey_map(platform.folder, *told, header=RENUMBERED, new=KEYS).path
    assert "makes two people" in refused(platform, feed, rekey)


def test_people_not_known_here_are_passed_over(platform: Platform) -> None:
    feed = platform.feed(*map(line, PEOPLE), line("99"), keys=OTHER)
    rekey = rekey_map(platform.folder, *map(line, PEOPLE), line("99")).path
    assert platform.take(feed, rekey=rekey) == Imported(31, 0)
    assert reference("99") not in former(platform)


def test_a_delta_may_have_a_map(platform: Platform) -> None:
    lines = [put(n) for n in PEOPLE[:5]]
    feed = platform.delta(*lines, keys=OTHER)
    assert isinstance(platform.take(feed), FeedProblem)
    rekey = rekey_map(platform.folder, *lines, header=DELTA_HEADER).path
    assert platform.take(feed, rekey=rekey, confirm=False) == Imported(5, 0)
    assert platform.match("9")["member_reference"] == reference("9")
    assert len(former(platform)) == 5


def test_a_member_is_ended_by_the_reference_of_before(platform: Platform) -> None:
    feed = platform.feed(*map(line, PEOPLE), keys=OTHER)
    platform.take(feed, rekey=rekey_map(platform.folder, *map(line, PEOPLE)).path)

    async def end() -> int | FeedProblem:
        async with await Database.open(platform.db.dsn("rempart_intake"), max_size=1) as database:
            return await end_member(database, AMC, reference("3"), date.fromisoformat(day(-1)))

    assert asyncio.run(end()) == 1
    assert not platform.covered("3")
    assert platform.covered("4")


def test_another_insurers_references_are_untouched(platform: Platform) -> None:
    platform.add_insurer("990002")
    platform.put(line("1"), amc="990002")
    before = platform.match("1", amc="990002")
    feed = platform.feed(*map(line, PEOPLE), keys=OTHER)
    assert "another insurer" in refused(
        platform, feed, rekey_map(platform.folder, *map(line, PEOPLE), amc="990002").path
    )
    platform.take(feed, rekey=rekey_map(platform.folder, *map(line, PEOPLE)).path)
    assert platform.match("1", amc="990002") == before


@pytest.mark.parametrize(
    "change, where",
    [
        (lambda text: text[: text.rindex("\n", 0, -1) + 1], (1, "count")),
        (lambda text: text[:-3] + "00\n", (1, "sha256")),
        (lambda text: text[:-3] + "\n", (31, "")),
        (lambda text: text + text.splitlines()[1] + "\n", (32, "old")),
        (lambda text: text.replace('"format":1', '"format":2'), (1, "format")),
        (lambda text: text.replace("rekey-map", "feed"), (1, "")),
        (lambda text: text.replace('made_at":"2', 'made_at":"3'), (1, "made_at")),
        (lambda text: text[text.index("\n") + 1 :], (1, "")),
    ],
)
def test_a_map_that_is_not_whole_is_not_taken(
    platform: Platform, change: Callable[[str], str], where: tuple[int, str]
) -> None:
    feed = platform.feed(*map(line, PEOPLE), keys=OTHER)
    rekey = rekey_map(platform.folder, *map(line, PEOPLE)).path
    rekey.write_text(change(rekey.read_text()))
    before = platform.content()
    found = platform.take(feed, rekey=rekey)
    assert isinstance(found, FeedProblem)
    assert (found.line, found.column) == (where[0], f"--rekey {where[1]}".strip())
    assert platform.content() == before


def test_what_a_crash_lost_of_a_map_is_not_passed_over(platform: Platform) -> None:
    feed = platform.feed(*map(line, PEOPLE), keys=OTHER)
    rekey = rekey_map(platform.folder, *map(line, PEOPLE)).path
    assert isinstance(platform.take(feed, rekey=rekey, only_look=True), Imported)
    platform.db.owner.execute("truncate registry.staged_reference")  # as recovery does
    # What is staged anew is the whole map, not what the row says is left.
    assert platform.take(feed, rekey=rekey) == Imported(30, 0)
    assert len(former(platform)) == 30
