"""Deletes tokens, codes and used identifiers that can no longer open or refuse anything."""

from rempart.foundation.database import Database


async def sweep(database: Database) -> int:
    """Sweep once, as ``rempart_jobs``; returns how many rows went."""
    (row,) = await database.call("identity.sweep")
    return int(row["sweep"])
