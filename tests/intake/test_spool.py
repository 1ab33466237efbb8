"""The spool: its owner's alone, one writer a file, one worker, nothing left that is not needed."""

import os
import time
from pathlib import Path

import pytest

from rempart.foundation.errors import UnavailableError
from rempart.intake import Spool
from rempart.intake.spool import PartUnderWayError


def test_a_folder_that_others_can_reach_is_refused(tmp_path: Path) -> None:
    assert Spool(tmp_path / "mine").has_room(0)
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "file").touch(mode=0o600)
    for name in ("open", "link", "file"):
        with pytest.raises(UnavailableError):
            Spool(tmp_path / name)


def test_a_part_is_written_at_its_place_and_drops_what_was_not_noted(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.write(1, 0, b"abcdef")
    spool.write(1, 3, b"XY")
    assert spool.path(1).read_bytes() == b"abcXY"
    assert spool.holds(1, 3, b"XY")
    assert not spool.holds(1, 3, b"XYZ")
    assert (spool.size(1), spool.size(2)) == (5, 0)
    spool.path(3).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnavailableError):
        spool.write(3, 0, b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_one_writer_a_file_and_one_worker(tmp_path: Path) -> None:
    import fcntl

    spool = Spool(tmp_path / "spool")
    spool.write(1, 0, b"abc")
    with spool.path(1).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(PartUnderWayError):
            spool.write(1, 3, b"def")
    assert spool.path(1).read_bytes() == b"abc"
    assert not spool.is_worked_on()
    with spool.alone():
        assert spool.is_worked_on()
        with pytest.raises(UnavailableError), Spool(tmp_path / "spool").alone(0.1):
            pass
    assert not spool.is_worked_on()


def test_what_belongs_to_no_feed_goes_once_it_is_old(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    for number in (1, 2, 3):
        spool.write(number, 0, b"abc")
    (tmp_path / "spool" / "notes.txt").touch()
    old = time.time() - 3600
    for name in ("1.feed", "2.feed", "notes.txt"):
        os.utime(tmp_path / "spool" / name, (old, old))
    assert spool.sweep({1}) == 1
    left = sorted(path.name for path in (tmp_path / "spool").iterdir())
    assert left == ["1.feed", "3.feed", "notes.txt"]  # the third may be a moment old
    spool.delete(1)
    spool.delete(1)
    assert spool.size(1) == 0


def test_a_full_disk_takes_no_feed(tmp_path: Path) -> None:
    assert not Spool(tmp_path / "spool").has_room(2**62)
