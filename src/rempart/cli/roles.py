"""Does a command's work in the database, as one of the platform's roles."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from rempart.cli.output import run
from rempart.foundation.database import Database
from rempart.foundation.reach import reach_database
from rempart.foundation.settings import Settings

_T = TypeVar("_T")


def as_role(
    role: str,
    settings: Settings,
    work: Callable[[Database], Awaitable[_T]],
    patience: Mapping[str, str] | None = None,
) -> _T:
    """Do work as a role; `patience` gives its statements a time of their own."""

    async def done(conninfo: str) -> _T:
        name = role.replace("_", "-")
        async with await Database.open(
            conninfo, max_size=1, application_name=name, settings=patience
        ) as database:
            return await work(database)

    with reach_database(settings) as reached:
        return run(done(reached.conninfo(role)))
