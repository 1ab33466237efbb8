"""Takes a prepared feed in: staged in short transactions, resumable, put in force in one."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from rempart.foundation.errors import RempartError, UnavailableError
from rempart.registry.feed_file import FeedHeader, FeedLine, check_feed, read_covers, read_header
from rempart.registry.feed_reasons import reason_of
from rempart.registry.feed_source import FeedProblem
from rempart.registry.rekey_map import map_problem, read_rekey_map

if TYPE_CHECKING:  # an insurer prepares its feed without the database's driver
    from rempart.foundation.database import Database

BATCH = 2048
"""Covers that are blinded and staged at a time: an index and a card each."""

CLEARED = 100_000
"""Rows of the staging table that one transaction clears away."""


_ENDS = 0
"""Staged in place of a plan's number where a delta ends a person."""


class Blind(Protocol):
    """Gives the outer hashes of inner indexes and of inner cards, in order."""

    async def __call__(
        self, indexes: Sequence[bytes], cards: Sequence[bytes], generation: int
    ) -> tuple[list[bytes], list[bytes]]:
        """Raise `UnavailableError` when the keys cannot be reached."""
        ...


@dataclass(frozen=True, slots=True)
class Intent:
    """What an import may do beyond the ordinary, and whether it is only a look.

    `confirm`: it may end many covers. `may_rename`: people may get other references or indexes.
    `only_look`: stage it and count, change nothing.
    """

    confirm: bool = False
    may_rename: bool = True
    only_look: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """How many lines are in force, how many covers are no longer as stated; what there was and is.

    `before` and `after` count the insurer's covers in force or to come, `renamed` the people who
    have another reference or index by it; None when the same file was in force already. `mapped`
    is how many lines its map has, None without one.
    """

    accepted: int
    ended: int
    before: int | None = field(default=None, compare=False)
    after: int | None = field(default=None, compare=False)
    mapped: int | None = field(default=None, compare=False)
    renamed: int | None = field(default=None, compare=False)


OnProgress = Callable[[int, int], None]
"""Told how many lines are staged, of how many."""


class _GiveUpError(RempartError):
    """Ends the work on a feed; carries the problem to the caller."""

    def __init__(self, problem: FeedProblem) -> None:
        super().__init__("the feed is refused")
        self.problem = problem


async def import_feed(
    database: "Database",
    blind: Blind,
    file: BinaryIO,
    now: datetime,
    *,
    intent: Intent = Intent(),
    on_progress: OnProgress | None = None,
    swapper: "Database | None" = None,
    rekey_map: BinaryIO | None = None,
) -> Imported | FeedProblem:
    """Stage a prepared feed and put it in force, or return the first problem.

    `database` is opened as rempart_intake; `swapper` likewise, with a time-out that lets the swap
    of a large feed end. `rekey_map` says which reference had which before, when the insurer's were
    made anew. The file is read twice, so that nothing is begun for one that is cut or
    changed. What is staged of this very file is not staged again. Raises `UnavailableError`: run
    it again; until the swap nothing is changed for anybody who asks.
    """
    checked = check_feed(file, now)
    if isinstance(checked, FeedProblem):
        return checked
    file.seek(0)
    header = read_header(file, now)
    if isinstance(header, FeedProblem):
        return header
    try:
        async with _opened(database, header) as work:
            if isinstance(work, Imported):
                done = work
            else:
                await _stage_all(work, blind, file, header, on_progress)
                mapped = None
                if rekey_map is not None:
                    pairs = read_rekey_map(rekey_map, header.insurer, now)
                    mapped = await _stage_map(work, pairs)
                done = await _swap(swapper or database, work, intent, mapped)
    except _GiveUpError as given_up:
        return given_up.problem
    # The feed is in force whatever comes now: what is not cleared, whoever comes next clears.
    with suppress(UnavailableError):
        while (await database.call("registry.clear_staged", CLEARED))[0]["clear_staged"] == CLEARED:
            pass
    return done


@dataclass(slots=True)
class _Work:
    """A feed that is open to this importer: its number, its secret, and how far it is."""

    database: "Database"
    feed_id: int
    token: bytes
    staged: int
    plans: dict[str, int]
    generations: list[int]
    """Of the keys to hash under: the one in force with the feed, then one that still lives."""

    async def call(self, function: str, *args: object) -> dict[str, Any]:
        """Call one of the feed's functions, in a transaction of its own."""
        (row,) = await self.database.call(function, self.feed_id, self.token, *args)
        return row


