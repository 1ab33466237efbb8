"""A feed and its map in one file: read apart as they were, and refused where they do not fit."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from rempart.registry import (
    FeedHeader,
    FeedProblem,
    Sent,
    check_feed,
    check_rekey_map,
    open_sent,
    opened_to_send,
    read_sent_header,
)
from tests.registry.feeds import AMC, line, prepare
from tests.registry.rekeying import PEOPLE, rekey_map

NOW = datetime.now(UTC) + timedelta(minutes=1)


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, Path]:
    feed = prepare(tmp_path, *map(line, PEOPLE)).out
    return feed, rekey_map(tmp_path, *map(line, PEOPLE)).path


def whole(feed: Path, rekey: Path | None) -> bytes:
    with opened_to_send(feed, rekey) as file:
        return file.read()


def taken_apart(file: BinaryIO) -> Sent:
    found = open_sent(file)
    assert isinstance(found, Sent)
    return found


def test_what_was_put_together_is_taken_apart(parts: tuple[Path, Path]) -> None:
    feed, rekey = parts
    data = whole(feed, rekey)
    header = read_sent_header(io.BytesIO(data[:1024]), NOW)
    assert isinstance(header, FeedHeader)
    assert header.insurer == AMC
    sent = taken_apart(io.BytesIO(data))
    assert sent.rekey_map is not None
    # They are read in turns, and from any place: each keeps its own.
    assert sent.feed.readline() == feed.read_bytes().splitlines(keepends=True)[0]
    assert sent.rekey_map.read() == rekey.read_bytes()
    sent.feed.seek(0)
    assert sent.feed.read() == feed.read_bytes()
    sent.feed.seek(0)
    sent.rekey_map.seek(0)
    assert isinstance(check_feed(sent.feed, NOW), FeedHeader)
    assert check_rekey_map(sent.rekey_map, AMC, NOW) == len(PEOPLE)


def test_it_is_sent_from_any_place(parts: tuple[Path, Path]) -> None:
    data = whole(*parts)
    with opened_to_send(*parts) as file:
        for at in (0, 1, len(data) // 2, len(data) - 3, len(data)):
            file.seek(at)
            assert file.read(100) == data[at : at + 100]


def test_a_feed_alone_is_sent_as_it_is(parts: tuple[Path, Path]) -> None:
    feed, _ = parts
    assert whole(feed, None) == feed.read_bytes()
    sent = taken_apart(io.BytesIO(feed.read_bytes()))
    assert (sent.feed.read(), sent.rekey_map) == (feed.read_bytes(), None)


@pytest.mark.parametrize(
    "old, new, reason",
    [
        (b'"format":1,"kind":"feed-with-map"', b'"format":2,"kind":"feed-with-map"', "version 1"),
        (b'"map":', b'"map":1', "not as long"),
        (b'"map":', b'"map":-', "not as long"),
        (b'"feed":', b'"feed":-', "not as long"),
    ],
)
def test_a_first_line_that_is_not_true_is_refused(
    parts: tuple[Path, Path], old: bytes, new: bytes, reason: str
) -> None:
    found = open_sent(io.BytesIO(whole(*parts).replace(old, new, 1)))
    assert isinstance(found, FeedProblem)
    assert reason in found.reason


def test_what_is_cut_or_added_to_is_refused(parts: tuple[Path, Path]) -> None:
    data = whole(*parts)
    for other in (data[:-1], data + b"\n", data[: len(data) // 2]):
        found = open_sent(io.BytesIO(other))
        assert isinstance(found, FeedProblem)
        assert "not as long" in found.reason


def test_a_map_without_a_line_is_no_map(parts: tuple[Path, Path]) -> None:
    _, rekey = parts
    first = rekey.read_bytes().splitlines(keepends=True)[0]
    found = check_rekey_map(io.BytesIO(first.replace(b'"count":30', b'"count":0')), AMC, NOW)
    assert isinstance(found, FeedProblem)
    assert (found.column, found.line) == ("--rekey count", 1)
