"""`rempart jobs`: the process that does in the background what is due by the clock."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import typer

from rempart.cli.output import Json, emit, load_settings, run
from rempart.foundation.database import Database
from rempart.foundation.reach import Reached, reach_database
from rempart.foundation.settings import Settings

if TYPE_CHECKING:
    from rempart.foundation.jobs import Work

_ROLE = "rempart_jobs"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("jobs")(jobs)


def jobs(as_json: Json = False) -> None:
    """Do what is due by the clock, and what was queued, until SIGTERM or Ctrl-C.

    Several may run: they share the work. What a killed one had begun, another begins again.
    """
    from rempart.foundation import logs

    settings = load_settings()
    logs.configure(settings.log_level)

    def started() -> None:
        emit({"ready": True}, as_json, lambda: typer.echo("at work; Ctrl-C ends it"))

    with reach_database(settings) as reached:
        run(_work(settings, reached, started))


async def _work(settings: Settings, reached: Reached, started: Callable[[], None]) -> None:
    from rempart.foundation.jobs import Worker

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with await Database.open(
        reached.conninfo(_ROLE), max_size=2, application_name="rempart"
    ) as database:
        works = _works(settings, reached, database)
        await Worker(reached.conninfo(_ROLE), works).run(stop, started)


def _works(settings: Settings, reached: Reached, database: Database) -> "Sequence[Work]":
    """Return everything that the platform does in the background."""
    from rempart.billing import seal_lines
    from rempart.cli.paying import pay_daily
    from rempart.cli.purging import purge_when_due
    from rempart.foundation.jobs import Work
    from rempart.guard import end_tenths
    from rempart.journal import make_months

    return (
        Work("purge", partial(purge_when_due, database, settings), cron="*/10 * * * *"),
        Work("end_tenths", partial(end_tenths, database), cron="*/10 * * * *"),
        Work("pay", partial(pay_daily, settings, reached), cron="*/10 * * * *"),
        Work("seal_lines", partial(seal_lines, database), cron="*/10 * * * *"),
        Work("make_months", partial(make_months, database), cron="*/10 * * * *"),
    )
