"""The blinding process through its client: right hashes, many callers, loss and return."""

import asyncio
import contextlib
import hmac
import os
import signal
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from rempart.foundation.errors import UnavailableError
from rempart.rights.blinding import BlindingClient, BlindingProcess, Purpose

KEYS = [bytes([n]) * 32 for n in (1, 2, 3)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a socket's path, short enough for the system (about 100 bytes)."""
    return tmp_path / "b.sock"


@pytest.fixture
def process(path: Path) -> Iterator[BlindingProcess]:
    """Start a blinding process, and stop it afterwards."""
    started = BlindingProcess.start(path, KEYS)
    yield started
    started.stop()


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[BlindingClient]:
    """Open a client, and close it afterwards."""
    client = await BlindingClient.open(path)
    try:
        yield client
    finally:
        await client.close()


def test_each_purpose_has_its_own_outer_key(process: BlindingProcess, path: Path) -> None:
    async def ask() -> list[bytes]:
        async with opened(path) as client:
            return await client.blind([(purpose, b"i" * 32) for purpose in Purpose])

    assert asyncio.run(ask()) == [hmac.digest(key, b"i" * 32, "sha256") for key in KEYS]


def test_two_generations_hash_side_by_side_and_met_stays(path: Path) -> None:
    """Five keys: the three of the first generation, then the two that turn."""
    keys = [bytes([n]) * 32 for n in (1, 2, 3, 4, 5)]
    asked = [purpose.under(g) for g in (1, 2) for purpose in Purpose]
    due = [keys[at] for at in (0, 1, 2, 3, 1, 4)]
    started = BlindingProcess.start(path, keys, generations=[1, 2])
    try:

        async def ask(*purposes: int) -> list[bytes]:
            async with opened(path) as client:
                return await client.blind([(one, b"i" * 32) for one in purposes])

        assert asyncio.run(ask(*asked)) == [hmac.digest(key, b"i" * 32, "sha256") for key in due]
        for unknown in (0, 6, 7):
            with pytest.raises(UnavailableError):
                asyncio.run(ask(Purpose.MET, unknown))
    finally:
        started.stop()


def test_once_the_first_generation_is_gone_its_purposes_are_unknown(path: Path) -> None:
    started = BlindingProcess.start(path, KEYS, generations=[2])
    try:

        async def ask(*purposes: int) -> list[bytes]:
            async with opened(path) as client:
                return await client.blind([(one, b"i" * 32) for one in purposes])

        found = asyncio.run(ask(2, 4, 5))
        assert found == [hmac.digest(key, b"i" * 32, "sha256") for key in KEYS]
        with pytest.raises(UnavailableError):
            asyncio.run(ask(Purpose.REGISTRY))
    finally:
        started.stop()


def test_more_than_a_batch_comes_back_in_order_and_is_counted(
    process: BlindingProcess, path: Path
) -> None:
    inner = [n.to_bytes(32, "big") for n in range(10_000)]

    async def ask() -> tuple[list[bytes], int]:
        async with opened(path) as client:
            blinded = await client.blind([(Purpose.REGISTRY, item) for item in inner])
            return blinded, await client.total()

    blinded, total = asyncio.run(ask())
    assert blinded == [hmac.digest(KEYS[0], item, "sha256") for item in inner]
    assert total == len(inner)


def test_nothing_asked_is_nothing_answered(process: BlindingProcess, path: Path) -> None:
    async def ask() -> list[bytes]:
        async with opened(path) as client:
            return await client.blind([])

    assert asyncio.run(ask()) == []


def test_many_tasks_and_clients_get_their_own_answers(process: BlindingProcess, path: Path) -> None:
    async def one(client: BlindingClient, n: int) -> bool:
        inner = n.to_bytes(32, "big")
        return (
            await client.blind([(Purpose.MET, inner)] * 3)
            == [hmac.digest(KEYS[1], inner, "sha256")] * 3
        )

    async def ask() -> list[bool]:
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(opened(path)) for _ in range(8)]
            return await asyncio.gather(*(one(clients[n % 8], n) for n in range(400)))

    assert all(asyncio.run(ask()))


