"""The worked examples of docs/money.md, as the vectors say them."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CASES: list[dict[str, Any]] = json.loads((ROOT / "vectors/money.json").read_text())["cases"]
_HEAD = (
    "| example | the guarantee | rules of categories | lines | promised |\n|---|---|---|---|---|"
)


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _terms(rule: dict[str, Any], each: str) -> str:
    told = []
    if rule["rate_bp"] is not None:
        told.append(f"{rule['rate_bp'] / 100:g} %")
    if rule["amount_cents"] is not None:
        told.append(f"{euros(rule['amount_cents'])} fixed{each}")
    if rule["ceiling_cents"] is not None:
        told.append(f"at most {euros(rule['ceiling_cents'])}{each}")
    return ", ".join(told) or "nothing"


def _line(line: dict[str, Any]) -> str:
    count = f"{line['quantity']} × " if line["quantity"] > 1 else ""
    amounts = (euros(line[f"{part}_cents"]) for part in ("price", "base", "obligatory"))
    return f"{count}{line['category']} {' / '.join(amounts)}"


def table() -> str:
    """Write the table of worked examples; lines are price / base / obligatory part, in euros."""
    rows = [
        "| "
        + " | ".join(
            (
                case["name"],
                _terms(case["guarantee"], ""),
                "; ".join(f"{r['category']}: {_terms(r, ' a unit')}" for r in case["rules"]),
                "; ".join(_line(line) for line in case["lines"]),
                "; ".join(euros(cents) for cents in case["amounts"]),
            )
        )
        + " |"
        for case in CASES
    ]
    return "\n".join([_HEAD, *rows])
