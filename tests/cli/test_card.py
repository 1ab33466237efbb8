"""`rempart card`: figures for scripts, and wrong usage said in a sentence."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from rempart.cli import run_line

SOURCE = (
    "member_number,birth_date,birth_rank,plan,valid_from,valid_to,card_secret\n"
    "12345678,1985-05-17,1,FULL,2024-01-01,2099-12-31,\n"
)


def run(folder: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = run_line(["card", *words, "--insurer", "990001", "--json"])
    return code, json.loads(out.getvalue()), err.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An insurer's folder with one member."""
    (tmp_path / "members.csv").write_text(SOURCE)
    return tmp_path


def test_issue_and_reissue_print_figures(folder: Path) -> None:
    words = ("issue", "members.csv", "out.csv", "--series", "A", "--printer", "a.csv")
    for drawn in (1, 0):
        code, found, _ = run(folder, *words)
        assert code == 0
        assert set(found) == {"cards", "drawn", "refused", "seconds", "problems"}
        assert (found["cards"], found["drawn"], found["refused"]) == (1, drawn, 0)
    again = ("reissue", "out.csv", "out.csv", "--series", "A", "--printer", "b.csv")
    code, found, _ = run(folder, *again, "--new-series", "B")
    assert (code, found["cards"], found["drawn"]) == (0, 1, 1)
    code, found, said = run(folder, *again, "--new-series", "C")
    assert (code, found["cards"]) == (3, 0)
    assert "no card is of this series" in said


@pytest.mark.parametrize(
    "words",
    [
        "nowhere.csv out.csv --series A --printer a.csv",
        "members.csv no/out.csv --series A --printer a.csv",
        "members.csv out.csv --series A --printer no/a.csv",
        "members.csv out.csv --series A --printer .",
        "members.csv out.csv --series A --printer out.csv",
        "members.csv out.csv --series A --printer members.csv",
        "members.csv out.csv --series A/B --printer a.csv",
        "members.csv other.txt --series A --printer a.csv",
    ],
)
def test_wrong_usage_changes_nothing(folder: Path, words: str) -> None:
    (folder / "other.txt").write_text("a letter\n")
    code, found, said = run(folder, "issue", *words.split())
    assert code == 2
    assert found["error"]["kind"] == "bad_input"
    assert len(said.splitlines()) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["members.csv", "other.txt"]
    assert (folder / "members.csv").read_text() == SOURCE
    assert (folder / "other.txt").read_text() == "a letter\n"
