"""An insurer that has lines sealed to it: its folder of keys, and what it opens."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.asking import INSURER, Site, one
from tests.support.claiming import claimed, guarantee
from tests.support.command_line import Told
from tests.support.paying import Desk

DAYS = ("--from", "2020-01-01", "--to", "2099-12-31")


@dataclass
class Insurer:
    """The insurer of tests/support/asking.py, on its own premises."""

    told: Told
    folder: Path
    exports: int = 0
    opening: dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def pair(self) -> dict[str, Any]:
        return self.told("lines", "keys", "--insurer", INSURER, "--out", str(self.keys))

    def trusted(self, code: int = 0, **changed: str) -> dict[str, Any]:
        """Make a pair and have it stated; ``changed`` words take the place of the good ones."""
        made = self.pair()
        words = {"insurer": INSURER, "public": made["public_key"], "by": "officer.one"}
        words |= {"fingerprint": made["fingerprint"]} | changed
        line = [part for name, word in words.items() for part in (f"--{name}", word)]
        return made | self.told("lines", "trust", *line, code=code)

    def opened(self, code: int = 0) -> dict[str, list[tuple[str, ...]]]:
        """Export everything, open it, and return each claim's lines as they stand in the CSV."""
        self.exports += 1
        file = self.folder / f"{self.exports}.jsonl"
        clear = self.folder / f"{self.exports}.csv"
        self.told("lines", "export", str(file), "--insurer", INSURER, *DAYS)
        self.opening = self.told(
            "lines", "open", str(file), str(clear), "--insurer", INSURER,
            "--keys", str(self.keys), code=code,
        )  # fmt: skip
        found: dict[str, list[tuple[str, ...]]] = {}
        with clear.open(newline="") as text:
            for row in list(csv.reader(text))[1:]:
                found.setdefault(row[0], []).append(tuple(row[1:]))
        return found


def paid(site: Site, desk: Desk, *people: str) -> list[bytes]:
    """Claim for people and pay; the claims."""
    claims = [claimed(site, guarantee(site, person))["claim_id"] for person in people]
    for batch in desk.run():
        desk.told("pay", "confirm", batch["batch"])
    return claims


def of_claim(site: Site, claim: bytes) -> tuple[int, int]:
    """How many clear lines a claim has, and how many sealed messages."""
    row = one(
        site.db.owner,
        "select (select count(*) from billing.claim_line where claim_id = %s) as clear,"
        " (select count(*) from billing.sealed_lines where claim_id = %s) as sealed",
        claim,
        claim,
    )
    return row["clear"], row["sealed"]
