"""What the payment's commands and its daily run share: role, key, payer, folder."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import structlog

from rempart.billing import PRIVATE_KEY, Batch, StopReason, pay, pay_when_due, read_payer
from rempart.cli.output import RefusedError, load_settings, run
from rempart.cli.pay_resume import STOPPED
from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.foundation.reach import Reached, reach_database
from rempart.foundation.settings import Settings

_T = TypeVar("_T")
_ROLE = "rempart_jobs"

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def payments_folder(settings: Settings) -> Path:
    """Where payment files lie until the bank has them: mode 0700."""
    return settings.state_dir / "payments"


async def pay_daily(settings: Settings, reached: Reached) -> list[Batch]:
    """Pay when the payer's hour has come; nothing where no payer is set, or it is stopped."""
    if settings.payer is None:
        return []
    payer, private = read_payer(settings.payer), reached.keyring.secret(PRIVATE_KEY)
    database = await _open(reached)
    try:
        made = await pay_when_due(database, private, payer, payments_folder(settings))
    finally:
        await database.close()
    if isinstance(made, StopReason):
        _log.error("nothing is paid: see rempart pay list", because=made.value)
        return []
    if made:
        _log.info("payment files wait for the bank", batches=len(made))
    return made


async def pay_now(settings: Settings, reached: Reached, database: Database) -> list[Batch]:
    """Pay, whatever the hour.

    Raises `UnavailableError` where no payer is set, `RefusedError` where the payment is stopped.
    """
    if settings.payer is None:
        raise UnavailableError("nobody is set to pay: REMPART_PAYER names a file (docs/money.md)")
    payer, private = read_payer(settings.payer), reached.keyring.secret(PRIVATE_KEY)
    made = await pay(database, private, payer, payments_folder(settings))
    if isinstance(made, StopReason):
        raise RefusedError(STOPPED[made])
    return made


def as_jobs(work: Callable[[Settings, Reached, Database], Awaitable[_T]]) -> _T:
    """Do a command's work as rempart_jobs."""
    settings = load_settings()
    with reach_database(settings) as reached:

        async def inside() -> _T:
            async with await _open(reached) as database:
                return await work(settings, reached, database)

        return run(inside())


async def _open(reached: Reached) -> Database:
    # A day's claims of an insurer are one transaction.
    return await Database.open(
        reached.conninfo(_ROLE),
        max_size=1,
        application_name="rempart pay",
        settings={"statement_timeout": "0"},
    )
