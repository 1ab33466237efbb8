"""The heart: beats guard time each second, ends sleeping transactions, sweeps what has expired.

It keeps the mark, too: with it a server that starts again is taken up (docs/restore.md).
"""

import asyncio
import signal
import sys
import time

import structlog

from rempart.foundation.continuity import Mark, MarkError, keep_mark
from rempart.foundation.database import Database
from rempart.foundation.errors import MisuseError, UnavailableError
from rempart.foundation.logs import configure
from rempart.foundation.settings import Settings

_BEAT_S = 1.0
_SWEEP_EVERY = 60


async def beat_for_ever(jobs: Database, janitor: Database, mark: Mark, stop: asyncio.Event) -> None:
    """Beat until ``stop`` is set; a database that is away is waited for, without catching up.

    A server that was not taken up, or whose mark cannot be written, gets no beat: guard time
    stands still there, and nobody is answered by a copy that was restored.
    """
    last, beats = time.monotonic(), 0
    said: set[str] = set()
    while not stop.is_set():
        now = time.monotonic()
        try:
            refused = await keep_mark(jobs.call, mark)
            if refused is None:
                await jobs.call("guard.beat", int((now - last) * 1_000_000))
            else:
                _say(refused, said)
            last = now
            await janitor.call("foundation.end_sleepers")
            if beats % _SWEEP_EVERY == 0:
                await jobs.call("identity.sweep")
            beats += 1
            if refused is None:
                # All of it was done: what is refused from now on is news.
                said.clear()
        except UnavailableError:
            # Guard time stands still meanwhile: nothing refills while nobody counts.
            last = now
        except MisuseError as error:
            last = now
            _say(error.sqlstate, said)
        except MarkError:
            last = now
            _say("mark_not_written", said)
        try:
            await asyncio.wait_for(stop.wait(), _BEAT_S)
        except TimeoutError:
            continue


def _say(refused: str, said: set[str]) -> None:
    """Log a refusal, once until a beat was whole again."""
    if refused not in said:
        structlog.get_logger().error(f"no beat: {refused}")
        said.add(refused)


async def run(jobs_conninfo: str, janitor_conninfo: str, mark: Mark) -> None:
    """Open both roles' connections and beat until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with (
        await Database.open(jobs_conninfo, max_size=1, application_name="rempart heart") as jobs,
        await Database.open(
            janitor_conninfo, max_size=1, application_name="rempart janitor"
        ) as janitor,
    ):
        await beat_for_ever(jobs, janitor, mark, stop)


def main() -> None:
    """Read two lines from standard input, how jobs and janitor connect, and beat."""
    # Not from arguments: they hold passwords, and arguments are everybody's to read.
    jobs, janitor = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    settings = Settings.load()
    configure(settings.log_level)
    asyncio.run(run(jobs, janitor, Mark.of(settings.state_dir)))


if __name__ == "__main__":
    main()
