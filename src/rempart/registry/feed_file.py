"""The prepared feed: what leaves an insurer's premises. Hashes, dates and plan codes alone.

One line of JSON, then one line a cover, in the order of index, rank and first day:
``index,reference,plan,valid_from,valid_to,cover_rank,card``. docs/feed.md has the format.
A delta's line without a plan ends a person.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from rempart.registry import normalisation
from rempart.registry.feed_source import FeedProblem
from rempart.registry.whole_file import write_headed

FORMAT = 1

_LONGEST_LINE = 512
CLOCKS_MAY_DIFFER = timedelta(hours=1)
"""How far ahead of the platform's clock the insurer's may be."""

_COLUMNS = {
    "index": rb"[0-9a-f]{64}",
    "reference": rb"[0-9a-f]{32}",
    "plan": rb"[0-9A-Za-z_.-]{0,32}",
    "valid_from": rb"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "valid_to": rb"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "cover_rank": rb"[1-9]",
    "card": rb"(?:[0-9a-f]{64})?",
}
_LINE = re.compile(b",".join(b"(" + column + b")" for column in _COLUMNS.values()) + b"\n")


class FeedHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The first line. `sha256` is of all the bytes after it, in hex.

    A ``full`` feed replaces everything that the insurer stated, a ``delta`` the people in it.
    """

    format: int
    normalisation: int
    insurer: str
    count: int
    sha256: str
    made_at: datetime
    kind: Literal["full", "delta"] = "full"


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One cover. `index` and `card` are inner hashes; `card` is empty when there is no secret.

    Without a plan: the person's covers end after `valid_to`.
    """

    line: int
    index: bytes
    reference: bytes
    plan: str
    valid_from: date
    valid_to: date
    cover_rank: int
    card: bytes


def read_header(file: BinaryIO, now: datetime) -> FeedHeader | FeedProblem:
    """Read the first line; a version or a time that this program cannot take is a problem."""
    try:
        header = msgspec.json.decode(file.readline(_LONGEST_LINE), type=FeedHeader)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return FeedProblem(1, "", "not the header of a prepared feed")
    if header.format != FORMAT:
        return FeedProblem(1, "format", f"this program reads version {FORMAT}")
    if header.normalisation != normalisation.VERSION:
        due = f"this platform hashes by version {normalisation.VERSION}: prepare the feed anew"
        return FeedProblem(1, "normalisation", due)
    if header.made_at.tzinfo is None or header.made_at > now + CLOCKS_MAY_DIFFER:
        return FeedProblem(1, "made_at", "in the future, or without a time zone")
    if header.count < 1:
        return FeedProblem(1, "count", "a feed states one cover at least")
    return header


def read_covers(file: BinaryIO, header: FeedHeader) -> Iterator[FeedLine | FeedProblem]:
    """Yield the covers after the header and, in their place, what is wrong with a line.

    Only a caller that has read to the end without a problem knows that the file is whole.
    """
    digest = hashlib.sha256()
    number, before = 1, b""
    while raw := file.readline(_LONGEST_LINE):
        number += 1
        digest.update(raw)
        found = _LINE.fullmatch(raw)
        if found is None:
            yield _misfit(number, raw)
            digest.update(_rest_of_line(file, raw))
            continue
        index, reference, plan, valid_from, valid_to, cover_rank, card = found.groups()
        place = index + cover_rank + valid_from
        if place <= before:
            yield FeedProblem(number, "index", "not after the line before, in the order due")
            continue
        before = place
        try:
            days = _day(valid_from), _day(valid_to)
        except ValueError:
            yield FeedProblem(number, "valid_from or valid_to", "not a day of the calendar")
            continue
        if days[1] < days[0]:
            yield FeedProblem(number, "valid_to", "before valid_from")
            continue
        if not plan and header.kind == "full":
            yield FeedProblem(number, "plan", "not written as the format has it")
            continue
        hashes = bytes.fromhex(index.decode()), bytes.fromhex(reference.decode())
        yield FeedLine(
            number, *hashes, plan.decode(), *days, int(cover_rank), bytes.fromhex(card.decode())
        )
    if number - 1 != header.count:
        yield FeedProblem(1, "count", "the file was cut or added to")
    elif digest.hexdigest() != header.sha256:
        yield FeedProblem(1, "sha256", "the file was changed after it was made")


def check_feed(file: BinaryIO, now: datetime) -> FeedHeader | FeedProblem:
    """Read a prepared feed to its end; return its header, or the first problem."""
    header = read_header(file, now)
    if isinstance(header, FeedProblem):
        return header
    for one in read_covers(file, header):
        if isinstance(one, FeedProblem):
            return one
    return header


def list_problems(file: BinaryIO, now: datetime, at_most: int) -> tuple[list[FeedProblem], int]:
    """Read a prepared feed to its end; return the first problems, and how many there are."""
    header = read_header(file, now)
    if isinstance(header, FeedProblem):
        return [header], 1
    found: list[FeedProblem] = []
    count = 0
    for one in read_covers(file, header):
        if isinstance(one, FeedProblem):
            count += 1
            if count <= at_most:
                found.append(one)
    return found, count


def write_feed(
    path: Path, insurer: str, lines: Iterator[bytes], kind: Literal["full", "delta"] = "full"
) -> int:
    """Write a prepared feed whole or not at all, for its owner alone; return how many covers."""

    def header(count: int, sha256: str) -> bytes:
        return msgspec.json.encode(
            FeedHeader(
                format=FORMAT,
                normalisation=normalisation.VERSION,
                insurer=insurer,
                count=count,
                sha256=sha256,
                made_at=datetime.now(UTC),
                kind=kind,
            )
        )

    return write_headed(path, lines, header)


@lru_cache(maxsize=4096)
def _day(cell: bytes) -> date:
    """Read a date: most lines of a feed share theirs with many."""
    return date.fromisoformat(cell.decode())


def _rest_of_line(file: BinaryIO, raw: bytes) -> bytes:
    """Read what a line too long still holds, so that the next one is a line of its own."""
    rest = []
    while raw and not raw.endswith(b"\n"):
        raw = file.readline(_LONGEST_LINE)
        rest.append(raw)
    return b"".join(rest)


def _misfit(number: int, raw: bytes) -> FeedProblem:
    """Tell which column of a line is not as it must be."""
    cells = raw.removesuffix(b"\n").split(b",")
    if len(cells) != len(_COLUMNS) or not raw.endswith(b"\n"):
        return FeedProblem(number, "", f"{len(_COLUMNS)} columns and an end of line are due")
    for (name, pattern), cell in zip(_COLUMNS.items(), cells, strict=True):
        if not re.fullmatch(pattern, cell):
            return FeedProblem(number, name, "not written as the format has it")
    return FeedProblem(number, "", "not written as the format has it")
