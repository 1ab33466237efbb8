"""Background work, in the schema `jobs`: queued, scheduled, and gone on with after a killed worker.

The queue is procrastinate's. A job says what is due and holds nothing about anybody: its arguments
are read by whoever reads the queue.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from rempart.foundation.database import DriverError
from rempart.foundation.errors import UnavailableError

if TYPE_CHECKING:
    from procrastinate import App

SCHEMA: Final = "jobs"
_SEARCH_PATH: Final = f"{SCHEMA},pg_catalog"
_STEP = re.compile(r"\d\d\.\d\d\.\d\d_\d\d_[a-z0-9_]+\.sql")

_CONNECT_TIMEOUT_S = 5
_AWAY_S = 1.0
_PATIENCE_S = 5.0
_LOOKS_S = 1.0
_KEPT_HOURS = 30 * 24

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of background work.

    ``run`` may be cut off at any await, and may run twice, even at once when a sleeping machine
    wakes: what it does must be done once all the same, and that is the database's to see to.
    With ``cron`` (five fields, UTC) it is due at these times; a time missed by more than ten
    minutes is skipped, so work that may not be missed asks often and finds out itself whether it
    is due. A fault is tried again ``retries`` times, after 2, 4, 8… seconds.
    """

    name: str
    run: Callable[..., Awaitable[object]]
    cron: str | None = None
    retries: int = 0


@dataclass(frozen=True, slots=True)
class SchemaStep:
    """One numbered change of the queue's own schema, as its maker publishes it."""

    name: str
    text: str


def queue_schema() -> str:
    """Return the SQL that makes the queue's tables and functions in an empty schema."""
    return (_queue_folder() / "schema.sql").read_text(encoding="utf-8")


def queue_steps() -> list[SchemaStep]:
    """Return the changes that led to `queue_schema`, in order of name; it holds them all."""
    folder = _queue_folder() / "migrations"
    paths = sorted(path for path in folder.glob("*.sql") if _STEP.fullmatch(path.name))
    return [SchemaStep(path.name, path.read_text(encoding="utf-8")) for path in paths]


def _queue_folder() -> Path:
    # Found without importing it: installing needs its files alone.
    spec = find_spec("procrastinate")
    if spec is None or spec.origin is None:
        raise UnavailableError("procrastinate is not installed")
    return Path(spec.origin).parent / "sql"


def _away() -> tuple[type[Exception], ...]:
    """Return what a queue out of reach raises."""
    from procrastinate.exceptions import ConnectorException  # noqa: PLC0415 - its scheduler starts a process when it is imported

    return ConnectorException, DriverError, OSError, TimeoutError


def _app(conninfo: str) -> "App":
    from procrastinate import App, PsycopgConnector  # noqa: PLC0415 - its scheduler starts a process when it is imported

    connector = PsycopgConnector(
        conninfo=conninfo,
        min_size=1,
        max_size=3,
        timeout=_CONNECT_TIMEOUT_S,
        kwargs={
            # The queue's statements name no schema.
            "options": f"-c search_path={_SEARCH_PATH}",
            "application_name": "rempart jobs",
            "connect_timeout": _CONNECT_TIMEOUT_S,
        },
    )
    return App(connector=connector)


class Worker:
    """Runs work that is due, one job at a time, as rempart_jobs; several workers share the queue.

    A worker that was killed leaves its job behind: another (or itself, restarted) finds it
    ``stalled_s`` seconds after its last sign of life and queues it again.
    """

    def __init__(
        self,
        conninfo: str,
        works: Sequence[Work],
        *,
        heartbeat_s: float = 5,
        stalled_s: float = 20,
    ) -> None:
        """Take how rempart_jobs connects, and everything that may be asked for."""
        self._heartbeat_s, self._stalled_s = heartbeat_s, stalled_s
        self._app = _app(conninfo)
        for work in works:
            self._register(work)

    async def run(self, stop: asyncio.Event, started: Callable[[], None] = lambda: None) -> None:
        """Work until ``stop`` is set; a database that is away is waited for.

        ``started`` is called once, when the queue was first reached. When asked to stop, a job
        under way has five seconds to end; then it is cut off, and its worker is gone.
        """
        tell = [started]
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            working = asyncio.create_task(self._work(tell))
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            try:
                await working
            except asyncio.CancelledError:
                continue
            except _away() as error:
                _log.warning("the queue is out of reach", exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(stopping), _AWAY_S)

    async def defer(self, name: str, **numbers: int) -> None:
        """Queue work to run as soon as may be; no second one with the same numbers waits beside it.

        ``numbers`` reach the work's ``run``: ids of ours, never anything of a person's.
        Raises `UnavailableError`.
        """
        from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415 - its scheduler starts a process when it is imported

        lock = " ".join([name, *(f"{key}={value}" for key, value in sorted(numbers.items()))])
        try:
            async with self._app.open_async():
                task = self._app.tasks[name].configure(lock=lock, queueing_lock=lock)
                with contextlib.suppress(AlreadyEnqueued):
                    await task.defer_async(**numbers)
        except _away():
            raise UnavailableError("the queue cannot be reached") from None

    async def _work(self, tell: list[Callable[[], None]]) -> None:
        async with self._app.open_async():
            await self._rescue()
            if tell:
                tell.pop()()
            rescuing = asyncio.create_task(self._rescue_for_ever())
            try:
                await self._app.run_worker_async(
                    install_signal_handlers=False,
                    # Any role may send a notification, one that cuts a job off among them.
                    listen_notify=False,
                    fetch_job_polling_interval=_LOOKS_S,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=_PATIENCE_S,
                    update_heartbeat_interval=self._heartbeat_s,
                    stalled_worker_timeout=self._stalled_s,
                )
            finally:
                rescuing.cancel()
                await asyncio.gather(rescuing, return_exceptions=True)
        # It ends by itself when a part of it has failed: then the queue is reached anew.

    async def _rescue_for_ever(self) -> None:
        # Not a job: a worker killed while it rescues would leave nobody to rescue it.
        while True:
            await asyncio.sleep(self._stalled_s / 2)
            with contextlib.suppress(*_away()):
                await self._rescue()

    async def _rescue(self) -> None:
        """Queue again what a worker that is gone had begun; forget what ended a month ago."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled_s):
            _log.warning("a job is begun again", function=job.task_name)
            # Another worker may have been first, or the same work waits already.
            with contextlib.suppress(*_away()):
                await manager.retry_job(job)
        await manager.delete_old_jobs(_KEPT_HOURS, include_failed=True, include_aborted=True)

    def _register(self, work: Work) -> None:
        async def run_it(timestamp: int = 0, **numbers: int) -> None:  # noqa: ARG001 - when it was due; the work looks for itself
            await work.run(**numbers)

        from procrastinate import RetryStrategy  # noqa: PLC0415 - its scheduler starts a process when it is imported

        retry = RetryStrategy(max_attempts=work.retries, exponential_wait=2)
        task = self._app.task(
            name=work.name,
            # One waits and one runs, whoever asks.
            lock=work.name,
            queueing_lock=work.name,
            retry=retry if work.retries else False,
        )(run_it)
        if work.cron is not None:
            self._app.periodic(cron=work.cron)(task)
