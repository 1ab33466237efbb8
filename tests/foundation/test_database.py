"""The door to PostgreSQL: a connection that was lost since it last answered is noticed in time."""

import asyncio

from rempart.foundation.database import Database
from tests.support.database import DatabaseUnderTest

NAME = "a-door"


def test_a_connection_ended_right_after_it_answered_costs_nobody_his_call(
    db: DatabaseUnderTest,
) -> None:
    async def work() -> None:
        async with await Database.open(
            db.dsn("rempart_edge"), max_size=1, application_name=NAME
        ) as database:
            for _ in range(3):
                assert await database.call("foundation.ready")
                ended = db.owner.execute(
                    "select count(pg_terminate_backend(pid, 5000)) as n"
                    f" from pg_stat_activity where application_name = '{NAME}'"
                ).fetchall()
                assert ended == [{"n": 1}]
            assert await database.call("foundation.ready")

    asyncio.run(work())
