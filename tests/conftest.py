"""Fixtures for everybody: one real PostgreSQL a run, and a fresh database a test."""

from collections.abc import Iterator
from pathlib import Path

import coverage
import hypothesis
import pytest
import structlog

from rempart.foundation.keyring import FileKeyring
from rempart.foundation.logs import describe_exception, drop_what_is_not_allowed
from tests.support.asking import Site
from tests.support.command_line import Told, told_about
from tests.support.database import (
    TEMPLATE,
    Cluster,
    DatabaseUnderTest,
    fresh_database,
    shared_cluster,
)
from tests.support.prepared import prepared_site, site_template

# How long one example takes says how busy the machine is, and nothing about what is tested.
hypothesis.settings.register_profile("rempart", deadline=None)
hypothesis.settings.load_profile("rempart")

# As every process of the platform writes its logs. Left to itself, the library draws an exception
# with the locals of each frame, for a terminal: a second of work for each.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        describe_exception,
        drop_what_is_not_allowed,
        structlog.processors.JSONRenderer(),
    ]
)

LONGEST = ("test_p04_timing.py", "test_p05_races.py", "test_demo.py", "test_p01_killed_edge.py")
"""Files that take minutes, begun first: else one worker ends long after the others."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else 9)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Keep what was measured before a worker is ended, which on a busy machine is done by force."""
    if measured := coverage.Coverage.current():
        measured.save()


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
def db(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[DatabaseUnderTest]:
    """A database for this test alone; with the site in it for whoever asks for that too."""
    template = site_template(cluster) if "site" in request.fixturenames else TEMPLATE
    with fresh_database(cluster, template) as database:
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
    return prepared_site(db)


@pytest.fixture
def told(
    db: DatabaseUnderTest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Told:
    """Run one command with --json on the test's database; what it told."""
    return told_about(db, tmp_path, monkeypatch, capsys)
