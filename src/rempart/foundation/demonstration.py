"""Whether a database was made as a demonstration: it says so itself, and no setting can."""

from rempart.foundation.database import Database


class Demonstration:
    """Looks for the demonstration's mark, each time anew."""

    def __init__(self, database: Database) -> None:
        """Take a database, as any role that logs in."""
        self._database = database

    async def is_marked(self) -> bool:
        """Whether unsafe conveniences may work here."""
        rows = await self._database.call("foundation.marked_as_demo")
        return rows == [{"marked_as_demo": True}]
