"""An urgent end outlasts the feeds made before it, whatever clock made them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rempart.registry import FeedProblem, Imported
from tests.registry.feeds import day, end, line, put
from tests.registry.platform import Platform
from tests.registry.rekeying import OTHER, rekey_map
from tests.registry.test_feed_delta import ended
from tests.support.database import DatabaseUnderTest

MEMBERS = [str(n) for n in range(20)]


@pytest.fixture
def platform(db: DatabaseUnderTest, tmp_path: Path) -> Platform:
    """One insurer with twenty members."""
    found = Platform(db, tmp_path)
    found.put(*map(line, MEMBERS))
    return found


def on_a_clock(path: Path, **ahead: int) -> Path:
    """Say in a feed's header that it was made so much later than now."""
    return made(path, (datetime.now(UTC) + timedelta(**ahead)).isoformat())


def made(path: Path, at: str) -> Path:
    """Say in a feed's header when it was made."""
    first, rest = path.read_bytes().split(b"\n", 1)
    header = json.loads(first) | {"made_at": at}
    path.write_bytes(json.dumps(header).encode() + b"\n" + rest)
    return path


def refused(platform: Platform, path: Path, rekey: Path | None = None) -> str:
    before = platform.content()
    found = platform.take(path, rekey=rekey)
    assert isinstance(found, FeedProblem)
    assert platform.content() == before
    return str(found)


def test_a_feed_made_before_an_end_on_a_fast_clock_does_not_undo_it(platform: Platform) -> None:
    path = on_a_clock(platform.feed(*map(line, MEMBERS)), minutes=59)
    assert ended(platform, "7", day(-1)) == 1
    assert "ended at once" in refused(platform, path)
    assert not platform.covered("7")


def test_nor_does_a_delta_or_what_had_not_begun_or_a_new_reference(platform: Platform) -> None:
    later = put("7", valid_from=day(30), cover_rank="2")
    assert isinstance(platform.take(platform.delta(put("7", valid_to=day(-1)), later)), Imported)
    assert ended(platform, "7", day(-1)) == 1
    assert "ended at once" in refused(platform, platform.delta(later))
    rekey = rekey_map(platform.folder, *map(line, MEMBERS)).path
    renamed = platform.feed(*map(line, MEMBERS), keys=OTHER)
    assert "ended at once" in refused(platform, renamed, rekey)


def test_a_feed_that_knows_of_the_end_is_taken(platform: Platform) -> None:
    assert ended(platform, "7", day(-1)) == 1
    assert isinstance(platform.put(*(line(n) for n in MEMBERS if n != "7")), Imported)
    assert isinstance(platform.take(platform.delta(end("7", day(5)))), Imported)
    stated = [line(n, valid_to=day(-1) if n == "7" else day(400)) for n in MEMBERS]
    assert isinstance(platform.put(*stated), Imported)
    assert not platform.covered("7")


def test_an_hour_later_he_may_be_covered_again_and_the_end_is_forgotten(platform: Platform) -> None:
    assert ended(platform, "7", day(-1)) == 1
    platform.db.owner.execute(
        "update registry.feed_work set worked_at = worked_at - interval '59 minutes'"
    )
    assert "ended at once" in refused(platform, platform.feed(*map(line, MEMBERS)))
    platform.db.owner.execute(
        "update registry.feed_work set worked_at = worked_at - interval '1 minute'"
        " where kind = 'end'"
    )
    assert isinstance(platform.put(*map(line, MEMBERS)), Imported)
    assert platform.covered("7")
    assert platform.db.owner.execute("select from registry.feed_work").fetchone() is None


def test_an_end_is_its_own_insurers(platform: Platform) -> None:
    platform.add_insurer("990002")
    assert ended(platform, "7", day(-1)) == 1
    platform.db.owner.execute(
        "update registry.feed_work set insurer_id ="
        " (select i.insurer_id from registry.insurer i where i.amc_number = '990002')"
    )
    assert isinstance(platform.put(*map(line, MEMBERS)), Imported)
    assert platform.covered("7")


def test_an_end_of_nobody_leaves_nothing(platform: Platform) -> None:
    assert isinstance(ended(platform, "99", day(-1)), FeedProblem)
    assert platform.db.owner.execute("select from registry.feed_work").fetchone() is None


def test_a_feed_that_was_put_in_force_says_so_again_after_something_newer(
    platform: Platform,
) -> None:
    path = platform.feed(*(line(n, valid_to=day(300)) for n in MEMBERS[1:]))
    first = platform.take(path)
    assert isinstance(first, Imported)
    assert ended(platform, "7", day(-1)) == 1
    before = platform.content()
    again = platform.take(path)
    assert isinstance(again, Imported)
    assert (again.accepted, again.ended) == (first.accepted, first.ended) == (19, 1)
    assert platform.content() == before
    # Another file that says the same time is older than the end.
    made_at = json.loads(path.read_bytes().split(b"\n", 1)[0])["made_at"]
    other = platform.feed(*(line(n, valid_to=day(301)) for n in MEMBERS))
    assert "older" in refused(platform, made(other, made_at))
