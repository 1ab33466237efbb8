"""Makes a prepared feed of an insurer's CSV, on the insurer's premises, in bounded memory.

Covers are sorted by hash: the order of the source would tell who joined when, and a person's
covers stand together, so that repetitions are found without keeping everybody in memory.
"""

import heapq
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from rempart.registry.feed_file import write_feed
from rempart.registry.feed_source import FeedProblem, SourceLine, read_source
from rempart.registry.normalisation import (
    inner_card,
    inner_index,
    member_reference,
    normalise_amc,
)

_SORTED_AT_ONCE = 100_000

OnProblem = Callable[[FeedProblem], None]


@dataclass(frozen=True, slots=True)
class FeedKeys:
    """The two keys of an insurer: one shared with the platform, one that never leaves.

    32 bytes each.
    """

    feed: bytes
    reference: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a source: how many covers are in the feed, how many lines are not.

    `is_written` is false when lines were refused and that was not allowed for.
    """

    accepted: int
    refused: int
    is_written: bool


def prepare_feed(
    source: BinaryIO,
    out: Path,
    insurer: str,
    keys: FeedKeys,
    *,
    today: date,
    on_problem: OnProblem,
    skip_bad: bool = False,
    is_delta: bool = False,
) -> Prepared:
    """Hash a source and write the prepared feed to `out`, unless a line is refused.

    A delta states some people anew and ends others; whoever is not in it stays as he is.

    With `skip_bad` the feed is written without the refused lines, as long as one is left. Each
    problem goes to `on_problem` as it is found. Raises `BadInputError` for the AMC number.
    """
    amc = normalise_amc(insurer)
    refused = 0

    def count(problem: FeedProblem) -> None:
        nonlocal refused
        refused += 1
        on_problem(problem)

    lines = read_source(source, today, is_delta=is_delta)
    with ExitStack() as stack:
        runs = [stack.enter_context(run) for run in _runs(lines, out.parent, amc, keys, count)]
        accepted = 0
        for _ in _without_overlaps(heapq.merge(*runs), count):
            accepted += 1
        if not accepted or (refused and not skip_bad):
            return Prepared(accepted, refused, is_written=False)
        for run in runs:
            run.seek(0)
        kept = _without_overlaps(heapq.merge(*runs), lambda _: None)
        write_feed(out, amc, kept, kind="delta" if is_delta else "full")
    return Prepared(accepted, refused, is_written=True)


def reference_of(key: bytes, insurer: str, cover: SourceLine) -> bytes:
    """Return the member reference of a source's line, as the prepared feed has it."""
    return member_reference(key, insurer, cover.member_number, cover.birth_date, cover.birth_rank)


def former_reference_of(key: bytes, insurer: str, cover: SourceLine) -> bytes:
    """Return the reference that the member of a source's line had before, under a key of then."""
    if cover.former is None:
        return reference_of(key, insurer, cover)
    return member_reference(key, insurer, *cover.former)


def _runs(
    lines: Iterator[SourceLine | FeedProblem],
    folder: Path,
    amc: str,
    keys: FeedKeys,
    refuse: OnProblem,
) -> Iterator[BinaryIO]:
    """Yield temporary files of sorted lines, hashed; nothing in plain is ever written."""
    waiting: list[bytes] = []
    for one in lines:
        if isinstance(one, FeedProblem):
            refuse(one)
            continue
        waiting.append(_hashed(one, amc, keys))
        if len(waiting) >= _SORTED_AT_ONCE:
            yield _spilled(waiting, folder)
            waiting.clear()
    yield _spilled(waiting, folder)


def _spilled(lines: list[bytes], folder: Path) -> BinaryIO:
    lines.sort()
    run = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the caller's stack closes it
    run.writelines(lines)
    run.seek(0)
    return run


def _hashed(cover: SourceLine, amc: str, keys: FeedKeys) -> bytes:
    """Write a cover so that lines in the order of bytes are in the order of the feed."""
    who = (amc, cover.member_number, cover.birth_date, cover.birth_rank)
    card = (
        inner_card(keys.feed, amc, cover.member_number, cover.card_secret).hex()
        if (cover.card_secret)
        else ""
    )
    return (
        f"{inner_index(keys.feed, *who).hex()},{cover.cover_rank},{cover.valid_from},"
        f"{cover.line:012d},{cover.valid_to},{reference_of(keys.reference, amc, cover).hex()},"
        f"{cover.plan},{card}\n"
    ).encode("ascii")


def _without_overlaps(lines: Iterator[bytes], refuse: OnProblem) -> Iterator[bytes]:
    """Yield lines as the feed has them; of two covers of a person at once, the first stays."""
    kept_whom, kept_to, kept_line, kept_plan = b"", b"", 0, b""
    for raw in lines:
        index, rank, begins, line, ends, reference, plan, card = raw[:-1].split(b",")
        whom = index + rank
        if kept_whom.startswith(index) and not (plan and kept_plan):
            refuse(FeedProblem(int(line), "action", f"line {kept_line} is of the same person"))
            continue
        if whom == kept_whom and begins <= kept_to:
            reason = f"the same person is covered at that time by line {kept_line} already"
            refuse(FeedProblem(int(line), "valid_from", f"{reason}, with the same cover_rank"))
            continue
        kept_whom, kept_to, kept_line, kept_plan = whom, ends, int(line), plan
        yield b",".join((index, reference, plan, begins, ends, rank, card)) + b"\n"
