"""Log lines are never waited for; what was left out is counted."""

import io
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from rempart.foundation.log_stream import steady

LINES = 3_000
LINE = '{"event": "' + "x" * 200 + '"}\n'


@pytest.fixture(params=["pipe", "socket"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[int, TextIO]]:
    """Where lines are read, and the blocking stream that they are written to."""
    if request.param == "pipe":
        near, far = os.pipe()
    else:
        near, far = (end.detach() for end in socket.socketpair())
    os.set_blocking(near, False)
    with os.fdopen(far, "w") as stream:
        yield near, stream
    os.close(near)


def read_all(near: int) -> str:
    found = b""
    while True:
        try:
            found += os.read(near, 65_536)
        except BlockingIOError:
            return found.decode()


def events(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.splitlines()]


def test_lines_that_find_no_room_are_left_out_and_counted(ends: tuple[int, TextIO]) -> None:
    near, stream = ends
    out = steady(stream)
    for _ in range(LINES):
        out.write(LINE)
    before = events(read_all(near))
    assert 0 < len(before) < LINES
    out.write(LINE)
    # A line that was begun is ended before anything else is said.
    after = events(read_all(near))
    lost = [each for each in after if each["event"] == "log lines were lost"]
    assert [each["count"] for each in lost] == [LINES - len(before)]
    assert len(after) == len(lost) + 1
    out.close()
    assert os.get_blocking(stream.fileno())


def test_a_line_longer_than_the_room_is_ended_by_the_next(ends: tuple[int, TextIO]) -> None:
    near, stream = ends
    out = steady(stream)
    long = json.dumps({"event": "y" * 60_000}) + "\n"
    said = ""
    for _ in range(100):
        out.write(long)
    said += read_all(near)
    for _ in range(3):
        out.write(LINE)
        said += read_all(near)
    assert {str(each["event"])[0] for each in events(said)} == {"y", "l", "x"}


def test_a_full_disk_is_no_fault() -> None:
    with Path("/dev/full").open("w") as stream:
        out = steady(stream)
        out.write(LINE)
        out.flush()


def test_a_stream_without_a_descriptor_is_as_it_was() -> None:
    stream = io.StringIO()
    assert steady(stream) is stream
