"""Every command line ends with one of five codes, one sentence, and no value of its caller's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from rempart import cli
from rempart.cli import output, run_line
from rempart.foundation.errors import BadInputError, KeyMissingError, UnavailableError
from rempart.foundation.settings import SettingsError

ROOT = Path(__file__).resolve().parents[2]
PYTHON_PATH = os.pathsep.join([str(ROOT / "src"), *map(os.path.abspath, sys.path)])
CANARY = "283047512345678"


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command line whose command `act` raises what is put in this list."""
    raised: list[BaseException] = []
    app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)

    @app.command("act")
    def act(number: int = 0, as_json: output.Json = False) -> None:
        if raised:
            raise raised[0]
        output.emit({"ok": True}, as_json, lambda: typer.echo("done"))

    app.callback()(lambda: None)
    monkeypatch.setattr(cli, "command_line", lambda _: app)
    return raised


@pytest.mark.parametrize(
    "error,code,kind",
    [
        (BadInputError("--born", "is not a date"), 2, "bad_input"),
        (SettingsError("REMPART_X is unknown"), 2, "wrong_usage"),
        (output.RefusedError("not on this database"), 3, "refused"),
        (UnavailableError("the database cannot be reached"), 4, "unavailable"),
        (KeyMissingError("nonce"), 4, "unavailable"),
        (ValueError(f"bad {CANARY}"), 4, "fault"),
    ],
)
def test_each_kind_of_failure_has_its_code_and_sentence(
    fails: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    kind: str,
) -> None:
    fails.append(error)
    assert run_line(["act"]) == code
    plain = capsys.readouterr()
    assert plain.out == ""
    assert plain.err.count("\n") == 1
    assert run_line(["act", "--json"]) == code
    as_json = capsys.readouterr()
    told = json.loads(as_json.out)["error"]
    assert told["kind"] == kind
    assert told["text"] == plain.err.strip() == as_json.err.strip()
    assert told.get("field") == ("--born" if kind == "bad_input" else None)
    assert CANARY not in plain.err + as_json.out
    assert "Traceback" not in plain.err


def test_a_fault_is_placed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rempart.cli.config.TABLE", None)
    assert run_line(["config", "check"]) == 4
    said = capsys.readouterr().err
    assert "TypeError at rempart/cli/config.py:" in said
    assert "(check.<locals>.render)" in said


@pytest.mark.parametrize(
    "words,says",
    [
        (["act", "--number", CANARY + "x"], "--number cannot be understood"),
        (["act", "--number"], "see `rempart"),
        (["act", CANARY], "see `rempart act --help`"),
        ([CANARY], "see `rempart --help`"),
        (["act", f"--x{CANARY}"], "see `rempart act --help`"),
    ],
)
def test_a_wrong_line_is_not_repeated(
    fails: list[BaseException], capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert fails == []
    assert run_line([*words, "--json"]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert CANARY not in said.err + said.out
    assert json.loads(said.out)["error"]["kind"] == "wrong_usage"


def test_a_missing_option_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_line(["db", "url"]) == 2
    said = capsys.readouterr().err
    assert said == "wrong usage: --as is missing; see `rempart db url --help`\n"


def test_no_words_at_all_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_line([]) == 2
    assert "Commands:" in capsys.readouterr().err
    assert run_line(["--help"]) == 0
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_is_where_it_is_looked_for(name: str) -> None:
    found = typer.main.get_command(cli.command_line(name))
    assert isinstance(found, typer.core.TyperGroup)
    assert list(found.commands) == [name]


def test_a_command_waits_for_no_other() -> None:
    program = (
        "import sys; from rempart.cli import run_line; run_line(sys.argv[1:]); print(*sys.modules)"
    )
    words = [sys.executable, "-c", program, "config", "--help"]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "rempart.cli.config" in loaded
    assert loaded.isdisjoint({"rempart.cli.journal", "psycopg", "webauthn", "httpx"})


def test_ends_that_are_nobodys_fault(
    fails: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_line(["act"]) == 0
    assert capsys.readouterr().out == "done\n"
    for raised, code in (
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (typer.Exit(1), 1),
    ):
        fails[:] = [raised]
        assert run_line(["act"]) == code


def test_the_command_runs_as_a_program(tmp_path: Path) -> None:
    start = [sys.executable, "-c", "from rempart.cli import main; main()", "config", "check"]
    environment = {"PYTHONPATH": PYTHON_PATH, "PATH": "/usr/bin:/bin"}

    def run(**extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*start, "--json"],
            check=False,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment | extra,
        )

    done = run()
    assert done.returncode == 0
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["ok"] is True
    assert found["settings"]["state_dir"] == str(tmp_path / ".run")
    done = run(REMPART_LOG_LEVEL=CANARY)
    assert done.returncode == 2
    assert CANARY not in done.stdout + done.stderr
    # It looks, and makes nothing.
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves_is_no_fault(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            "/bin/sh",
            "-c",
            f"{sys.executable} -c 'from rempart.cli import main; main()' config check | true",
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": PYTHON_PATH, "PATH": "/usr/bin:/bin"},
    )
    assert "Traceback" not in done.stderr
