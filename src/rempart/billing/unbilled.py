"""Asked and never billed: how many guarantees of a site, or of one account, no claim stands for."""

from dataclasses import dataclass
from datetime import datetime

from rempart.foundation.database import Database


@dataclass(frozen=True, slots=True)
class Unbilled:
    """Of ``given`` guarantees: ``claimed`` (of which ``late``), ``waiting``, ``missing``."""

    given: int
    claimed: int
    late: int
    waiting: int
    missing: int


async def asked_not_billed(
    database: Database, site: str, rpps: str | None, start: datetime, until: datetime
) -> Unbilled | None:
    """Count guarantees given from ``start`` to before ``until``; None: no such site or account.

    ``site`` is a FINESS or AM number, ``rpps`` narrows it to one professional's account there.
    As rempart_desk.
    """
    rows = await database.call("billing.read_unbilled", site, rpps, start, until)
    return Unbilled(**rows[0]) if rows else None
