"""docs/feed.md is true: its commands are run as written, against a platform of the test's own."""

import contextlib
import io
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from psycopg.types.json import Jsonb

from rempart.cli import run_line
from rempart.foundation.keyring import FileKeyring
from rempart.rights.blinding import BlindingProcess
from tests.support.database import DatabaseUnderTest
from tests.support.days import PARIS_DAY

PAGE = Path(__file__).parents[2] / "docs" / "feed.md"
OUTER_KEYS = ("registry_index", "met_index", "card_index")


@dataclass
class Done:
    """What a command line came to."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Premises:
    """A folder, and a command line that reaches the platform."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> Done:
        """Run one line as the page has it."""
        program, *words = shlex.split(command)
        assert program == "rempart"
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            for name, value in self.settings.items():
                patch.setenv(name, value)
            code = run_line(words)
        return Done(code, out.getvalue(), err.getvalue())

    def reference(self) -> str:
        """Return the reference of somebody in the feed, once there is one."""
        feed = self.folder / "members.feed"
        return feed.read_text().split("\n")[1].split(",")[1] if feed.exists() else ""

    def json(self, command: str) -> tuple[int, dict[str, Any]]:
        """Run one line with --json."""
        done = self.run(f"{command} --json")
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)


def address(db: DatabaseUnderTest) -> str:
    """Return the test's database as REMPART_DATABASE_URL has it: without a user."""
    info = db.owner.info
    return f"postgresql:///{info.dbname}?host={quote(info.host, safe='')}&port={info.port}"


@pytest.fixture
def premises(db: DatabaseUnderTest, tmp_path: Path) -> Iterator[Premises]:
    """A platform that hosts the page's insurer, with its blinding process."""
    desk = db.connect("rempart_desk")
    desk.execute("select registry.add_insurer('990001', 'Mutuelle d''essai')")
    rules = Jsonb({"PHAR": {"mode": "direct", "rate_bp": 10000}})
    desk.execute("select registry.add_plan('990001', 'CONFORT', 'Confort', %s)", (rules,))
    keyring = FileKeyring.create(tmp_path / "keyring")
    for role in ("rempart_intake", "rempart_edge", "rempart_desk"):
        keyring.put(f"password.{role}", db.keyring.secret(f"password.{role}"))
    socket = tmp_path / "b.sock"
    blinding = BlindingProcess.start(socket, [keyring.ensure(name) for name in OUTER_KEYS])
    folder = tmp_path / "insurer"
    folder.mkdir()
    settings = {
        "REMPART_STATE_DIR": str(tmp_path / "state"),
        "REMPART_DATABASE_URL": address(db),
        "REMPART_KEYRING": str(keyring.path),
        "REMPART_BLINDING_SOCKET": str(socket),
    }
    yield Premises(folder, settings)
    blinding.stop()


