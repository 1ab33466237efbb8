"""What is left to do on feeds: check and put in force, tell the insurer, give up."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import structlog

from rempart.foundation.database import Database, Row, json_argument
from rempart.foundation.errors import RempartError
from rempart.foundation.texts import Language
from rempart.intake.blinding import blinding_at
from rempart.intake.mail import Letter, MailServer
from rempart.intake.receiving import Problem
from rempart.intake.spool import Spool
from rempart.registry import (
    FeedProblem,
    Imported,
    Intent,
    check_rekey_map,
    import_feed,
    list_problems,
    open_sent,
    read_header,
    reason_of,
)

_TOLD: Final = 100
"""Problems that a report holds."""
_SOON: Final = timedelta(seconds=5)
_LATEST: Final = timedelta(minutes=10)
_PIECE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Work:
    """The worker's hands. Whatever fails is put off, never dropped: its row stays until done."""

    staging: Database
    swapper: Database
    spool: Spool
    blinding: Path
    mail: MailServer | None
    intake_url: str

    async def do_due(self, *kinds: str) -> int:
        """Do what is due of these kinds; return how many pieces there were."""
        due = await self.staging.call("intake.due_jobs", list(kinds), 16)
        for job in due:
            await self._do(job)
        return len(due)

    async def clean(self) -> None:
        """Delete files and rows that nothing needs any more."""
        kept = {row["upload_id"] for row in await self.staging.call("intake.kept_files")}
        await asyncio.to_thread(self.spool.sweep, kept)
        await self.staging.call("intake.sweep")

    async def _do(self, job: Row) -> None:
        upload_id, kind = int(job["upload_id"]), str(job["kind"])
        try:
            if kind == "expire":
                await self._give_up(upload_id)
                return
            rows = await self.staging.call("intake.begin_job", upload_id, kind)
            for row in rows:
                later = await (self._import if kind == "import" else self._mail)(upload_id, row)
                if later is not None:
                    await self._put_off(upload_id, kind, later)
        except RempartError as error:
            structlog.get_logger("rempart.intake").warning("put off", exc_info=error)
            await self._put_off(upload_id, kind, _wait(job["attempts"]))
        except Exception as error:  # noqa: BLE001 - one feed's fault must not stop the others'
            structlog.get_logger("rempart.intake").error("fault", exc_info=error)
            await self._put_off(upload_id, kind, _LATEST)

    async def _put_off(self, upload_id: int, kind: str, wait: timedelta) -> None:
        await self.staging.call("intake.put_off", upload_id, kind, wait)

    async def _import(self, upload_id: int, row: Row) -> timedelta | None:
        """Check a whole feed and put it in force; return how long to wait if it is not its turn."""
        problems, count = await asyncio.to_thread(self._problems, upload_id, row)
        if problems:
            await self._refuse(upload_id, problems, count)
            return None
        if row["state"] == "checking":
            await self._end(upload_id, "importing")
        intent = Intent(confirm=row["is_confirmed"], may_rename=row["may_rename"])
        done = await self._take_in(upload_id, intent)
        asks = _ASKS.get(done) if isinstance(done, FeedProblem) else None
        if asks is not None and isinstance(done, FeedProblem):
            # Somebody's word is due: the report says for what, of a look that changes nothing.
            seen = await self._take_in(upload_id, _LOOK)
            if isinstance(seen, Imported):
                structlog.get_logger("rempart.intake").warning("a feed waits", state=asks)
                await self._end(upload_id, asks, seen, [done])
                return None
            done = seen
        if isinstance(done, FeedProblem):
            if done in _NOT_NOW:
                return _SOON
            await self._refuse(upload_id, [done], 1)
            return None
        await self._end(upload_id, "in_force", done)
        self.spool.delete(upload_id)
        return None

    async def _take_in(self, upload_id: int, intent: Intent) -> Imported | FeedProblem:
        with self.spool.path(upload_id).open("rb") as file:
            sent = open_sent(file)
            if isinstance(sent, FeedProblem):
                return sent
            async with blinding_at(self.blinding) as blind:
                return await import_feed(
                    self.staging,
                    blind,
                    sent.feed,
                    datetime.now(UTC),
                    intent=intent,
                    swapper=self.swapper,
                    rekey_map=sent.rekey_map,
                )

    def _problems(self, upload_id: int, row: Row) -> tuple[list[FeedProblem], int]:
        """Look at the whole file: is it what was announced, this insurer's, and line by line."""
        path = self.spool.path(upload_id)
        try:
            with path.open("rb") as file:
                digest = hashlib.sha256()
                while piece := file.read(_PIECE):
                    digest.update(piece)
                if (file.tell(), digest.digest()) != (row["total"], bytes(row["digest"])):
                    return [_NOT_ANNOUNCED], 1
                file.seek(0)
                return _problems_of(file, row["amc"])
        except FileNotFoundError:
            return [_LOST], 1

    async def _refuse(self, upload_id: int, problems: Sequence[FeedProblem], count: int) -> None:
        await self._end(upload_id, "refused", None, problems, count)
        self.spool.delete(upload_id)

    async def _end(
        self,
        upload_id: int,
        state: str,
        done: Imported | None = None,
        problems: Sequence[FeedProblem] = (),
        refused: int = 0,
    ) -> None:
        counts = (None, None, None, None, None, None) if done is None else (
            done.accepted, done.ended, done.before, done.after, done.mapped, done.renamed
        )  # fmt: skip
        accepted, ended, *rest = counts
        if state == "refused":
            accepted, ended = 0, 0
        told = [Problem(one.line, one.column, one.reason) for one in problems]
        await self.staging.call(
            "intake.end_import",
            upload_id,
            state,
            accepted,
            None if state == "importing" else refused,
            ended,
            *rest,
            json_argument(msgspec.to_builtins(told)),
        )

    async def _mail(self, upload_id: int, row: Row) -> timedelta | None:
        """Tell the insurer; return how long to wait when there is nobody to tell, or no way."""
        if row["state"] == "refused":
            self.spool.delete(upload_id)  # by the operator, who has no way to the spool
        if self.mail is None or row["address"] is None:
            # It waits for the desk to name an address, or for the operator to name a mail server.
            structlog.get_logger("rempart.intake").warning("nobody to write to, or no mail server")
            return _LATEST
        letter = Letter(
            upload_id,
            row["name"],
            row["state"],
            row["address"],
            Language(row["language"]),
            f"{self.intake_url}/v1/feeds/{row['name']}",
            row["refused"] or 0,
            row["ended"] or 0,
            row["before"] or 0,
            row["renamed"] or 0,
        )
        await asyncio.to_thread(self.mail.send, letter)
        await self.staging.call("intake.end_mail", upload_id)
        return None

    async def _give_up(self, upload_id: int) -> None:
        (row,) = await self.staging.call("intake.give_up", upload_id)
        if row["give_up"]:
            self.spool.delete(upload_id)


