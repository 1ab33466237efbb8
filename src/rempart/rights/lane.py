"""The lane: puts waiting questions into one transaction, then collects what it recorded.

Natural batching: alone, a question waits for nobody; while one transaction runs, others queue,
and the next takes them all.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

from rempart.foundation.database import Row, json_argument
from rempart.foundation.errors import MisuseError, UnavailableError
from rempart.journal import ReceiptSigner, SignedLeaf

BATCH = 64
"""Most questions in one transaction (rights.ask takes 128)."""

WAITING = 1024
"""Most questions that wait; past that the edge says so at once rather than late."""

QuestionRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Collected:
    """What came back for one question: its row, and its signed leaf if it made an entry."""

    row: Row
    signed: SignedLeaf | None


class Caller(Protocol):
    """What the lane needs of a database: calls by name, each committed when it returns."""

    async def call(self, function: str, *args: object) -> list[Row]:
        """Call a function in a transaction of its own."""
        ...


@dataclass(slots=True)
class _Waiting:
    row: QuestionRow
    done: asyncio.Future[Collected | None]


class Lane:
    """Batches questions for `rights.ask` and `rights.collect`, and signs each batch once."""

    def __init__(self, database: Caller, signer: ReceiptSigner, lanes: int = 2) -> None:
        """Take the database as rempart_edge, and how many transactions may run at a time."""
        self._database = database
        self._signer = signer
        self._free = lanes
        self._queue: list[_Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, row: QuestionRow) -> Collected | None:
        """Ask one question; None when its token is not alive.

        Raises `UnavailableError`: nothing was answered then.
        """
        if len(self._queue) >= WAITING:
            raise UnavailableError("too many questions wait already")
        waiting = _Waiting(row, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._start()
        return await waiting.done

    async def close(self) -> None:
        """Finish what runs; nothing new may be asked."""
        while self._tasks or self._queue:
            self._start()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self) -> None:
        if self._free and self._queue:
            self._free -= 1
            task = asyncio.create_task(self._drive())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _drive(self) -> None:
        try:
            while self._queue:
                batch, self._queue[:BATCH] = self._queue[:BATCH], []
                await self._run(batch)
        finally:
            self._free += 1

    async def _run(self, batch: list[_Waiting]) -> None:
        try:
            await self._database.call("rights.ask", json_argument([w.row for w in batch]))
        except MisuseError as fault:
            await self._bisect(batch, fault)
            return
        except UnavailableError as fault:
            _fail(batch, fault)
            return
        try:
            rows = await self._database.call(
                "rights.collect",
                json_argument(
                    [{name: w.row[name] for name in ("attempt", "token", "jkt")} for w in batch]
                ),
            )
        except (MisuseError, UnavailableError):
            # Charged and recorded, never answered: the same reference collects it again.
            _fail(batch, UnavailableError("rights.collect: the answer was not collected"))
            return
        self._settle(batch, rows)

    async def _bisect(self, batch: list[_Waiting], fault: MisuseError) -> None:
        # One faulty question rolls its batch back: halves are asked again until it is alone.
        if len(batch) == 1:
            _fail(batch, UnavailableError(f"rights.ask: refused with {fault.sqlstate}"))
            return
        middle = len(batch) // 2
        await self._run(batch[:middle])
        await self._run(batch[middle:])

    def _settle(self, batch: list[_Waiting], rows: list[Row]) -> None:
        with_leaf = [row for row in rows if row["leaf_hash"] is not None]
        signed = dict(
            zip(
                (row["attempt"] for row in with_leaf),
                self._signer.sign([row["leaf_hash"] for row in with_leaf]) if with_leaf else (),
                strict=True,
            )
        )
        by_attempt = {row["attempt"]: row for row in rows}
        for waiting in batch:
            attempt = bytes.fromhex(waiting.row["attempt"][2:])
            row = by_attempt.get(attempt)
            if not waiting.done.done():
                waiting.done.set_result(
                    None if row is None else Collected(row, signed.get(attempt))
                )


def _fail(batch: list[_Waiting], fault: UnavailableError) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_exception(fault)
