"""The lane: puts waiting questions into one transaction, then collects what it recorded.

Natural batching: alone, a question waits for nobody; while one transaction runs, others queue,
and the next takes them all.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any, Protocol

from rempart.foundation.database import Row, json_argument
from rempart.foundation.errors import MisuseError, OverloadedError, UnavailableError
from rempart.journal import ReceiptSigner, SignedLeaf

BATCH = 64
"""Most questions in one transaction (rights.ask takes 128)."""

WAITING = 1024
"""Most questions that wait; past that the edge says so at once rather than late."""

QuestionRow = dict[str, Any]

_PLATFORM_AT_FAULT = ("RP503", "42", "0A")
"""SQLSTATEs that no question causes, by prefix: its batch fails whole, and nobody is charged."""

_QUESTION_AT_FAULT = ("RP001", "22", "23")
"""SQLSTATEs that a question alone causes, by prefix: what it cost is charged to its account."""


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

    async def run(self, procedure: str, *args: object) -> None:
        """Call a procedure, which commits by itself."""
        ...


@dataclass(slots=True, eq=False)
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
        self._is_closing = False
        self._queue: list[_Waiting] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, row: QuestionRow) -> Collected | None:
        """Ask one question; None when its token is not alive.

        Raises `UnavailableError`: nothing was answered then. Who is cancelled while he waits leaves
        the queue at once.
        """
        if self._is_closing:
            raise UnavailableError("no more questions are taken: this process is stopping")
        if len(self._queue) >= WAITING:
            raise OverloadedError
        waiting = _Waiting(row, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._start()
        try:
            return await waiting.done
        except asyncio.CancelledError:
            # Whoever has gone takes nobody's place in the queue, nor in a batch.
            with contextlib.suppress(ValueError):
                self._queue.remove(waiting)
            raise

    async def close(self) -> None:
        """Answer what runs and what waits; from now on nothing new may be asked."""
        self._is_closing = True
        while self._tasks or self._queue:
            self._start()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self) -> None:
        if self._free and self._queue:
            self._free -= 1
            task = asyncio.create_task(self._drive())
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._free += 1
        self._tasks.discard(task)
        # After an unforeseen fault the others still wait: another transaction takes them.
        self._start()

    async def _drive(self) -> None:
        while self._queue:
            taken, self._queue[:BATCH] = self._queue[:BATCH], []
            # Whoever has gone (hung up, timed out) before his turn is neither asked nor charged.
            batch = [waiting for waiting in taken if not waiting.done.done()]
            try:
                if batch:
                    await self._run(batch)
            finally:
                # An unforeseen fault, a cancelled task: nobody waits for ever.
                _fail(batch, UnavailableError("the lane ended before it had an answer"))

    async def _run(self, batch: list[_Waiting]) -> None:
        try:
            await self._database.run("rights.ask", json_argument([w.row for w in batch]))
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
        told = UnavailableError(f"rights.ask: refused with {fault.sqlstate}")
        if fault.sqlstate.startswith(_PLATFORM_AT_FAULT):
            _fail(batch, told)
            return
        if len(batch) == 1:
            _fail(batch, told)
            if fault.sqlstate.startswith(_QUESTION_AT_FAULT):
                await self._note_broken(batch[0].row)
            return
        middle = len(batch) // 2
        await self._run(batch[:middle])
        await self._run(batch[middle:])

    async def _note_broken(self, row: QuestionRow) -> None:
        """Charge whoever broke a batch: his account, or the installation if that names nobody."""
        for named in (("professional", "site"), ()):
            names = [row.get(name) if name in named else None for name in ("professional", "site")]
            who = [row.get("token"), row.get("jkt"), row.get("proof_jti")]
            process = [row.get("edge"), row.get("boot")]
            try:
                await self._database.call("rights.note_broken", *who, *names, *process)
            except (MisuseError, UnavailableError):
                continue
            return

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