_NOT_NOW: Final = (
    reason_of("feed_under_way"),
    reason_of("count_differs"),
    reason_of("map_count_differs"),
)
_ASKS: Final = {
    reason_of("ends_many"): "needs_confirmation",
    reason_of("renames"): "needs_go_ahead",
}
"""Refusals that somebody may lift: the insurer itself, or the platform's operator."""
_LOOK: Final = Intent(confirm=True, may_rename=True, only_look=True)
_NOT_ANNOUNCED: Final = FeedProblem(0, "", "not the file that was announced: its SHA-256 differs")
_ANOTHER_INSURERS: Final = FeedProblem(1, "insurer", "another insurer than the one that sends it")
_LOST: Final = FeedProblem(0, "", "the platform has lost the file: send it again by another name")


def _problems_of(file: BinaryIO, amc: str) -> tuple[list[FeedProblem], int]:
    """List what is wrong with a feed and with its map; both are this insurer's, or neither is."""
    now = datetime.now(UTC)
    sent = open_sent(file)
    if isinstance(sent, FeedProblem):
        return [sent], 1
    header = read_header(sent.feed, now)
    if not isinstance(header, FeedProblem) and header.insurer != amc:
        return [_ANOTHER_INSURERS], 1
    sent.feed.seek(0)
    problems, count = list_problems(sent.feed, now, _TOLD)
    if sent.rekey_map is not None:
        mapped = check_rekey_map(sent.rekey_map, amc, now)
        if isinstance(mapped, FeedProblem):
            return [mapped, *problems][:_TOLD], count + 1
    return problems, count


def _wait(attempts: int) -> timedelta:
    """Wait longer each time: 5 seconds, 10, 20 … 10 minutes."""
    return min(_SOON * (1 << min(attempts, 10)), _LATEST)
