"""The floors of coverage: a folder under its own ends the run, and what lacks is named."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("rights", "guard", "journal", "billing", "identity", "cli")


def measured(missing_lines: list[int], missing_branches: list[list[int]]) -> dict[str, Any]:
    lost = len(missing_lines), len(missing_branches)
    summary = {
        "num_statements": 20,
        "covered_lines": 20 - lost[0],
        "num_branches": 10,
        "covered_branches": 10 - lost[1],
    }
    found = {"missing_lines": missing_lines, "missing_branches": missing_branches}
    return {**found, "summary": summary}


def held(tmp_path: Path, **changed: dict[str, Any]) -> tuple[int, list[str]]:
    """Hold a made report against the floors: exit code and lines."""
    whole = {folder: measured([], []) for folder in FOLDERS} | changed
    files = {f"src/rempart/{folder}/part.py": file for folder, file in whole.items()}
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"files": files}))
    command = [sys.executable, "ci/floors.py", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_what_is_whole_passes(tmp_path: Path) -> None:
    code, lines = held(tmp_path)
    assert code == 0
    assert [line.split()[:3] for line in lines] == [
        [folder, "100.00", "%"] for folder in sorted(FOLDERS)
    ]


def test_a_folder_under_its_floor_fails_and_says_where(tmp_path: Path) -> None:
    lost = measured([4, 5, 6, 9], [[3, 4], [5, 8], [11, 14], [12, -10]])
    code, lines = held(tmp_path, billing=lost)
    assert code == 1
    assert [line for line in lines if line.startswith("src/")] == [
        "src/rempart/billing/part.py:4: never ran, to 6",
        "src/rempart/billing/part.py:9: never ran, to 9",
        "src/rempart/billing/part.py:11: never went on to line 14",
        "src/rempart/billing/part.py:12: never went on out of the function",
    ]
    assert lines[-1] == "Under the floor: billing"


@pytest.mark.parametrize("folder", ["rights", "guard", "journal", "billing", "identity"])
def test_what_decides_and_what_is_kept_lacks_not_one_branch(tmp_path: Path, folder: str) -> None:
    code, lines = held(tmp_path, **{folder: measured([], [[11, 14]])})
    assert (code, lines[-1]) == (1, f"Under the floor: {folder}")


@pytest.mark.parametrize(
    "folder",
    [
        *(".", "api", "cli", "database", "edge", "foundation", "intake", "portal", "registry"),
        "simulation",
    ],
)
def test_a_folder_that_reached_nine_tenths_keeps_them(tmp_path: Path, folder: str) -> None:
    code, lines = held(tmp_path, **{folder: measured([4, 5, 6], [])})
    assert (code, lines[-1].split()[0]) == (0, max(folder, *FOLDERS))
    code, lines = held(tmp_path, **{folder: measured([4, 5, 6, 7], [])})
    assert (code, lines[-1]) == (1, f"Under the floor: {folder}")


def test_a_folder_that_is_not_held_yet_is_told_with_what_it_lacks(tmp_path: Path) -> None:
    code, lines = held(tmp_path, newer=measured([4, 5], [[11, 14], [12, 15]]))
    assert (code, lines[5]) == (0, "newer         86.66 %   floor 90 %, not held yet")
    assert "src/rempart/newer/part.py:4: never ran, to 5" in lines


def test_a_folder_that_nothing_measured_fails(tmp_path: Path) -> None:
    whole = {f"src/rempart/{folder}/part.py": measured([], []) for folder in FOLDERS[1:]}
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"files": whole}))
    command = [sys.executable, "ci/floors.py", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "Nothing was measured in rights\n")
