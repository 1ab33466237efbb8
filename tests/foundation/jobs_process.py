"""A worker as a process of its own, for tests that kill it: CONNINFO, seconds to work, a file."""

import asyncio
import signal
import sys
from pathlib import Path

from rempart.foundation.jobs import Work, Worker


async def main(conninfo: str, seconds: float, told: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def work(number: int = 0) -> None:
        with told.open("a") as file:
            file.write(f"begun {number}\n")
        await asyncio.sleep(seconds)
        with told.open("a") as file:
            file.write(f"done {number}\n")

    worker = Worker(conninfo, [Work("test.work", work)], heartbeat_s=0.2, stalled_s=2)
    await worker.run(stop, lambda: told.with_suffix(".ready").touch())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
