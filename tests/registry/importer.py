"""Imports one feed as a process of its own, so that a test may kill it: DSN, then the file."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from rempart.foundation.database import Database
from rempart.registry import FeedProblem, Intent, import_feed
from tests.registry.feeds import blind


async def main(dsn: str, path: Path) -> int:
    async with await Database.open(
        dsn, max_size=1, settings={"statement_timeout": "30s"}
    ) as database:
        with path.open("rb") as file:
            intent = Intent(confirm=True)
            done = await import_feed(database, blind, file, datetime.now(UTC), intent=intent)
    if isinstance(done, FeedProblem):
        sys.stderr.write(f"{done}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], Path(sys.argv[2]))))
