"""A database that goes back: a copy taken at one time, and what was done after it is lost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from rempart.foundation.database import Database
from tests.support.asking import Site, one
from tests.support.database import DatabaseUnderTest, fresh_database

_Found = TypeVar("_Found")
RESTORE = "select * from foundation.restore(%s, %s, %s, %s, %s, %s)"
WHY = ("Panne du disque", "Alice")


@contextmanager
def copied(site: Site) -> Iterator[Site]:
    """Copy a site's database as it is now; the copy's server was started by nobody we know."""
    for connection in site.db.opened:
        connection.close()
    with fresh_database(site.db.cluster, template=site.db.name) as copy:
        copy.owner.execute("update guard.clock set boot = boot - interval '1 hour'")
        yield replace(site, db=copy, connection=None)


def restore(
    db: DatabaseUnderTest, known: int = 0, *, insists: bool = False, leaves_open: bool = True
) -> dict[str, Any]:
    """Restore as `rempart db restored` does; what the function told."""
    return one(db.owner, RESTORE, *WHY, known, 0, insists, leaves_open)


def checked(db: DatabaseUnderTest, check: Callable[[Database], Awaitable[_Found]]) -> _Found:
    """Run a check of the journal as rempart_journal."""

    async def work() -> _Found:
        async with await Database.open(db.dsn("rempart_journal"), max_size=1) as database:
            return await check(database)

    return asyncio.run(work())


def renew_token(site: Site) -> None:
    """Give the site's installation its token again, as a new sign-in would."""
    site.db.owner.execute(
        "update identity.token set revoked_at = null,"
        " expires_at = clock_timestamp() + interval '5 minutes'"
    )


def refill(db: DatabaseUnderTest, seconds: int) -> None:
    """Let guard time pass, as that many beats of the heart would."""
    db.owner.execute("update guard.clock set guard_at = guard_at + %s", (seconds * 1_000_000,))
