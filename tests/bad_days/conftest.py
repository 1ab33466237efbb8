"""Fixtures of the bad days: real blinding, and people whom real edges find."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.platform import hash_people, start_blinding
from tests.support.asking import cover_people
from tests.support.database import Cluster, DatabaseUnderTest
from tests.support.pharmacy import Pharmacy


@pytest.fixture(scope="session")
def blinding_socket(cluster: Cluster) -> Iterator[Path]:
    process, socket = start_blinding(cluster)
    yield socket
    process.stop()
    shutil.rmtree(socket.parent)


@pytest.fixture
def people(db: DatabaseUnderTest, blinding_socket: Path) -> DatabaseUnderTest:
    """The database, with caps that stop nobody, and insured people whom a real edge finds."""
    for bucket in ("all", "new", "fresh", "typed", "miss"):
        db.owner.execute(f"update guard.profile set {bucket}_burst = 1000000")
    cover_people(db)
    asyncio.run(hash_people(db, blinding_socket))
    return db


@pytest.fixture
def pharmacy(people: DatabaseUnderTest) -> Pharmacy:
    return Pharmacy.make(people)
