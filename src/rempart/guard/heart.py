"""The heart: beats guard time each second, ends sleeping transactions, sweeps what has expired."""

import asyncio
import signal
import sys
import time

from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError

_BEAT_S = 1.0
_SWEEP_EVERY = 60


async def beat_for_ever(jobs: Database, janitor: Database, stop: asyncio.Event) -> None:
    """Beat until ``stop`` is set; a database that is away is waited for, without catching up."""
    last, beats = time.monotonic(), 0
    while not stop.is_set():
        now = time.monotonic()
        try:
            await jobs.call("guard.beat", int((now - last) * 1_000_000))
            last = now
            await janitor.call("foundation.end_sleepers")
            if beats % _SWEEP_EVERY == 0:
                await jobs.call("identity.sweep")
            beats += 1
        except UnavailableError:
            # Guard time stands still meanwhile: nothing refills while nobody counts.
            last = now
        try:
            await asyncio.wait_for(stop.wait(), _BEAT_S)
        except TimeoutError:
            continue


async def run(jobs_conninfo: str, janitor_conninfo: str) -> None:
    """Open both roles' connections and beat until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    jobs = await Database.open(jobs_conninfo, max_size=1, application_name="rempart heart")
    try:
        janitor = await Database.open(
            janitor_conninfo, max_size=1, application_name="rempart janitor"
        )
        try:
            await beat_for_ever(jobs, janitor, stop)
        finally:
            await janitor.close()
    finally:
        await jobs.close()


def main() -> None:
    """Read two lines from standard input, how jobs and janitor connect, and beat."""
    # Not from arguments: they hold passwords, and arguments are everybody's to read.
    jobs, janitor = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    asyncio.run(run(jobs, janitor))


if __name__ == "__main__":
    main()
