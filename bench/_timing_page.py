"""Writes the table of docs/timing.md from what `rempart probe timing --json` says (standard input).

What the soak keeps (soak/results/timing.json) has the same shape.

With an argument: the commit that was measured, where it is not the one that is checked out.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._measuring import ROOT, commit, machine

PAGE = ROOT / "docs" / "timing.md"
SOAK_CALLS, MOST, SOAK_MOST = 50_000, 0.06, 0.02
"""The promise's figures: what is allowed, and at how many of a class less is."""

BEGIN, END = "<!-- gaps: made by bench/_timing_page.py -->\n", "<!-- end of gaps -->\n"


def table(found: dict[str, Any], at: str) -> str:
    """Say what was measured, where and when, then one row a pair, the widest gap first."""
    when = datetime.now(UTC).date().isoformat()
    most = SOAK_MOST if found["calls"] >= SOAK_CALLS else MOST
    gaps = [pair["gap"] for pair in found["pairs"]]
    floors = [floor["gap"] for floor in found["floors"]]
    measured = (
        f"{found['calls']:,} questions of each class, commit {at}, {when}, {machine()}."
        f" Widest of {len(gaps)} gaps: **{max(gaps):.3f}** ({most} is allowed); widest of a class"
        f" with itself, which is chance alone: {max(floors):.3f}."
        f" Told apart by status or bytes: {len(found['told_apart'])}."
    )
    lines = [measured, "", "| one class | another | gap |", "|---|---|--:|"]
    lines += [
        f"| {pair['a']} | {pair['b']} | {pair['gap']:.3f} |"
        for pair in sorted(found["pairs"], key=lambda pair: -pair["gap"])
    ]
    lines += ["", "| class | median, ms | gap with itself |", "|---|--:|--:|"]
    itself = {floor["a"]: floor["gap"] for floor in found["floors"]}
    lines += [
        f"| {name} | {median:.1f} | {itself[name]:.3f} |"
        for name, median in found["medians_ms"].items()
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Replace what stands between the two marks."""
    at = sys.argv[1] if sys.argv[1:] else commit()
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + table(json.load(sys.stdin), at) + END + after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
