"""Who pays, and an insurer that has lines sealed to it."""

from pathlib import Path

import pytest

from tests.support.command_line import Told
from tests.support.paying import Desk
from tests.support.sealing import Insurer


@pytest.fixture
def desk(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk.open(told, tmp_path, monkeypatch)


@pytest.fixture
def key_holder(told: Told, tmp_path: Path) -> Insurer:
    folder = tmp_path / "insurer"
    folder.mkdir()
    return Insurer(told, folder)
