"""Asks the blinding process for outer indexes, and starts that process where nothing else does."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from pathlib import Path

from rempart.foundation.errors import UnavailableError

LONGEST_BATCH = 4096
INDEX_BYTES = 32
_STOP_TIMEOUT_S = 10.0
_PROGRAM = Path(__file__).with_name("blinding_process.py")


class Purpose(IntEnum):
    """Which outer key hashes an inner index; the first generation's number on the wire."""

    REGISTRY = 1
    MET = 2
    CARD = 3

    def under(self, generation: int) -> int:
        """Return its number on the wire under a generation of keys, counted from 1.

        Met indexes have one key for ever: who was met must stay met when the others turn.
        """
        if generation == 1 or self is Purpose.MET:
            return int(self)
        return 2 * generation + (self is Purpose.CARD)


def blinding_command(
    path: Path,
    user: str = "nobody",
    token: str | None = None,
    *,
    generations: Sequence[int] = (1,),
) -> list[str]:
    """Return the command that starts the process, isolated: nothing but the standard library.

    It reads the keys of `outer_key_names` from standard input, to its end. With a token (a PKCS#11
    URI) it reads none, and loads that token's library.
    """
    served = [str(_PROGRAM), "--socket", str(path), "--user", user]
    served += ["--generations", ",".join(str(one) for one in generations)]
    if token is not None:
        return [sys.executable, "-I", *served, "--token", token]
    return [sys.executable, "-I", "-S", *served]


@dataclass(slots=True)
class _Waiting:
    items: Sequence[tuple[int, bytes]]
    done: asyncio.Future[list[bytes]]


class BlindingClient:
    """One connection to the blinding process, made when needed and made again when lost.

    While one batch is under way, calls from other tasks wait together and make the next one.
    Everything raises `UnavailableError` when there is no whole answer in time; asking again is
    harmless.
    """

    def __init__(self, path: Path, timeout_s: float = 2.0) -> None:
        """Take the socket's path and how long one batch may take."""
        self._path = path
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._waiting: list[_Waiting] = []
        self._driver: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: Path, timeout_s: float = 2.0) -> "BlindingClient":
        """Connect, and check that the process answers."""
        client = cls(path, timeout_s)
        await client.total()
        return client

    async def blind(self, items: Sequence[tuple[int, bytes]]) -> list[bytes]:
        """Return the 32-byte outer index of each 32-byte inner one, in order.

        An item is a `Purpose`, or one `under` a generation, and what it hashes.
        """
        if any(len(inner) != INDEX_BYTES for _, inner in items):
            raise ValueError(f"an inner index holds {INDEX_BYTES} bytes")
        waiting = _Waiting(items, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._driver is None or self._driver.done():
            self._driver = asyncio.create_task(self._drive())
        return await waiting.done

    async def _drive(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            # Whoever has gone before his turn is not blinded.
            batch = [waiting for waiting in taken if not waiting.done.done()]
            try:
                blinded = iter(await self._blind([item for one in batch for item in one.items]))
                for one in batch:
                    indexes = list(islice(blinded, len(one.items)))
                    if not one.done.done():
                        one.done.set_result(indexes)
            except UnavailableError as fault:
                _fail(batch, fault)
            finally:
                # An unforeseen fault, a cancelled task: nobody waits for ever.
                _fail(batch, UnavailableError("the blinding process was left"))

    async def _blind(self, items: Sequence[tuple[int, bytes]]) -> list[bytes]:
        blinded: list[bytes] = []
        for start in range(0, len(items), LONGEST_BATCH):
            batch = items[start : start + LONGEST_BATCH]
            body = b"".join(purpose.to_bytes(1, "big") + inner for purpose, inner in batch)
            answer = await self._ask(len(batch).to_bytes(4, "big") + body, len(batch) * INDEX_BYTES)
            blinded += [answer[at : at + INDEX_BYTES] for at in range(0, len(answer), INDEX_BYTES)]
        return blinded

    async def total(self) -> int:
        """Return how many indexes the process has given since it started, to everybody."""
        return int.from_bytes(await self._ask(bytes(4), 8), "big")

    async def close(self) -> None:
        """Close the connection; a later call makes a new one."""
        async with self._turn:
            self._drop()

    async def _ask(self, request: bytes, due: int) -> bytes:
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    try:
                        return await self._exchange(request, due)
                    except (OSError, asyncio.IncompleteReadError):
                        # A kept connection may have died with an earlier process: once more.
                        self._drop()
                        return await self._exchange(request, due)
            except TimeoutError:
                self._drop()
                raise UnavailableError("the blinding process is too slow") from None
            except (OSError, asyncio.IncompleteReadError):
                self._drop()
                raise UnavailableError("the blinding process does not answer") from None
            except BaseException:
                self._drop()  # half an answer must not be the next caller's
                raise

    async def _exchange(self, request: bytes, due: int) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(str(self._path))
        reader, writer = self._streams
        writer.write(request)
        await writer.drain()
        return await reader.readexactly(due)

    def _drop(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


class BlindingProcess:
    """A blinding process that this one started: for try-outs and tests, not for production."""

    def __init__(self, process: subprocess.Popen[bytes], report: dict[str, bool]) -> None:
        """Take a process that said it is ready, and what it gave up; use `start`."""
        self.process = process
        self.report = report

    @classmethod
    def start(
        cls,
        path: Path,
        keys: Sequence[bytes],
        user: str = "nobody",
        token: str | None = None,
        *,
        generations: Sequence[int] = (1,),
    ) -> "BlindingProcess":
        """Start it with the keys of `outer_key_names`, in order, and wait until it is ready.

        It ends with the thread that starts it (Linux). Raises `UnavailableError`; the reason is
        on standard error, which is ours.
        """
        process = subprocess.Popen(
            [
                *blinding_command(path, user, token, generations=generations),
                "--end-with-starter",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        with contextlib.suppress(OSError, ValueError):
            said = _hand_over(process, b"".join(keys))
            return cls(process, {name: bool(value) for name, value in json.loads(said).items()})
        process.kill()
        process.wait()
        raise UnavailableError("the blinding process did not start")

    def stop(self) -> None:
        """Stop it and wait until it has gone."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_STOP_TIMEOUT_S)
        self.process.kill()
        self.process.wait()


def _fail(batch: list[_Waiting], fault: UnavailableError) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_exception(fault)


def _hand_over(process: subprocess.Popen[bytes], keys: bytes) -> bytes:
    """Give the keys through the pipe, which no other process sees, and read the first line."""
    if process.stdin is None or process.stdout is None:  # pragma: no cover - both are pipes
        raise ValueError
    with process.stdin, process.stdout:
        process.stdin.write(keys)
        process.stdin.close()
        return process.stdout.readline()
