"""Writes the table of docs/performance.md from bench/results: no figure there is typed by hand."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: made by `make bench` -->\n", "<!-- end of figures -->\n"


def table() -> str:
    """One row a result, in the order of their names."""
    lines = [
        "| figure | reached (median of runs) | runs | goal | floor | machine | commit, when |",
        "|---|--:|---|--:|--:|---|---|",
    ]
    for path in sorted((ROOT / "bench" / "results").glob("*.json")):
        told = json.loads(path.read_text())
        value = told.get("ratio", told.get("figure"))
        runs = ", ".join(str(run) for run in told["runs"])
        lines.append(
            f"| `{told['name']}` | {value} {told['unit']} | {runs} | {told['goal']} |"
            f" {told['floor']} | {told['machine']} | {told['commit']}, {told['taken_at'][:10]} |"
        )
        known = {
            "name", "ratio", "figure", "unit", "goal", "floor", "runs", "spread", "machine",
            "commit", "taken_at",
        }  # fmt: skip
        lines += [
            f"| {key.replace('_', ' ')} | {json.dumps(value)} | | | | | |"
            for key, value in told.items()
            if key not in known
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Replace what stands between the two marks."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + table() + END + after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
