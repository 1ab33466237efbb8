"""The sign-in process begins with the database's epoch, or not at all."""

import asyncio
import time

import pytest

from rempart.foundation.errors import MisuseError
from rempart.identity import SignIn
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest

CONNECTED = (
    "select count(*) as n from pg_stat_activity"
    " where application_name = 'rempart-signin' and datname = current_database()"
)


def test_without_the_epoch_nothing_is_opened_and_no_connection_left(db: DatabaseUnderTest) -> None:
    def connected() -> int:
        return int(one(db.owner, CONNECTED)["n"])

    async def work() -> None:
        opened = await SignIn.open(
            db.dsn("rempart_signin"), nonce_key=bytes(32), signin_url="http://localhost"
        )
        assert connected() > 0
        await opened.close()
        db.owner.execute("revoke execute on function foundation.read_epoch() from rempart_signin")
        with pytest.raises(MisuseError) as raised:
            await SignIn.open(
                db.dsn("rempart_signin"), nonce_key=bytes(32), signin_url="http://localhost"
            )
        assert raised.value.sqlstate == "42501"
        end = time.monotonic() + 20
        while connected():
            assert time.monotonic() < end
            await asyncio.sleep(0.02)

    asyncio.run(work())
