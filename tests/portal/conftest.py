"""Fixtures of the portal's tests: the platform of the HTTP tests, and people at browsers."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.http.platform import Platform, start_blinding
from tests.http.platform import platform as opened
from tests.portal.visitor import Visitor, administrator
from tests.support.database import Cluster, DatabaseUnderTest


@pytest.fixture(scope="session")
def blinding_socket(cluster: Cluster) -> Iterator[Path]:
    process, socket = start_blinding(cluster)
    yield socket
    process.stop()
    shutil.rmtree(socket.parent)


@pytest.fixture
async def platform(
    db: DatabaseUnderTest, blinding_socket: Path, anyio_backend: str
) -> AsyncIterator[Platform]:
    async with opened(db, blinding_socket) as found:
        yield found


@pytest.fixture
async def alice(platform: Platform) -> Visitor:
    """The administrator of the site, signed in."""
    found = await administrator(platform)
    answer = await found.sign_in()
    assert answer.status_code == 200, answer.text
    return found


@pytest.fixture
def away(platform: Platform) -> Iterator[None]:
    """The database cannot be reached any more by anybody new, and lets go of the edge."""
    admin, name = platform.db.cluster.admin, platform.db.name
    admin.execute(f"alter database {name} allow_connections false")
    admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where usename = 'rempart_edge' and datname = %s",
        (name,),
    )
    yield
    admin.execute(f"alter database {name} allow_connections true")
