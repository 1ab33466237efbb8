"""Maps of references, and who left: the list is renamed with those who stayed."""

from pathlib import Path

import pytest

from rempart.registry import FeedKeys, FeedProblem, Imported
from tests.registry.departing import (
    LONG_AGO,
    all_but,
    delta_with,
    ended_before_it_began,
    listed,
    sent,
)
from tests.registry.feeds import AMC, DELTA_HEADER, KEYS, day, end, line, put
from tests.registry.platform import Platform
from tests.registry.rekeying import OTHER, PEOPLE, RENUMBERED, reference, rekey_map, sealed
from tests.support.database import DatabaseUnderTest
from tests.support.purging import counts, purged


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer with thirty members."""
    made = Platform(db, tmp_path)
    made.put(*map(line, PEOPLE))
    return made


def test_a_delta_that_brings_him_back_under_another_needs_its_map(platform: Platform) -> None:
    ended_before_it_began(platform)
    path = platform.delta(put("1"), put("2"), keys=OTHER)
    assert "--rekey MAP" in str(sent(platform, path))
    half = rekey_map(platform.folder, put("2"), header=DELTA_HEADER).path
    assert "does not say" in str(sent(platform, path, half))
    rekey = rekey_map(platform.folder, put("1"), put("2"), header=DELTA_HEADER).path
    assert "go-ahead" in str(sent(platform, path, rekey))
    found = platform.take(path, rekey=rekey)
    assert isinstance(found, Imported)
    assert found.renamed == 2
    assert platform.match("1")["member_reference"] == reference("1", OTHER)


def test_a_map_and_a_leave_in_one_feed(platform: Platform) -> None:
    """Whoever is ended by the very feed that renames him has left under his new reference."""
    path = platform.delta(put("2"), end("1", day(LONG_AGO)), keys=OTHER)
    rekey = rekey_map(platform.folder, line("1"), line("2")).path
    assert platform.take(path, rekey=rekey) == Imported(2, 1)
    assert listed(platform) == [reference("1", OTHER)]
    assert isinstance(sent(platform, platform.delta(put("1"))), str)
    assert sent(platform, platform.delta(put("1"), keys=OTHER)) == Imported(1, 0)


def test_what_he_left_with_names_nobody_else(platform: Platform) -> None:
    ended_before_it_began(platform)
    for one in ("77", "2"):  # a newcomer, and a member
        path = delta_with(platform, reference(one), reference("1"), put(one))
        assert "share a reference" in str(sent(platform, path))
        found = platform.take(path)  # nor by the operator's hand
        assert isinstance(found, FeedProblem)
    # A map that says so makes two people one: of a member, and beside the one who left.
    source = [line(n) for n in PEOPLE[1:]]
    path = platform.feed(*source)
    rekey = rekey_map(
        platform.folder,
        *(f"{one},{'3' if n == '2' else ''}" for n, one in zip(PEOPLE[1:], source, strict=True)),
        header=RENUMBERED,
        new=KEYS,
    )
    assert rekey.problems  # the insurer's own program sees it first
    head = f'{{"format":1,"kind":"rekey-map","insurer":"{AMC}","count":1,"sha256":"","made_at":'
    pair = f"{reference('2').hex()},{reference('1').hex()}"
    made = sealed(
        platform.folder / "made.map",
        [f'{head}"2026-01-01T00:00:00Z"}}\n'.encode(), f"{pair}\n".encode()],
    )
    path = delta_with(platform, reference("2"), reference("1"), put("2"))
    found = platform.take(path, rekey=made)
    assert isinstance(found, FeedProblem)
    assert "two people" in found.reason


def test_nobody_takes_the_index_of_one_who_left(platform: Platform) -> None:
    """Number 2 is said to have become number 1, who left."""
    ended_before_it_began(platform)
    source = [line(n) for n in PEOPLE if n != "2"]
    told = [f"{one},{'2' if one.startswith('1,') else ''}" for one in source]
    rekey = rekey_map(platform.folder, *told, header=RENUMBERED, new=KEYS).path
    found = platform.take(platform.feed(*source), rekey=rekey)
    assert isinstance(found, FeedProblem)
    assert "makes two people" in found.reason


def renumbered(platform: Platform, old: str, new: str, keys: FeedKeys = KEYS) -> None:
    """A member gets another number, with a map and the operator's word."""
    source = [line(new if n == "1" else n) for n in PEOPLE]
    told = [f"{one},{old if one.startswith(f'{new},') else ''}" for one in source]
    rekey = rekey_map(platform.folder, *told, header=RENUMBERED, new=keys).path
    assert isinstance(platform.take(platform.feed(*source, keys=keys), rekey=rekey), Imported)


def test_a_number_of_before_does_not_become_somebody_new(platform: Platform) -> None:
    renumbered(platform, "1", "91")
    assert listed(platform) == [reference("91")]  # under his old index
    for one in ("1", "91"):
        path = delta_with(platform, reference(one), b"z" * 16, put(one))
        assert isinstance(sent(platform, path), str)
    # Neither under the reference of before, nor while the other number is in force.
    for his in (reference("1"), reference("91")):
        path = delta_with(platform, reference("1"), his, put("1"))
        assert "share a reference" in str(sent(platform, path))
    # But he may have it again, as he got the other; and the next feed is as any.
    renumbered(platform, "91", "1")
    assert platform.covered("1")
    assert listed(platform) == [reference("1")]  # under the other index
    assert sent(platform, platform.feed(*map(line, PEOPLE))) == Imported(30, 0)


def test_another_feed_key_makes_nobody_leave(platform: Platform) -> None:
    ended_before_it_began(platform)
    others = FeedKeys(b"f" * 32, KEYS.reference)
    source = all_but("1")
    rekey = rekey_map(platform.folder, *source, old=KEYS, new=KEYS).path
    found = platform.take(platform.feed(*source, keys=others), rekey=rekey)
    assert isinstance(found, Imported)
    assert found.renamed == 29
    assert listed(platform) == [reference("1")]
    # Whoever left under the old key comes back under the new one with his map, and the word.
    path = platform.delta(put("1"), keys=others)
    assert "share a reference" in str(sent(platform, path))
    his = rekey_map(platform.folder, put("1"), header=DELTA_HEADER, new=KEYS).path
    assert "go-ahead" in str(sent(platform, path, his))
    found = platform.take(path, rekey=his)
    assert isinstance(found, Imported)
    assert found.renamed == 1
    # From then on he is a member as any, unasked.
    assert sent(platform, platform.feed(*map(line, PEOPLE), keys=others)) == Imported(30, 0)


def test_with_their_covers_of_then_those_who_left_are_renamed_too(platform: Platform) -> None:
    """A source with who left lately makes a feed and a map in which they are."""
    ended_before_it_began(platform)
    source = [*all_but("1"), line("1", valid_to=day(-60))]
    rekey = rekey_map(platform.folder, *source).path
    found = platform.take(platform.feed(*source, keys=OTHER), rekey=rekey, confirm=False)
    assert isinstance(found, Imported)
    assert (found.renamed, found.ended) == (30, 0)
    assert counts(purged(platform.db))["cover"] == 1
    assert listed(platform) == [reference("1", OTHER)]
    assert sent(platform, platform.delta(put("1"), keys=OTHER)) == Imported(1, 0)
