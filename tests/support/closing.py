"""Closes and opens scopes as the desk does, at the level of SQL."""

import asyncio
from datetime import datetime
from typing import Any

from rempart.foundation.database import Database
from rempart.guard import wait_until_effective
from tests.support.asking import Site, one

WHY = ("Fuite en cours chez un éditeur", "Alice")


def move(site: Site, action: str, scope: str, value: str, *more: object) -> dict[str, Any]:
    """Close or open as the desk does; what the function answered."""
    desk = site.db.connect("rempart_desk")
    args = (scope, value, *WHY, *more)
    marks = ", ".join(["%s"] * len(args))
    return one(desk, f"select * from guard.{action}_gate({marks})", *args)


def close(site: Site, scope: str, value: str, until: datetime | None = None) -> None:
    assert move(site, "close", scope, value, until)["refused_because"] is None


def client_of(site: Site) -> str:
    name: str = one(
        site.db.owner,
        "select client_id from identity.installation where installation_id = %s",
        site.installation.installation_id,
    )["client_id"]
    return name


def waited(site: Site, began: float) -> float | None:
    async def work() -> float | None:
        async with await Database.open(site.db.dsn("rempart_desk"), max_size=1) as desk:
            return await wait_until_effective(desk, began)

    return asyncio.run(work())
