"""Writes vectors/lines.json: lines of claims, and the messages that they are sealed in.

Usage: python vectors/make_lines.py > vectors/lines.json. Keys and messages are drawn anew each
time; what is sealed is the same, and a test checks it.
"""

import json
import sys
from dataclasses import asdict
from datetime import date

from rempart.billing import Line
from rempart.billing.line_format import bound_to, write_lines
from rempart.billing.line_keys import fingerprint_of
from rempart.foundation.sealing import make_pair, seal

CASES = (
    ("one line", "990001", "2027-03-01", (Line("PH7", 1, 2000, 2000, 1300),)),
    (
        "three lines, the largest amounts",
        "12AB34",
        "2028-02-29",
        (
            Line("MONTURE", 1, 9000, 5, 3),
            Line("AIDE_AUDITIVE", 999, 10_000_000, 10_000_000, 10_000_000),
            Line("VERRE", 2, 0, 0, 0),
        ),
    ),
    (
        "as many lines as there can be",
        "990001",
        "2026-12-31",
        tuple(Line("FORFAIT_JOURNALIER", place, place * 100, place, 0) for place in range(1, 41)),
    ),
)


def case(number: int) -> dict[str, object]:
    """Seal one of the cases to a pair of its own."""
    name, insurer, day, lines = CASES[number]
    claim = bytes([number]) * 16
    private, public = make_pair()
    key = fingerprint_of(public)
    bound, plain = bound_to(insurer, claim, key), write_lines(date.fromisoformat(day), lines)
    return {
        "name": name,
        "insurer": insurer,
        "claim": claim.hex(),
        "private": private.hex(),
        "public": public.hex(),
        "key": key.hex(),
        "made_on": day,
        "lines": [asdict(line) for line in lines],
        "bound_to": bound,
        "plain": plain.hex(),
        "sealed": seal(public, bound, plain).hex(),
    }


def main() -> None:
    """Print the file."""
    told = {"cases": [case(number) for number in range(len(CASES))]}
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