def blocks(kind: str) -> list[str]:
    """Return the page's blocks of a kind."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_the_page_does_what_it_says(premises: Premises, db: DatabaseUnderTest) -> None:
    (source,) = blocks("csv")
    (premises.folder / "members.csv").write_text(source)
    ran = []
    for block in blocks("console"):
        for command, said in re.findall(r"^\$ (.+)\n((?:[^$].*\n)*)", block, re.MULTILINE):
            done = premises.run(command.replace("REFERENCE", premises.reference()))
            assert done.returncode == (3 if "no feed was written" in said else 0), done.stderr
            for line in said.splitlines():
                assert line in done.stderr.splitlines()
            ran.append(command.split()[2])
    assert ran == ["keys", "prepare", "prepare", "check", "trust", "import", "resolve"]
    assert "12345678" in done.stdout or "AB7731" in done.stdout
    in_force = db.owner.execute("select accepted, ended from registry.feed").fetchall()
    assert in_force == [{"accepted": 5, "ended": 0}]
    report = (premises.folder / "refused.csv").read_text()
    assert report == "line,column,reason\n7,birth_date,not a day of the calendar\n"


KEYS = "--feed-key keys/feed-990001.key --reference-key keys/reference-990001.key"
PREPARE = f"rempart feed prepare members.csv members.feed --insurer 990001 {KEYS}"
RESOLVE = (
    "rempart feed resolve --source members.csv --insurer 990001"
    " --reference-key keys/reference-990001.key"
)
FIGURES = {"accepted", "refused", "ended", "seconds", "peak_mb", "problems"}


def test_figures_and_refusals_are_there_for_scripts(
    premises: Premises, db: DatabaseUnderTest
) -> None:
    (source,) = blocks("csv")
    (premises.folder / "members.csv").write_text(source)
    premises.run("rempart feed keys --insurer 990001 --out keys")
    code, found = premises.json(PREPARE)
    assert (code, found["accepted"], found["refused"]) == (3, 5, 1)
    assert set(found) == FIGURES
    assert found["problems"] == [
        {"line": 7, "column": "birth_date", "reason": "not a day of the calendar"}
    ]
    assert premises.json(PREPARE + " --skip-bad")[0] == 0
    code, found = premises.json("rempart feed import members.feed")
    assert (code, found["accepted"], found["ended"]) == (0, 5, 0)
    assert set(found) == FIGURES | {"before", "after", "mapped", "renamed"}
    assert (found["before"], found["after"]) == (0, 5)
    done = premises.run("rempart feed import members.feed")
    assert "in force already" in done.stderr
    assert premises.json("rempart feed check --dry-run members.feed")[1]["accepted"] == 5

    feed = premises.folder / "members.feed"
    feed.write_bytes(feed.read_bytes()[:-20])
    for command in ("check", "import"):
        code, found = premises.json(f"rempart feed {command} members.feed")
        assert (code, found["accepted"], found["problems"][0]["line"]) == (3, 0, 6)
    code, found = premises.json(f"{RESOLVE} {'0' * 32}")
    assert (code, found["records"]) == (1, [])


@pytest.mark.parametrize(
    "command, code",
    [
        ("rempart feed keys --insurer 990001 --out keys", 2),  # they are there
        ("rempart feed check nowhere.feed", 2),
        ("rempart feed prepare nowhere.csv f --insurer 990001 " + KEYS, 2),
        ("rempart feed prepare members.csv members.csv --insurer 990001 " + KEYS, 2),
        ("rempart feed prepare members.csv no/f --insurer 990001 " + KEYS, 2),
        ("rempart feed prepare members.csv f --insurer 99000100099 " + KEYS, 2),
        (f"{PREPARE} --report no/folder", 2),
        (f"{RESOLVE} xyz", 2),
    ],
)
def test_wrong_usage_is_said_in_a_sentence(tmp_path: Path, command: str, code: int) -> None:
    (tmp_path / "members.csv").write_text(blocks("csv")[0])
    here = Premises(tmp_path)
    assert here.run("rempart feed keys --insurer 990001 --out keys").returncode == 0
    done = here.run(command)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_platform_without_blinding_or_key_says_so(premises: Premises) -> None:
    (premises.folder / "members.csv").write_text(blocks("csv")[0])
    premises.run("rempart feed keys --insurer 990001 --out keys")
    premises.run(PREPARE + " --skip-bad")
    trust = "rempart feed trust --insurer 990001 --feed-key keys/feed-990001.key"
    assert premises.run(trust).returncode == 0
    assert premises.run(trust).returncode == 3
    premises.settings["REMPART_BLINDING_SOCKET"] = str(premises.folder / "none.sock")
    done = premises.run("rempart feed import members.feed")
    assert done.returncode == 4
    assert "blinding" in done.stderr


def test_a_source_full_of_faults_is_told_in_part_and_reported_whole(tmp_path: Path) -> None:
    header, first, *_ = blocks("csv")[0].splitlines()
    bad = first.replace("1985-05-17", "17/05/1985")
    (tmp_path / "members.csv").write_text("\n".join([header, *[bad] * 150, ""]))
    here = Premises(tmp_path)
    here.run("rempart feed keys --insurer 990001 --out keys")
    done = here.run(f"{PREPARE} --skip-bad --report refused.csv")
    assert done.returncode == 3
    assert "and 130 more lines\nno cover is left: no feed was written\n" in done.stderr
    assert len(done.stderr.splitlines()) == 22
    assert len((tmp_path / "refused.csv").read_text().splitlines()) == 151
    code, found = here.json(PREPARE)
    assert (code, found["refused"], len(found["problems"])) == (3, 150, 100)


def test_one_member_is_ended_on_either_side(premises: Premises, db: DatabaseUnderTest) -> None:
    (premises.folder / "members.csv").write_text(blocks("csv")[0])
    premises.run("rempart feed keys --insurer 990001 --out keys")
    premises.run(PREPARE + " --skip-bad")
    premises.run("rempart feed import members.feed")
    (block,) = [one for one in blocks("sh") if "--member AB-77/31" in one]
    for command in block.splitlines():
        done = premises.run(command)
        assert done.returncode == 0, done.stderr
    assert "AB7731" not in (premises.folder / "end.feed").read_text()
    code, found = premises.json(f"rempart feed end --insurer 990001 {premises.reference()}")
    assert (code, found["ended"]) in {(0, 1), (3, 0)}  # 3 if the first line is who was ended
    going_on = f"select count(*) as n from registry.coverage where valid_to >= {PARIS_DAY}"
    (row,) = db.owner.execute(going_on).fetchall()
    assert row["n"] == (3 if code == 0 else 4)
    for words in ("", "0012", f"{'0' * 32} --member 1", f"{'0' * 32} --on tomorrow"):
        done = premises.run(f"rempart feed end --insurer 990001 {words}")
        assert done.returncode == 2, done.stderr


def test_the_desk_sets_what_a_feed_may_end(premises: Premises) -> None:
    (premises.folder / "members.csv").write_text(blocks("csv")[0])
    premises.run("rempart feed keys --insurer 990001 --out keys")
    premises.run(PREPARE + " --skip-bad")
    premises.run("rempart feed import members.feed")
    lines = blocks("csv")[0].splitlines()
    (premises.folder / "members.csv").write_text("\n".join([*lines[:5], ""]))
    premises.run(PREPARE)
    assert premises.json("rempart feed check --dry-run members.feed")[1]["ended"] == 1
    done = premises.run("rempart feed import members.feed")
    assert done.returncode == 3
    assert "--confirm" in done.stderr
    share = "rempart feed ending-share --insurer"
    assert premises.run(f"{share} 990001 101").returncode == 2
    assert premises.run(f"{share} 990009 20").returncode == 3
    assert premises.run(f"{share} 990001 20").returncode == 0
    assert premises.json("rempart feed import members.feed")[1]["ended"] == 1


def test_references_are_made_anew_as_the_page_says(
    premises: Premises, db: DatabaseUnderTest
) -> None:
    mended = "\n".join(blocks("csv")[0].splitlines()[:-1]) + "\n"
    (premises.folder / "members.csv").write_text(mended)
    premises.run("rempart feed keys --insurer 990001 --out keys")
    premises.run(PREPARE)
    premises.run("rempart feed import members.feed")
    old = premises.reference()
    insurers, platforms = [
        one for one in blocks("sh") if "members.map" in one and "--url" not in one
    ]
    for command in insurers.splitlines():
        done = premises.run(command)
        assert done.returncode == 0, done.stderr
    done = premises.run("rempart feed import members.feed")
    assert done.returncode == 3
    assert "--rekey MAP" in done.stderr
    for command in platforms.splitlines():
        code, found = premises.json(command)
        assert (code, found["accepted"], found["ended"], found["after"]) == (0, 5, 0, 5)
        assert (found["mapped"], found["renamed"]) == (5, 5)
    # The insurer resolves what was disclosed under either key.
    assert old != premises.reference()
    for reference, keys in ((old, "keys"), (premises.reference(), "new-keys")):
        code, found = premises.json(f"{RESOLVE.replace('keys/', keys + '/')} {reference}")
        assert (code, len(found["records"])) == (0, 1)
    for words in ("members.csv members.csv", "members.csv no/folder", "nowhere.csv out.map"):
        keys = "--old-reference-key keys/reference-990001.key --reference-key keys/feed-990001.key"
        done = premises.run(f"rempart feed rekey-map {words} --insurer 990001 {keys}")
        assert done.returncode == 2, done.stderr
    # A refused line: no map.
    (premises.folder / "members.csv").write_text(blocks("csv")[0])
    (premises.folder / "members.map").unlink()
    code, found = premises.json(insurers.splitlines()[1])
    assert (code, found["problems"][0]["line"]) == (3, 7)
    assert not (premises.folder / "members.map").exists()
