"""Takes a prepared feed in: blinds its indexes and puts it in force, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Protocol

from rempart.foundation.errors import RempartError
from rempart.registry.feed_file import FeedHeader, FeedLine, check_feed, read_covers, read_header
from rempart.registry.feed_source import FeedProblem

if TYPE_CHECKING:  # an insurer prepares its feed without the database's driver
    from rempart.foundation.database import Database, Transaction

BATCH = 2048
"""Covers that are blinded and staged at a time: an index and a card each."""

_REASONS = {
    "insurer_unknown": ("insurer", "this platform does not host the rights of this insurer"),
    "older_than_the_last": ("made_at", "older than the feed in force"),
    "count_differs": ("count", "not every cover arrived"),
    "plan_unknown": ("plan", "not a plan of this insurer"),
    "covers_overlap": ("valid_from", "a person has two covers of one cover_rank on one day"),
    "references_not_one_to_one": (
        "reference",
        "two people share a reference, or one person has two",
    ),
    "references_changed": (
        "reference",
        "a tenth of the people known have another one: if that is meant, import with --rekey",
    ),
}


class Blind(Protocol):
    """Gives the outer hashes of inner indexes and of inner cards, in order."""

    async def __call__(
        self, indexes: Sequence[bytes], cards: Sequence[bytes]
    ) -> tuple[list[bytes], list[bytes]]:
        """Raise `UnavailableError` when the keys cannot be reached."""
        ...


@dataclass(frozen=True, slots=True)
class Imported:
    """How many covers are in force now, and how many known before are no longer stated."""

    accepted: int
    ended: int


class _GiveUpError(RempartError):
    """Rolls the transaction back; carries the problem to the caller."""

    def __init__(self, problem: FeedProblem) -> None:
        super().__init__("the feed is refused")
        self.problem = problem


async def import_feed(
    database: "Database", blind: Blind, file: BinaryIO, now: datetime, *, rekey: bool = False
) -> Imported | FeedProblem:
    """Put a prepared feed in force in one transaction, or return the first problem.

    `database` is opened as rempart_intake. The file is read twice, so that nothing is begun for
    one that is cut or changed. `rekey` lets the insurer's references change. Raises
    `UnavailableError`; a feed that is not in force changed nothing.
    """
    checked = check_feed(file, now)
    if isinstance(checked, FeedProblem):
        return checked
    file.seek(0)
    try:
        async with database.transaction() as transaction:
            return await _replace(transaction, blind, file, now, rekey=rekey)
    except _GiveUpError as given_up:
        return given_up.problem


async def _replace(
    transaction: "Transaction", blind: Blind, file: BinaryIO, now: datetime, *, rekey: bool
) -> Imported:
    header = read_header(file, now)
    if isinstance(header, FeedProblem):
        raise _GiveUpError(header)
    digest = bytes.fromhex(header.sha256)
    (opened,) = await transaction.call("registry.open_feed", header.insurer, header.made_at, digest)
    _refuse(opened["refused_because"])
    plans = dict(zip(opened["plan_codes"], opened["plan_ids"], strict=True))
    stage = _Stage(transaction, blind, opened["feed_id"], plans)
    await _stage_all(stage, file, header)
    (swapped,) = await transaction.call(
        "registry.swap_feed", opened["feed_id"], header.count, rekey
    )
    _refuse(swapped["refused_because"])
    return Imported(swapped["accepted"], swapped["ended"])


async def _stage_all(stage: "_Stage", file: BinaryIO, header: FeedHeader) -> None:
    batch: list[FeedLine] = []
    for one in read_covers(file, header):
        if isinstance(one, FeedProblem):
            raise _GiveUpError(one)
        if one.plan not in stage.plans:
            raise _GiveUpError(FeedProblem(one.line, *_REASONS["plan_unknown"]))
        batch.append(one)
        if len(batch) == BATCH:
            await stage.put(batch)
            batch = []
    if batch:
        await stage.put(batch)


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where covers wait, within the transaction, for the swap."""

    transaction: "Transaction"
    blind: Blind
    feed_id: int
    plans: dict[str, int]

    async def put(self, batch: list[FeedLine]) -> None:
        cards = [one.card for one in batch if one.card]
        people, secrets = await self.blind([one.index for one in batch], cards)
        waiting = iter(secrets)
        await self.transaction.call(
            "registry.stage_coverage",
            self.feed_id,
            people,
            [one.reference for one in batch],
            [self.plans[one.plan] for one in batch],
            [one.valid_from for one in batch],
            [one.valid_to for one in batch],
            [one.cover_rank for one in batch],
            [next(waiting) if one.card else b"" for one in batch],
        )


def _refuse(because: str | None) -> None:
    if because is not None:
        raise _GiveUpError(FeedProblem(0, *_REASONS[because]))
