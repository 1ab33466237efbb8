"""How a figure is written down: what, of how much, on which machine, at which commit."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"


def machine() -> str:
    """Name the machine by what a figure depends on, its pace at a fixed piece of work included."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()},"
        f" five million additions in {additions():.2f} s"
    )


def additions() -> float:
    """Return the seconds that five million additions take in Python: least of three."""
    took = []
    for _ in range(3):
        begun, total = time.perf_counter(), 0
        for number in range(5_000_000):
            total += number
        took.append(time.perf_counter() - begun)
    return min(took)


def commit() -> str:
    """Return the commit, marked when something is not committed."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain") else "")


def write(
    name: str,
    unit: str,
    runs: Sequence[float],
    *,
    goal: float,
    floor: float | None,
    detail: dict[str, object],
) -> int:
    """Write bench/results/NAME.json, say the figure, and return 1 if it is under its floor.

    The figure is the median of the runs; the spread is between the least and the greatest.
    """
    figure = statistics.median(runs)
    kind = "ratio" if unit == "ratio" else "figure"
    result = {
        "name": name,
        kind: round(figure, 3),
        "unit": unit,
        "goal": goal,
        "floor": floor,
        "runs": [round(run, 3) for run in runs],
        "spread": round(max(runs) - min(runs), 3),
        "machine": machine(),
        "commit": commit(),
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **detail,
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    sys.stdout.write(f"{name}: {figure:.3g} {unit} (goal {goal}, floor {floor})\n")
    return 1 if floor is not None and figure < floor else 0