@asynccontextmanager
async def _opened(database: "Database", header: FeedHeader) -> AsyncIterator[_Work | Imported]:
    """Open the feed, or go on with it; leave it to the next importer if the work stops."""
    token = secrets.token_bytes(32)
    (row,) = await database.call(
        "registry.open_feed",
        header.insurer,
        header.kind,
        header.made_at,
        bytes.fromhex(header.sha256),
        header.count,
        hashlib.sha256(token).digest(),
    )
    if row["refused_because"] == "in_force":
        yield Imported(row["accepted"], row["ended"])
        return
    _refuse(row["refused_because"])
    plans = dict(zip(row["plan_codes"], row["plan_ids"], strict=True))
    work = _Work(database, row["feed_id"], token, row["staged"], plans, row["generations"])
    try:
        yield work
    except BaseException:
        # If this fails too, whoever comes next waits a few seconds.
        with suppress(RempartError):
            await work.call("registry.leave_feed")
        raise


async def _stage_all(
    work: _Work,
    blind: Blind,
    file: BinaryIO,
    header: FeedHeader,
    on_progress: OnProgress | None,
) -> None:
    """Stage what is not staged yet: one batch is stored while the next is read and blinded."""
    covers = _sound(read_covers(file, header), work.plans)
    for _ in islice(covers, work.staged):
        pass
    storing: asyncio.Task[object] | None = None
    try:
        while batch := list(islice(covers, BATCH)):
            blinded = await _blinded(blind, batch, work.generations)
            if storing is not None:
                await storing
            storing = asyncio.create_task(_store(work, batch, *blinded))
            if on_progress is not None:
                on_progress(work.staged, header.count)
    finally:
        if storing is not None:
            await storing
    if on_progress is not None:
        on_progress(work.staged, header.count)


async def _stage_map(work: _Work, pairs: Iterator[tuple[bytes, bytes] | FeedProblem]) -> int:
    """Stage a map from its first line on: it is small, and another may have come before it."""
    mapped = 0
    while batch := list(islice(pairs, BATCH)):
        for one in batch:
            if isinstance(one, FeedProblem):
                raise _GiveUpError(map_problem(one))
        old, new = zip(*batch, strict=True)
        row = await work.call("registry.stage_references", mapped, _hashes(old), _hashes(new))
        mapped = int(row["stage_references"])
    return mapped


def _sound(lines: Iterator[FeedLine | FeedProblem], plans: dict[str, int]) -> Iterator[FeedLine]:
    for one in lines:
        if isinstance(one, FeedProblem):
            raise _GiveUpError(one)
        if one.plan and one.plan not in plans:
            raise _GiveUpError(reason_of("plan_unknown", one.line))
        yield one


async def _blinded(
    blind: Blind, batch: list[FeedLine], generations: Sequence[int]
) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Return for each line its outer index, its outer card or nothing, and its former index.

    There are no former indexes where one generation of keys lives alone.
    """
    indexes = [one.index for one in batch]
    cards = [one.card for one in batch if one.card]
    people, hashed = await blind(indexes, cards, generations[0])
    former: list[bytes] = []
    for generation in generations[1:]:
        former, _ = await blind(indexes, (), generation)
    waiting = iter(hashed)
    return people, [next(waiting) if one.card else b"" for one in batch], former


async def _store(
    work: _Work,
    batch: list[FeedLine],
    people: list[bytes],
    cards: list[bytes],
    former: list[bytes],
) -> None:
    row = await work.call(
        "registry.stage_coverage",
        work.staged,
        _hashes(people),
        _hashes([one.reference for one in batch]),
        _array([str(work.plans[one.plan] if one.plan else _ENDS) for one in batch]),
        _array([one.valid_from.isoformat() for one in batch]),
        _array([one.valid_to.isoformat() for one in batch]),
        _array([str(one.cover_rank) for one in batch]),
        _hashes(cards),
        _hashes(former),
    )
    work.staged = row["stage_coverage"]


def _array(cells: list[str]) -> str:
    """Write an array as PostgreSQL reads it.

    The driver escapes a list cell by cell: 90 ms for the hashes of a batch, where this takes 0.3.
    """
    return "{" + ",".join(cells) + "}"


def _hashes(values: Sequence[bytes]) -> str:
    return _array([f'"\\\\x{value.hex()}"' for value in values])


async def _swap(database: "Database", work: _Work, intent: Intent, mapped: int | None) -> Imported:
    (row,) = await database.call(
        "registry.swap_feed",
        work.feed_id,
        work.token,
        intent.only_look,
        mapped is not None,
        intent.confirm,
        intent.may_rename,
    )
    _refuse(row["refused_because"])
    if intent.only_look:
        await work.call("registry.leave_feed")
    return Imported(
        row["accepted"], row["ended"], row["before"], row["after"], mapped, row["renamed"]
    )


def _refuse(because: str | None) -> None:
    if because is not None:
        raise _GiveUpError(reason_of(because))
