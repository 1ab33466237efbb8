"""The intake's worker, a process of its own: it alone opens feeds, blinds them and writes mails."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.foundation.logs import configure
from rempart.foundation.settings import Settings
from rempart.intake.mail import MailServer
from rempart.intake.spool import Spool
from rempart.intake.work import Work

_LOOK_S = 0.5
_CLEAN_EVERY = 120


async def work_for_ever(work: Work) -> None:
    """Do what is due until cancelled; a mail waits for no feed."""
    await asyncio.gather(_repeat(work, "import", "expire", cleans=True), _repeat(work, "mail"))


async def _repeat(work: Work, *kinds: str, cleans: bool = False) -> None:
    turns = 0
    while True:
        done = 0
        try:
            if cleans and turns % _CLEAN_EVERY == 0:
                await work.clean()
            done = await work.do_due(*kinds)
        except UnavailableError as error:
            structlog.get_logger("rempart.intake").warning("waiting", exc_info=error)
        turns += 1
        if done == 0:
            await asyncio.sleep(_LOOK_S)


async def run(settings: Settings, conninfo: str, mail_password: str) -> None:
    """Connect as rempart_intake and work until SIGTERM or SIGINT."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        # What is under way goes on after the next start: its row stays until it is done.
        loop.add_signal_handler(number, lambda: this and this.cancel())
    mail = None
    if settings.smtp_url is not None and settings.mail_from is not None:
        mail = MailServer(settings.smtp_url, settings.mail_from, mail_password or None)
    spool = Spool(settings.spool)
    with spool.alone():
        async with _database(conninfo, "5s") as staging, _database(conninfo, "15min") as swapper:
            await work_for_ever(
                Work(staging, swapper, spool, settings.blinding_socket, mail, settings.intake_url)
            )


@asynccontextmanager
async def _database(conninfo: str, statement_timeout: str) -> AsyncIterator[Database]:
    """Connect; the swap of a million covers is one statement, every other is short."""
    async with await Database.open(
        conninfo,
        max_size=2,
        application_name="rempart intake worker",
        settings={"statement_timeout": statement_timeout},
    ) as database:
        yield database


def main() -> None:
    """Read two lines from standard input, how to connect and the mail password, and work."""
    # Not from arguments: they hold passwords, and arguments are everybody's to read.
    conninfo, password = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    settings = Settings.load()
    configure(settings.log_level)
    try:
        asyncio.run(run(settings, conninfo, password))
    except asyncio.CancelledError:
        return


if __name__ == "__main__":
    main()
