"""Commands at a console read the demonstration's database where nothing else can be meant."""

from pathlib import Path

import pytest

from rempart.cli.on_hand import settings_on_hand
from rempart.foundation.embedded import EmbeddedPostgres


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that a demonstration has run in."""
    monkeypatch.chdir(tmp_path)
    for name in ("REMPART_STATE_DIR", "REMPART_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".demo").mkdir()
    return tmp_path


def make(base: Path) -> None:
    (base / "postgres" / "data").mkdir(parents=True)
    assert EmbeddedPostgres.is_made(base)


def test_the_demonstration_where_there_is_nothing_else(place: Path) -> None:
    assert settings_on_hand().state_dir == place / ".demo"
    (place / ".demo").rmdir()
    assert settings_on_hand().state_dir == place / ".run"


def test_never_where_there_is_a_database_of_ones_own(place: Path) -> None:
    make(place / ".run")
    assert settings_on_hand().state_dir == place / ".run"


@pytest.mark.parametrize(
    "name, value, expected",
    [
        ("STATE_DIR", "elsewhere", "elsewhere"),
        ("DATABASE_URL", "postgresql://db.example.org/rempart", ".run"),
    ],
)
def test_never_where_one_was_named(
    place: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"REMPART_{name}", value)
    assert settings_on_hand().state_dir == place / expected
