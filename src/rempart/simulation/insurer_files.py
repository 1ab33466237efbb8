"""Writes what an insurer's own system would hand to `rempart feed prepare`: one file of covers."""

import csv
from pathlib import Path

from rempart.simulation.population import Population

COLUMNS = (
    "member_number",
    "birth_date",
    "birth_rank",
    "plan",
    "valid_from",
    "valid_to",
    "card_secret",
    "cover_rank",
)


def write_insurer_file(population: Population, insurer: str, path: Path) -> int:
    """Write the covers of one insurer as CSV (docs/feed.md); return how many there are."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for cover in population.covers_of(insurer):
            person = cover.person
            writer.writerow(
                (
                    person.member_number,
                    person.birth_date.isoformat(),
                    person.birth_rank,
                    cover.plan,
                    cover.valid_from.isoformat(),
                    cover.valid_to.isoformat(),
                    cover.card_secret,
                    cover.cover_rank,
                )
            )
            count += 1
    return count
