"""Gives accounts back whose week at a tenth is over."""

from rempart.foundation.database import Database


async def end_tenths(jobs: Database) -> int:
    """Give every such account its caps back, as ``rempart_jobs``; returns how many."""
    count = 0
    while True:
        (row,) = await jobs.call("guard.end_tenth")
        if row["end_tenth"] is None:
            return count
        count += 1
