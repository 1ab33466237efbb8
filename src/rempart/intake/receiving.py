"""Receives a feed part by part, tells its report, takes a confirmation: the intake's web side."""

import asyncio
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from rempart.foundation.database import Database, Row
from rempart.foundation.errors import UnavailableError
from rempart.intake.spool import PartUnderWayError, Spool
from rempart.registry import FeedProblem, read_sent_header

PART_LIMIT: Final = 4 * 2**20
"""Bytes of one part. It is held in memory while its proof is checked."""

FEED_LIMIT: Final = 4 * 2**30
"""Bytes of a whole feed: some 25 million covers."""

NAME: Final = re.compile(r"(?!.*[0-9]{13})[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""An insurer's own name for a feed. Thirteen digits in a row could be a NIR."""

_T = TypeVar("_T")


class PartRefusal(StrEnum):
    """Why a request about a feed is refused; each is a problem of the interface."""

    TOKEN = "invalid_token"  # noqa: S105 - a code
    PROOF = "proof_repeated"
    CLOSED = "feeds_closed"
    OTHER_INSURER = "feed_of_another_insurer"
    NOT_A_FEED = "not_a_prepared_feed"
    PART_UNDER_WAY = "part_under_way"
    FEED_UNDER_WAY = "feed_under_way"
    DIFFERS = "feed_differs"
    NOT_DUE = "part_not_due"
    UNKNOWN = "feed_unknown"
    NOTHING = "nothing_to_confirm"


@dataclass(frozen=True, slots=True)
class Sender:
    """What a request shows of who sends it, its proof checked: whether it is alive SQL says."""

    token: str
    jkt: bytes
    proof_jti: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of a feed: where they belong, how many the feed has, and its SHA-256."""

    first: int
    total: int
    digest: bytes
    data: bytes

    @property
    def end(self) -> int:
        """The place of the byte after the last."""
        return self.first + len(self.data)


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a feed, by line and column; 0 and empty when it is all of it."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a feed. Counts are None until they are known."""

    state: str
    total: int
    received: int
    accepted: int | None
    refused: int | None
    ended: int | None
    before: int | None
    after: int | None
    mapped: int | None
    renamed: int | None
    problems: tuple[Problem, ...]


class Receiving:
    """What the handlers of the intake process call. Refusals are returned, faults raised."""

    def __init__(self, database: Database, spool: Spool) -> None:
        """Take a database as ``rempart_intake`` and the folder for the files."""
        self._database = database
        self._spool = spool

    async def send_part(self, sender: Sender, name: str, part: Part) -> Report | PartRefusal:
        """Write one part to disk and note it, in one transaction that holds the feed's row.

        What is noted is on disk. What is on disk and was not noted is written again.
        """
        insurer = None
        if part.first == 0:
            header = read_sent_header(io.BytesIO(part.data), datetime.now(UTC))
            if isinstance(header, FeedProblem):
                return PartRefusal.NOT_A_FEED
            insurer = header.insurer
        shown = (sender.token, sender.jkt, sender.proof_jti)
        async with self._database.transaction() as transaction:
            (row,) = await transaction.call(
                "intake.begin_part", *shown, name, part.total, part.digest, insurer
            )
            if row["refused_because"] is not None:
                return _refusal(row)
            upload_id, received = int(row["upload_id"]), int(row["received"])
            if row["state"] == "receiving":
                placed = await self._place(upload_id, received, part)
                if isinstance(placed, PartRefusal):
                    return placed
                if placed != received:
                    await transaction.call("intake.note_part", upload_id, received, placed)
                if placed < part.end:
                    return PartRefusal.NOT_DUE
            (told,) = await transaction.call("intake.read_report", upload_id)
        if row["gave_way"] is not None:
            self._spool.delete(row["gave_way"])
        return _report(told)

    async def report(self, sender: Sender, name: str) -> Report | PartRefusal:
        """Tell what became of one of the sender's own feeds."""
        (row,) = await self._database.call(
            "intake.report", sender.token, sender.jkt, sender.proof_jti, name
        )
        if row["refused_because"] is not None:
            return _refusal(row)
        return _report(row) if row["state"] is not None else PartRefusal.UNKNOWN

    async def confirm(self, sender: Sender, name: str) -> PartRefusal | None:
        """Take the insurer's word that one of its feeds may end so many covers."""
        (row,) = await self._database.call(
            "intake.confirm_feed", sender.token, sender.jkt, sender.proof_jti, name
        )
        return None if row["refused_because"] is None else _refusal(row)

    async def look(self, migration: int) -> dict[str, bool]:
        """Whether each part that feeds need is well, by name."""
        try:
            (row,) = await self._database.call("intake.ready")
        except UnavailableError:
            row = {"ready": None}
        return {
            "database": row["ready"] is not None,
            "migration": row["ready"] == migration,
            "spool": self._spool.has_room(0),
            "worker": self._spool.is_worked_on(),
        }

    async def _place(self, upload_id: int, received: int, part: Part) -> int | PartRefusal:
        """Put a part on disk where it is due; return how many bytes are there then."""
        if self._spool.size(upload_id) < received:
            return 0  # the folder was emptied: it begins anew
        if part.end <= received:
            # Sent before, and its answer was lost.
            same = await _to_its_end(lambda: self._spool.holds(upload_id, part.first, part.data))
            return received if same else PartRefusal.DIFFERS
        if part.first != received:
            return PartRefusal.NOT_DUE
        if part.first == 0 and not self._spool.has_room(part.total):
            raise UnavailableError("the spool takes no more")
        try:
            await _to_its_end(lambda: self._spool.write(upload_id, part.first, part.data))
        except PartUnderWayError:
            return PartRefusal.PART_UNDER_WAY
        return part.end


async def _to_its_end(work: Callable[[], _T]) -> _T:
    """Do blocking work in a thread; a request that is cancelled still waits for it.

    Else a writer would go on while the feed's row is free for the next.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _refusal(row: Row) -> PartRefusal:
    because = row["refused_because"]
    return PartRefusal.CLOSED if because == "closed" else PartRefusal(because)


def _report(row: Row) -> Report:
    return Report(
        state=row["state"],
        total=row["total"],
        received=row["received"],
        accepted=row["accepted"],
        refused=row["refused"],
        ended=row["ended"],
        before=row["before"],
        after=row["after"],
        mapped=row["mapped"],
        renamed=row["renamed"],
        problems=tuple(Problem(**one) for one in row["problems"]),
    )
