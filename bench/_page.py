"""Writes the tables of docs/performance.md and of the README: no figure there is typed by hand."""

import json
import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PAGE, README = ROOT / "docs" / "performance.md", ROOT / "README.md"
BEGIN, END = "<!-- figures: made by `make bench` -->\n", "<!-- end of figures -->\n"
HEAD = (
    "| figure | reached (median of runs) | runs | goal | floor | machine | commit, when |\n"
    "|---|--:|---|--:|--:|---|---|\n"
)
WHAT = {
    "rights_pace": "answers over HTTP, 64 clients, token and proof checked, each on record durably",
    "rights_pace_postgresql": "the same question put to PostgreSQL alone, one a transaction",
    "rights_question": "the first of these beside the second, in the same minutes",
    "rights_latency": "time of an answer at 100 questions a second, 99th percentile",
    "claim_latency": "time of a claim at 100 claims a second, 99th percentile",
    "counter_answer": "an answer on the screen of a real browser, from the key that leaves the last"
    " field, 95th percentile",
    "counter_hands": "a counter changes hands, one touch, 95th percentile",
    "portal_page": "the slowest page of the portal, over HTTP, 95th percentile",
    "feed_million": "a feed of one million people taken in",
}
"""What a figure means to who reads the README, and in which order."""
PART = dict.fromkeys(("rights_pace", "rights_pace_postgresql", "rights_latency"), "rights_question")
PART |= dict.fromkeys(("counter_answer", "counter_hands", "portal_page"), "counter")
"""The script that makes a figure, where it is not called as the figure."""
_KNOWN = {
    "name", "ratio", "figure", "unit", "goal", "floor", "runs", "spread", "machine", "commit",
    "taken_at",
}  # fmt: skip
_FIRST_ROW = re.compile(r"\| `(\w+)` \| ([^|]+) \|[^|]*\| ([^|]+) \| ([^|]+) \|")


def said(value: object) -> str:
    """Write a value in words; of a measured number three digits, which is what it is worth."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {said(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(said(one) for one in value)
    if isinstance(value, float) and value:
        whole, _, part = f"{value:,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}".partition(
            "."
        )
        return f"{whole}.{kept}" if (kept := part.rstrip("0")) else whole
    return f"{value:,}" if isinstance(value, int) else str(value)


def block(told: dict[str, Any]) -> str:
    """Return the rows of one result: the figure, then what else it tells."""
    reached = told.get("ratio", told.get("figure"))
    first = (
        f"| `{told['name']}` | {said(reached)} {told['unit']} | {said(told['runs'])} |"
        f" {said(told['goal'])} | {said(told['floor'])} | {told['machine']} |"
        f" {told['commit']}, {told['taken_at'][:10]} |\n"
    )
    return first + "".join(
        f"| {key.replace('_', ' ')} | {said(value)} | | | | | |\n"
        for key, value in told.items()
        if key not in _KNOWN
    )


def blocks_of(page: str) -> dict[str, str]:
    """Return the blocks that stand in a page, by the name of their figure."""
    between = page.partition(BEGIN)[2].partition(END)[0].removeprefix(HEAD)
    parts = re.split(r"(?m)^(?=\| `)", between)
    return {found[1]: part for part in parts if (found := _FIRST_ROW.match(part))}


def summary(blocks: dict[str, str]) -> str:
    """Return the README's table, made of the same rows."""
    rows = []
    for name, what in WHAT.items():
        if found := _FIRST_ROW.match(blocks.get(name, "")):
            _, reached, goal, floor = found.groups()
            aim = goal if floor == said(None) else f"{goal}, at least {floor}"
            part = PART.get(name, name)
            rows.append(f"| {what} | {reached} | {aim} | `make bench PART={part}` |\n")
    return "| what | reached | goal | made by |\n|---|--:|--:|---|\n" + "".join(rows)


def put(path: Path, rows: str) -> None:
    """Replace what stands between the two marks of a page."""
    before, _, rest = path.read_text().partition(BEGIN)
    path.write_text(before + BEGIN + rows + END + rest.partition(END)[2])


def main() -> int:
    """Take in what bench/results holds; a figure that was not measured again stays as it is."""
    results = [json.loads(path.read_text()) for path in RESULTS.glob("*.json")]
    blocks = blocks_of(PAGE.read_text()) | {told["name"]: block(told) for told in results}
    put(PAGE, HEAD + "".join(blocks[name] for name in sorted(blocks)))
    put(README, summary(blocks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