def test_a_cancelled_call_leaves_no_half_answer_behind(
    process: BlindingProcess, path: Path
) -> None:
    async def ask() -> list[bytes]:
        async with opened(path) as client:
            cut = asyncio.create_task(client.blind([(Purpose.CARD, b"x" * 32)] * 4096))
            await asyncio.sleep(0)
            cut.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cut
            return await client.blind([(Purpose.CARD, b"y" * 32)])

    assert asyncio.run(ask()) == [hmac.digest(KEYS[2], b"y" * 32, "sha256")]


def test_who_leaves_while_his_batch_is_blinded_takes_no_answer_along(path: Path) -> None:
    """Half an answer is nobody's: not of another question, and not of the next one."""

    async def work() -> None:
        answer, asked = asyncio.Event(), asyncio.Event()
        served: list[asyncio.Task[None] | None] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            served.append(asyncio.current_task())
            with contextlib.suppress(ConnectionError), contextlib.closing(writer):
                while head := await reader.read(4):
                    items = await reader.readexactly(int.from_bytes(head, "big") * 33)
                    asked.set()
                    await answer.wait()
                    # Each index comes back as it went; the total is eight times seven.
                    blinded = b"".join(items[at + 1 : at + 33] for at in range(0, len(items), 33))
                    writer.write(blinded or bytes([7]) * 8)

        server = await asyncio.start_unix_server(serve, path=path)
        client = BlindingClient(path)
        one, other = (
            asyncio.create_task(client.blind([(Purpose.MET, bytes([n]) * 32)])) for n in (1, 2)
        )
        await asked.wait()
        one.cancel()
        answer.set()
        assert await other == [bytes([2]) * 32]
        with pytest.raises(asyncio.CancelledError):
            await one
        answer.clear()
        asked.clear()
        total = asyncio.create_task(client.total())
        await asked.wait()
        total.cancel()
        with pytest.raises(asyncio.CancelledError):
            await total
        answer.set()
        assert await client.blind([(Purpose.MET, bytes([3]) * 32)]) == [bytes([3]) * 32]
        await client.close()
        server.close()
        await asyncio.gather(*filter(None, served))

    asyncio.run(work())


def test_a_killed_process_is_unavailable_and_a_new_one_works(path: Path) -> None:
    async def ask() -> list[bytes]:
        first = BlindingProcess.start(path, KEYS)
        client = await BlindingClient.open(path)
        first.process.kill()
        first.process.wait()
        for _ in range(2):
            with pytest.raises(UnavailableError):
                await client.blind([(Purpose.REGISTRY, b"i" * 32)])
        second = BlindingProcess.start(path, KEYS)  # the socket of the first is still there
        try:
            before = await client.blind([(Purpose.REGISTRY, b"i" * 32)])
            second.stop()
            second = BlindingProcess.start(path, KEYS)
            # Restarted between two calls: the client does not even notice.
            return before + await client.blind([(Purpose.REGISTRY, b"i" * 32)])
        finally:
            await client.close()
            second.stop()

    assert asyncio.run(ask()) == [hmac.digest(KEYS[0], b"i" * 32, "sha256")] * 2


def test_no_process_is_unavailable(path: Path) -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        asyncio.run(BlindingClient.open(path))


def test_a_silent_process_is_unavailable_in_time(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(path))
        deaf.listen()
        with pytest.raises(UnavailableError, match="too slow"):
            asyncio.run(BlindingClient.open(path, timeout_s=0.1))


def test_an_inner_index_of_another_length_is_not_sent(path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        asyncio.run(BlindingClient(path).blind([(Purpose.REGISTRY, b"short")]))


def test_only_its_starter_reaches_the_socket(process: BlindingProcess, path: Path) -> None:
    found = path.stat()
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert found.st_uid == os.geteuid()


def test_it_ends_when_told_and_leaves_no_second_answer(
    process: BlindingProcess, path: Path
) -> None:
    process.process.send_signal(signal.SIGTERM)
    assert process.process.wait(10) == 0
    with socket.socket(socket.AF_UNIX) as late, pytest.raises(OSError, match=r"."):
        late.connect(str(path))


def test_a_start_that_fails_is_said(path: Path) -> None:
    with pytest.raises(UnavailableError, match="did not start"):
        BlindingProcess.start(path, KEYS[:2])
