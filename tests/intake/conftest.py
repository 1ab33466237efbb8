"""One platform of real processes for the tests of a worker; each test takes insurers of its own."""

from collections.abc import Iterator

import pytest

from tests.intake.premises import Intake, Premises, intake


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    with intake(tmp_path_factory.mktemp("intake")) as made:
        yield made


@pytest.fixture
def mine(platform: Intake) -> Iterator[Premises]:
    made = platform.insurer()
    with made.sender:
        yield made


@pytest.fixture
def others(platform: Intake) -> Iterator[Premises]:
    made = platform.insurer()
    with made.sender:
        yield made
