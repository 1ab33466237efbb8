"""Fixtures for everybody: one real PostgreSQL a run, and a fresh database a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rempart.foundation.keyring import FileKeyring
from tests.support.asking import Site
from tests.support.database import Cluster, DatabaseUnderTest, fresh_database, shared_cluster


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Cluster]:
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "cluster"
    with shared_cluster(folder) as found:
        yield found


@pytest.fixture
def db(cluster: Cluster) -> Iterator[DatabaseUnderTest]:
    with fresh_database(cluster) as database:
        yield database


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    made = FileKeyring.create(tmp_path / "keyring")
    for name in ("registry_index", "met_index", "card_index", "met_inner", "engagement", "nonce"):
        made.ensure(name)
    made.ensure("receipt")
    made.ensure("proof_seal")
    return made


@pytest.fixture
def site(db: DatabaseUnderTest) -> Site:
    """One pharmacy with one account, a live token, and an insurer that covers a few people."""
    return Site.make(db)
