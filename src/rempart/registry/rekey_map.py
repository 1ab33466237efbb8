"""The map of a feed whose references were made anew: which reference had which before.

One line of JSON, then ``old,new`` a line, in the order of the old ones; docs/feed.md has the
format. The insurer makes it on its own premises, of hashes alone.
"""

import hashlib
import heapq
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from rempart.registry.feed_file import CLOCKS_MAY_DIFFER
from rempart.registry.feed_prepare import OnProblem, Prepared, former_reference_of, reference_of
from rempart.registry.feed_source import FeedProblem, read_source
from rempart.registry.normalisation import normalise_amc
from rempart.registry.whole_file import write_headed

FORMAT = 1

_LONGEST_HEADER = 512
_SORTED_AT_ONCE = 200_000
_LINE = re.compile(rb"([0-9a-f]{32}),([0-9a-f]{32})\n")
_LINE_BYTES = 66


class RekeyHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line. `sha256` is of all the bytes after it, in hex."""

    format: int
    kind: Literal["rekey-map"]
    insurer: str
    count: int
    sha256: str
    made_at: datetime


def make_rekey_map(
    source: BinaryIO,
    out: Path,
    insurer: str,
    keys: tuple[bytes, bytes],
    *,
    today: date,
    on_problem: OnProblem,
    is_delta: bool = False,
) -> Prepared:
    """Write the map for the people of a source; `keys` are the old and the new reference key.

    Who had another member number, birth date or rank says so in the columns ``former_…``. Any
    refused line leaves nothing written. Raises `BadInputError` for the AMC number.
    """
    amc = normalise_amc(insurer)
    refused = 0

    def refuse(problem: FeedProblem) -> None:
        nonlocal refused
        refused += 1
        on_problem(problem)

    def pairs() -> Iterator[tuple[bytes, bytes, int]]:
        for one in read_source(source, today, is_delta=is_delta):
            if isinstance(one, FeedProblem):
                refuse(one)
            else:
                old = former_reference_of(keys[0], amc, one).hex().encode()
                yield old, reference_of(keys[1], amc, one).hex().encode(), one.line

    with ExitStack() as stack:
        by_old, by_new = _sorted_runs(pairs(), out.parent, stack)
        for _ in _one_to_one(by_new, "the same person was somebody else by line", refuse):
            pass
        accepted = sum(1 for _ in _one_to_one(by_old, "what it names was line", refuse))
        if refused or not accepted:
            return Prepared(accepted, refused, is_written=False)
        write_headed(out, _one_to_one(by_old, "", refuse), partial(_header, amc))
    return Prepared(accepted, 0, is_written=True)


def read_rekey_map(
    file: BinaryIO, insurer: str, now: datetime
) -> Iterator[tuple[bytes, bytes] | FeedProblem]:
    """Yield pairs of references, old and new; the first problem, which may come last, ends it.

    Only a caller that has read to the end knows that the file is whole.
    """
    try:
        header = msgspec.json.decode(file.readline(_LONGEST_HEADER), type=RekeyHeader)
    except (msgspec.DecodeError, UnicodeDecodeError):
        yield FeedProblem(1, "", "not the header of a map of references")
        return
    if header.format != FORMAT:
        yield FeedProblem(1, "format", f"this program reads version {FORMAT} of a map")
    elif header.insurer != insurer:
        yield FeedProblem(1, "insurer", "the map is another insurer's than the feed")
    elif header.count < 1:
        yield FeedProblem(1, "count", "a map names one reference at least")
    elif header.made_at.tzinfo is None or header.made_at > now + CLOCKS_MAY_DIFFER:
        yield FeedProblem(1, "made_at", "in the future, or without a time zone")
    else:
        yield from _read_lines(file, header)


def check_rekey_map(file: BinaryIO, insurer: str, now: datetime) -> FeedProblem | int:
    """Read a map to its end; return how many lines it has, or the first problem."""
    count = 0
    for one in read_rekey_map(file, insurer, now):
        if isinstance(one, FeedProblem):
            return map_problem(one)
        count += 1
    return count


def map_problem(problem: FeedProblem) -> FeedProblem:
    """Say that it is the map's line, and not the feed's."""
    return FeedProblem(problem.line, f"--rekey {problem.column}".strip(), problem.reason)


def _read_lines(file: BinaryIO, header: RekeyHeader) -> Iterator[tuple[bytes, bytes] | FeedProblem]:
    digest = hashlib.sha256()
    number, before = 1, b""
    while raw := file.readline(_LINE_BYTES + 1):
        number += 1
        digest.update(raw)
        found = _LINE.fullmatch(raw)
        if found is None:
            yield FeedProblem(number, "", "two references of 32 hex digits are due")
            return
        old, new = found.groups()
        if old <= before:
            yield FeedProblem(number, "old", "not after the line before, in the order due")
            return
        before = old
        yield bytes.fromhex(old.decode()), bytes.fromhex(new.decode())
    if number - 1 != header.count:
        yield FeedProblem(1, "count", "the map was cut or added to")
    elif digest.hexdigest() != header.sha256:
        yield FeedProblem(1, "sha256", "the map was changed after it was made")


def _sorted_runs(
    pairs: Iterator[tuple[bytes, bytes, int]], folder: Path, stack: ExitStack
) -> tuple[list[BinaryIO], list[BinaryIO]]:
    """Write temporary files of sorted lines, by old reference and by new; hashed, as all here."""
    by_old: list[BinaryIO] = []
    by_new: list[BinaryIO] = []
    while some := list(islice(pairs, _SORTED_AT_ONCE)):
        for runs, lines in (
            (by_old, [b"%b,%b,%012d\n" % (old, new, line) for old, new, line in some]),
            (by_new, [b"%b,%b,%012d\n" % (new, old, line) for old, new, line in some]),
        ):
            lines.sort()
            run = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the stack closes it
            stack.enter_context(run)
            run.writelines(lines)
            runs.append(run)
    return by_old, by_new


def _one_to_one(runs: list[BinaryIO], reason: str, refuse: OnProblem) -> Iterator[bytes]:
    """Yield each first reference once with its second one; two different seconds are a problem."""
    for run in runs:
        run.seek(0)
    first, second, line = b"", b"", 0
    for raw in heapq.merge(*runs):
        one, other, number = raw[:-1].split(b",")
        if one != first:
            yield one + b"," + other + b"\n"
        elif other != second:
            refuse(FeedProblem(int(number), "former_member_number", f"{reason} {line}"))
        first, second, line = one, other, int(number)


def _header(amc: str, count: int, sha256: str) -> bytes:
    return msgspec.json.encode(
        RekeyHeader(
            format=FORMAT,
            kind="rekey-map",
            insurer=amc,
            count=count,
            sha256=sha256,
            made_at=datetime.now(UTC),
        )
    )
