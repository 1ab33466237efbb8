"""`rempart demo` and `serve`, as a stranger runs them: as processes, to their end or to Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rempart.cli import run_line
from rempart.cli.demo_state import (
    Made,
    NotOursError,
    begin_anew,
    claim_folder,
    read_made,
    settings_for,
)
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.processes import free_port

REMPART = [sys.executable, "-c", "from rempart.cli import main; main()"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for base in (tmp_path / ".run", tmp_path / ".demo"):
        if EmbeddedPostgres.is_made(base):
            EmbeddedPostgres(base).erase()


def environ(**more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("REMPART_")}
    return plain | {"COLUMNS": "100", "LC_ALL": "C.UTF-8"} | more


def processes_about(folder: Path) -> list[str]:
    """Command lines that name the folder, or of processes that work in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            about = str(folder) in line or (entry / "cwd").readlink().is_relative_to(folder)
        except OSError:
            continue
        if about and line:
            found.append(line)
    return found


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "waited too long"
        time.sleep(0.1)


@pytest.mark.slow
def test_the_demonstration_from_end_to_end(place: Path) -> None:
    done = subprocess.run(
        [*REMPART, "demo", "--json", "--lang", "fr"],
        cwd=place,
        env=environ(),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    # 1. One JSON object, with the keys that scripts rely on.
    found = json.loads(done.stdout)
    assert set(found) == {
        "answer", "stolen_account", "baselines", "payment", "journal", "budgets", "seconds"
    }  # fmt: skip
    assert (found["answer"]["outcome"], bool(found["answer"]["engagement"])) == ("covered", True)

    # 2. The thief: everybody behind the limits of others, a handful behind these.
    stolen, baselines = found["stolen_account"], found["baselines"]
    assert stolen["asked"] == 5_000
    assert 0 < stolen["new_to_it"] <= stolen["people_exposed"] <= 15 + 24
    assert stolen["new_to_it"] <= stolen["bound_30_days"] < 300
    assert set(baselines) == {"B0", "B1", "B3"}
    assert len({one["people_exposed"] for one in baselines.values()}) == 1
    assert baselines["B0"]["people_exposed"] > 4_700
    assert baselines["B1"]["hours"] == pytest.approx((5_000 - 60) / 3_600, abs=0.05)

    # 3. The books agree, and again when they are read from outside.
    assert found["journal"]["ok"] is True
    assert found["budgets"]["ok"] is True
    # What was guaranteed before the theft was claimed and paid after it: 700 or 1400, by the plan.
    assert set(found["payment"].values()) in ({700}, {1_400})
    again = subprocess.run(
        [*REMPART, "journal", "verify", "--json"],
        cwd=place,
        env=environ(),
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert json.loads(again.stdout)["entries"] == found["journal"]["entries"]

    # 4. What a person reads went to the other stream, in French, in 100 columns.
    assert "Un voleur s’empare du logiciel" in done.stderr
    assert "L’avis de règlement" in done.stderr
    assert max(map(len, done.stderr.splitlines())) <= 100
    assert processes_about(place) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_the_demonstration_leaves_no_process(
    place: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [*REMPART, "demo"], cwd=place, env=environ(), stdout=subprocess.DEVNULL
    ) as demo:
        wait_for((place / ".demo" / "logs" / "edge.log").exists, 90)
        demo.send_signal(number)
        assert demo.wait(30) == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    wait_for(lambda: processes_about(place) == [], 10)


@pytest.mark.slow
def test_ctrl_c_ends_the_demonstration_in_the_midst_of_the_theft(place: Path) -> None:
    with subprocess.Popen(
        [*REMPART, "demo"], cwd=place, env=environ(), stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        for shown in demo.stdout:
            if shown.startswith("4. "):
                break
        time.sleep(0.3)
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()
        assert demo.wait(20) == 130
        # What stands at the end of that chapter was never shown.
        assert "next door" not in rest
    wait_for(lambda: processes_about(place) == [], 10)


@pytest.mark.slow
def test_serving_stops_at_ctrl_c_and_says_which_port_is_taken(place: Path) -> None:
    addresses = {
        "REMPART_PUBLIC_URL": f"http://localhost:{free_port()}",
        "REMPART_SIGNIN_URL": f"http://localhost:{free_port()}",
        "REMPART_INTAKE_URL": f"http://localhost:{free_port()}",
    }
    running = place / ".run" / "running.json"
    with subprocess.Popen(
        [*REMPART, "serve", "--empty"],
        cwd=place,
        env=environ(**addresses),
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        wait_for(running.exists, 90)
        second = subprocess.run(
            [*REMPART, "serve", "--empty"],
            cwd=place,
            env=environ(**addresses),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 4
        assert "is taken by another program" in second.stderr
        served.send_signal(signal.SIGINT)
        assert served.wait(90) == 0
        assert served.stdout is not None
        assert addresses["REMPART_PUBLIC_URL"] in served.stdout.read()
    assert not running.exists()
    wait_for(lambda: processes_about(place) == [], 10)


def test_a_port_in_use_is_named_before_anything_starts(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("REMPART_PUBLIC_URL", f"http://localhost:{port}")
        assert run_line(["serve"]) == 4
    assert f"port {port} is taken" in capsys.readouterr().err
    assert list(place.iterdir()) == []


def test_a_folder_that_no_demonstration_made_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / ".demo"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(NotOursError):
        begin_anew(mine)
    assert (mine / "thesis.txt").exists()


def test_a_folder_that_one_made_is_made_anew(tmp_path: Path) -> None:
    begin_anew(tmp_path / ".demo")
    (tmp_path / ".demo" / "left-over").touch()
    begin_anew(tmp_path / ".demo")
    assert not (tmp_path / ".demo" / "left-over").exists()


def test_invented_people_go_into_a_new_database_only(tmp_path: Path) -> None:
    assert claim_folder(tmp_path / "real", is_new=False) is False
    assert claim_folder(tmp_path / "new", is_new=True) is True
    assert claim_folder(tmp_path / "new", is_new=False) is True


def test_a_half_made_folder_holds_no_people_yet(tmp_path: Path) -> None:
    assert read_made(tmp_path) is None
    (tmp_path / "demonstration.json").write_text('{"seed": 1}')
    assert read_made(tmp_path) is None
    (tmp_path / "demonstration.json").write_text('{"seed": 1, "made_on": "2026-11-22"}')
    assert isinstance(read_made(tmp_path), Made)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    assert len(os.fsencode(settings_for(deep, 1, 2).blinding_socket)) <= 103
    assert settings_for(Path("/x"), 1, 2).blinding_socket == Path("/x/blinding.sock")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_cards_are_listed_without_a_server(
    lang: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_line(["demo", "cards", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert len(cards) >= 6
    assert set(cards[0]) == {
        "insurer", "member", "born", "rank", "domain", "scan", "expected_outcome"
    }  # fmt: skip
    assert len({card["expected_outcome"] for card in cards}) >= 4
    assert run_line(["demo", "cards", "--lang", lang]) == 0
    assert cards[0]["member"] in capsys.readouterr().out


def test_a_language_that_there_is_not_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_line(["demo", "cards", "--lang", "xx"]) == 2
    assert "fr or en" in capsys.readouterr().err
