"""A real database with one insurer, and feeds that are put in force on it."""

import asyncio
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from rempart.foundation.database import Database
from rempart.registry import (
    FeedKeys,
    FeedProblem,
    Imported,
    Intent,
    import_feed,
    inner_card,
    inner_index,
)
from tests.registry.feeds import AMC, DELTA_HEADER, KEYS, blind, day, outer, prepare
from tests.support.database import DatabaseUnderTest

DIRECT = {"PHAR": {"mode": "direct", "rate_bp": 10000}}
BORN = date(1985, 5, 17)


class Platform:
    """A database with one insurer, one plan and feeds."""

    def __init__(self, db: DatabaseUnderTest, folder: Path) -> None:
        self.db = db
        self.folder = folder
        self.add_insurer(AMC)

    def add_insurer(self, amc: str) -> None:
        desk = self.db.connect("rempart_desk")
        desk.execute("select registry.add_insurer(%s, %s)", (amc, "Mutuelle d'essai"))
        desk.execute("select registry.add_plan(%s, 'FULL', 'Tout', %s)", (amc, Jsonb(DIRECT)))

    def feed(self, *lines: str, amc: str = AMC, keys: FeedKeys = KEYS) -> Path:
        attempt = prepare(self.folder, *lines, amc=amc, keys=keys)
        assert attempt.done.is_written, attempt.problems
        return attempt.out

    def delta(self, *lines: str, amc: str = AMC, keys: FeedKeys = KEYS) -> Path:
        attempt = prepare(
            self.folder, *lines, header=DELTA_HEADER, amc=amc, keys=keys, is_delta=True
        )
        assert attempt.done.is_written, attempt.problems
        return attempt.out

    def take(
        self,
        path: Path,
        *,
        rekey: Path | None = None,
        confirm: bool = True,
        may_rename: bool = True,
        only_look: bool = False,
    ) -> Imported | FeedProblem:
        intent = Intent(confirm=confirm, may_rename=may_rename, only_look=only_look)

        async def take() -> Imported | FeedProblem:
            async with await Database.open(self.db.dsn("rempart_intake"), max_size=1) as database:
                with ExitStack() as stack:
                    return await import_feed(
                        database,
                        blind,
                        stack.enter_context(path.open("rb")),
                        datetime.now(UTC),
                        intent=intent,
                        rekey_map=stack.enter_context(rekey.open("rb")) if rekey else None,
                    )

        return asyncio.run(take())

    def put(self, *lines: str, amc: str = AMC) -> Imported | FeedProblem:
        return self.take(self.feed(*lines, amc=amc))

    def live(self) -> list[int]:
        """Which generations of index keys an edge asks under."""
        row = self.db.owner.execute("select registry.live_generations() as live").fetchone()
        assert row is not None
        return list(row["live"])

    def match(self, number: str, *, amc: str = AMC, on: int = 0, card: str = "") -> dict[str, Any]:
        live = self.live()
        index = inner_index(KEYS.feed, amc, number, BORN, 1)
        secret = inner_card(KEYS.feed, amc, number, card) if card else b""
        indexes = [outer(index, one) for one in live]
        secrets = [outer(secret, one) if card else None for one in live]
        row = self.db.owner.execute(
            "select m.* from registry.insurer i, registry.match("
            "i.insurer_id, %s, %s::bytea[], %s, 'PHAR', %s) m where i.amc_number = %s",
            (indexes, secrets, "scan" if card else "typed", date.fromisoformat(day(on)), amc),
        ).fetchone()
        assert row is not None
        return dict(row)

    def covered(self, number: str, *, amc: str = AMC, on: int = 0, card: str = "") -> bool:
        return bool(self.match(number, amc=amc, on=on, card=card)["fits"])

    def content(self) -> list[tuple[Any, ...]]:
        """Everything that is in force in the registry, to see that nothing changed."""
        return [
            tuple(row.values())
            for table in ("coverage", "feed", "plan", "insurer", "former_reference", "departed")
            for row in self.db.owner.execute(
                f"select * from registry.{table} order by 1, 2, 3"
            ).fetchall()
        ]
