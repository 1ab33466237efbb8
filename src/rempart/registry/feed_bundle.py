"""A feed with its map behind it, as one file: so that both are sent, signed and kept as one.

One line of JSON that says how long each is, then the feed, then the map; docs/feed.md has the
format. A feed that comes alone is sent as it is.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, cast

import msgspec

from rempart.registry.feed_file import FeedHeader, read_header
from rempart.registry.feed_source import FeedProblem

FORMAT: Final = 1

_LONGEST_HEADER: Final = 512
_BUFFER: Final = 2**18


class _BundleHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line: how many bytes of feed and of map come after it."""

    format: int
    kind: Literal["feed-with-map"]
    feed: int
    map: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What an insurer sent: a feed and, where references were made anew, their map."""

    feed: BinaryIO
    rekey_map: BinaryIO | None


class _Strung(io.RawIOBase):
    """Stretches of files, one after another, read as one file. They are not closed with it."""

    def __init__(self, stretches: Sequence[tuple[BinaryIO, int, int]]) -> None:
        """Take files, each with the place of the first byte and how many there are."""
        self._stretches = stretches
        self._length = sum(length for _, _, length in stretches)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer, as the base class has it
        skipped = self._at
        for file, start, length in self._stretches:
            if skipped < length:
                file.seek(start + skipped)
                some = file.read(min(len(buffer), length - skipped))
                buffer[: len(some)] = some
                self._at += len(some)
                return len(some)
            skipped -= length
        return 0


@contextmanager
def opened_to_send(feed: Path, rekey_map: Path | None) -> Iterator[BinaryIO]:
    """Open a feed as it is sent, with its map behind it if there is one. Raises `OSError`."""
    with ExitStack() as stack:
        file = stack.enter_context(feed.open("rb"))
        if rekey_map is None:
            yield file
            return
        with_it = stack.enter_context(rekey_map.open("rb"))
        sizes = [one.seek(0, io.SEEK_END) for one in (file, with_it)]
        header = _BundleHeader(FORMAT, "feed-with-map", *sizes)
        first = msgspec.json.encode(header) + b"\n"
        yield _read_as_one(
            (io.BytesIO(first), 0, len(first)), (file, 0, sizes[0]), (with_it, 0, sizes[1])
        )


def read_sent_header(file: BinaryIO, now: datetime) -> FeedHeader | FeedProblem:
    """Read the header of the feed that a file begins with, a map behind it or not."""
    if _bundle_header(file) is None:
        file.seek(0)
    return read_header(file, now)


def open_sent(file: BinaryIO) -> Sent | FeedProblem:
    """Take a whole file apart: the feed, and the map that came with it."""
    header = _bundle_header(file)
    if header is None:
        file.seek(0)
        return Sent(file, None)
    if header.format != FORMAT:
        return FeedProblem(1, "format", f"this program reads version {FORMAT} of a feed with map")
    begin = file.tell()
    # The first look is at the signs: a length below nothing would reach into the other part.
    if min(header.feed, header.map) < 1 or begin + header.feed + header.map != file.seek(
        0, io.SEEK_END
    ):
        return FeedProblem(1, "", "the feed and its map are not as long as the first line says")
    return Sent(
        _read_as_one((file, begin, header.feed)),
        _read_as_one((file, begin + header.feed, header.map)),
    )


def _bundle_header(file: BinaryIO) -> _BundleHeader | None:
    try:
        return msgspec.json.decode(file.readline(_LONGEST_HEADER), type=_BundleHeader)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _read_as_one(*stretches: tuple[BinaryIO, int, int]) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Strung(stretches), _BUFFER))
