"""Holds the coverage of a run against the floors, by folder, and says which lines fell short.

``ci/floors.py [REPORT]``; REPORT is what `coverage json` writes. Without it, the data of the last
`ci/test measured` is read. Exit 0: every folder in ``HELD`` reaches its floor.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
from collections import defaultdict
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = "src/rempart"
# What decides who learns what, and what is kept of it: every line and every branch. Percent.
STRICT = dict.fromkeys(("rights", "guard", "journal", "billing", "identity"), 100.0)
ELSEWHERE = 90.0
# The folders that were shown to reach their floor: from then on they may not fall back. One that is
# new is told with what it lacks until it does.
HELD = (
    *STRICT,
    *(".", "api", "cli", "database", "edge", "foundation", "intake", "portal", "registry"),
    "simulation",
)

Files = dict[str, dict[str, Any]]


def measured() -> Files:
    """Combine what every process of the run left, and return the report's files."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        for words in (["combine", "-q", "--keep"], ["json", "-q", "-o", str(report)]):
            command = [sys.executable, "-m", "coverage", *words]
            done = subprocess.run(command, cwd=ROOT, check=False)
            if done.returncode:
                sys.exit("The run left nothing to measure: `ci/test measured` first.")
        return read(report)


def read(report: pathlib.Path) -> Files:
    """Read the files of a report of `coverage json`."""
    files: Files = json.loads(report.read_text())["files"]
    return files


def by_folder(files: Files) -> dict[str, Files]:
    """Sort the files by the folder that they are in; those beside the folders are under ``.``."""
    folders: dict[str, Files] = defaultdict(dict)
    for name, file in files.items():
        inside = pathlib.PurePath(name).relative_to(PACKAGE)
        folders[inside.parts[0] if len(inside.parts) > 1 else "."][name] = file
    return folders


def percent(files: Files) -> float:
    """Lines and branches that ran, of all that there are."""
    sums = [file["summary"] for file in files.values()]
    whole = sum(s["num_statements"] + s["num_branches"] for s in sums)
    return 100 * sum(s["covered_lines"] + s["covered_branches"] for s in sums) / (whole or 1)


def misses(name: str, file: dict[str, Any]) -> list[str]:
    """Each run of lines that never ran, and each branch that was never taken, as ``file:line``."""
    lines = sorted(file["missing_lines"])
    found = []
    for first in (line for line in lines if line - 1 not in lines):
        last = next(line for line in range(first, lines[-1] + 1) if line + 1 not in lines)
        found.append((first, f"{name}:{first}: never ran, to {last}"))
    for start, end in file["missing_branches"]:
        # A branch to or from a line that never ran is told by the line already.
        if start not in lines and end not in lines:
            where = f"to line {end}" if end > 0 else "out of the function"
            found.append((start, f"{name}:{start}: never went on {where}"))
    return [text for _, text in sorted(found)]


def main(report: str | None = None) -> int:
    """Print the figures, then what falls short; 1 when a folder that is held is under its floor."""
    folders = by_folder(measured() if report is None else read(pathlib.Path(report)))
    if lost := STRICT.keys() - folders.keys():
        print("Nothing was measured in", ", ".join(sorted(lost)))
        return 1
    lacking, under = [], []
    for folder, files in sorted(folders.items()):
        reached, floor = percent(files), STRICT.get(folder, ELSEWHERE)
        # Cut, never rounded: 99.99 is not 100.
        until = "" if folder in HELD else ", not held yet"
        print(f"{folder:12} {int(reached * 100) / 100:6.2f} %   floor {floor:g} %{until}")
        if reached < floor:
            lacking += [text for name, file in sorted(files.items()) for text in misses(name, file)]
            under += [folder] if folder in HELD else []
    for text in lacking:
        print(text)
    if under:
        print("Under the floor:", ", ".join(under))
    return 1 if under else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
