"""Whether a database was made as a demonstration: it says so itself, and no setting can."""

import time
from typing import Final

from rempart.foundation.database import Database

_KEPT_S: Final = 5.0
"""What a page shows may be so old: a look at every page is a round trip of every page."""


class Demonstration:
    """Looks for the demonstration's mark."""

    def __init__(self, database: Database) -> None:
        """Take a database, as any role that logs in."""
        self._database = database
        self._was_marked = False
        self._looked_at = float("-inf")

    async def is_marked(self) -> bool:
        """Whether unsafe conveniences may work here, looked up now."""
        rows = await self._database.call("foundation.marked_as_demo")
        return rows == [{"marked_as_demo": True}]

    async def was_marked(self) -> bool:
        """Whether pages may speak of a demonstration, at most five seconds old.

        It opens nothing: whatever only a demonstration lets in, the database judges by itself.
        """
        if time.monotonic() - self._looked_at >= _KEPT_S:
            self._was_marked = await self.is_marked()
            self._looked_at = time.monotonic()
        return self._was_marked
