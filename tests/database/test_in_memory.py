"""The tests' own database leaves nothing in memory, not even after a run that was killed."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import in_memory as kept
from tests.support.in_memory import in_memory


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "memory"
    made.mkdir()
    monkeypatch.setattr(kept, "SHARED_MEMORY", made)
    monkeypatch.setattr(kept, "ROOM", 0)
    return made


def test_the_last_of_a_run_who_leaves_deletes_the_place(memory: Path, tmp_path: Path) -> None:
    with ExitStack() as first:
        place = first.enter_context(in_memory(tmp_path))
        with in_memory(tmp_path) as joined:
            assert joined == place
            assert place.parent == memory
            (place / "table").touch()
        assert (place / "table").exists()
    assert list(memory.iterdir()) == []
    with in_memory(tmp_path) as again:
        assert not (again / "table").exists()


def test_what_a_killed_run_left_is_deleted_and_what_another_uses_is_not(
    memory: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with in_memory(tmp_path / "other") as theirs:
        left = theirs.with_name(theirs.name + "-killed")
        left.mkdir()
        (left / "used").touch()
        with in_memory(tmp_path) as ours:
            assert sorted(memory.iterdir()) == sorted((theirs, ours))


def test_without_room_in_memory_the_disk_is_used(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "ROOM", 1 << 62)
    with in_memory(tmp_path) as place:
        assert place == tmp_path
    assert list(memory.iterdir()) == []
