"""So many requests a second by the clock, whatever the answers do: how long each takes."""

import asyncio
import time
from urllib.parse import urlsplit

from bench._clients import Client
from rempart.cli.demo_platform import Platform

PACE, PACED_S = 100, 15
PACED = PACE * PACED_S
"""Requests a second, for how many seconds, and in all."""


async def paced(clients: list[Client], platform: Platform) -> list[float]:
    """Send `PACED` of the signed requests, each client in turn; the time of each, sorted."""
    port = urlsplit(platform.addresses.public_url).port or 0
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in clients]
    turns = [asyncio.Lock() for _ in clients]
    latencies: list[float] = []
    begun = time.perf_counter()

    async def one(number: int) -> None:
        at = number % len(clients)
        due = begun + number / PACE
        await asyncio.sleep(due - time.perf_counter())
        reader, writer = streams[at]
        async with turns[at]:  # on a busy machine his last answer may not be there yet
            writer.write((clients[at].requests or [])[number // len(clients)])
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head[:60]
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        # From when it was due: a late start counts.
        latencies.append(time.perf_counter() - due)

    await asyncio.gather(*(one(number) for number in range(PACED)))
    for _, writer in streams:
        writer.close()
    return sorted(latencies)
