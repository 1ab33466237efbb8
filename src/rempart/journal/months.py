"""Makes the journal's months ahead of time."""

from rempart.foundation.database import Database


async def make_months(jobs: Database) -> int:
    """Make the months that are due, as ``rempart_jobs``; return how many tables were missing.

    Raises `UnavailableError` when somebody has the journal for more than a second: it is done
    next time, months ahead of the need.
    """
    (row,) = await jobs.call("journal.make_months")
    return int(row["make_months"])
