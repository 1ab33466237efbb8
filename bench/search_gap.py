"""How far the registry's search takes longer for one miss than for another, in microseconds.

`registry.match` alone, under the settings of the edge's role, one call a transaction, its time
taken by the server's clock within the call that calls it: misses of each class in rounds of one
each, each round in an order drawn. The figure is the widest distance between two classes' means,
each without its quickest twentieth and slowest tenth. A whole answer takes milliseconds: this sees
what `rempart probe timing` cannot.
"""

import asyncio
import random
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._clients import arrange, measured_platform, superuser
from bench._measuring import write
from rempart.foundation.clock import SystemClock

ROUNDS, CALLS, CARDS = 3, 5_000, 50
GOAL_US = 1.0
TIMED = """
create function pg_temp.timed(_insurer bigint, _index bytea, _evidence text, _domain text, _on date)
returns float8 language plpgsql as $$
declare
    _begun timestamptz := clock_timestamp();
    _ended timestamptz;
    _fits boolean;
begin
    _fits := (registry.match(_insurer, array[_index], array[_index], _evidence, _domain, _on)).fits;
    _ended := clock_timestamp();
    if _fits then
        raise exception 'it was to be a miss';
    end if;
    return extract(epoch from _ended - _begun) * 1e6;
end
$$
"""


@dataclass(frozen=True)
class Miss:
    """One class: whom it asks about, and how."""

    indexes: list[bytes]
    evidence: str
    domain: str
    on: date


def misses(owner: psycopg.Connection[Any], draw: random.Random) -> dict[str, Miss]:
    """Make the classes; an index stands for a card's hash too, and is no card's."""
    rows = owner.execute("select person_index from registry.coverage").fetchall()
    known = draw.sample([bytes(row[0]) for row in rows], CARDS)
    nobody = [draw.randbytes(32) for _ in range(CARDS)]
    today, before = SystemClock().today(), date(2019, 12, 31)
    return {
        "unknown": Miss(nobody, "typed", "PHAR", today),
        "ended": Miss(known, "typed", "PHAR", before),
        "domain_not_open": Miss(known, "typed", "HOSP", today),
        "scan_unknown": Miss(nobody, "scan", "PHAR", today),
        "scan_wrong_secret": Miss(known, "scan", "PHAR", today),
    }


def means(owner: psycopg.Connection[Any], draw: random.Random) -> dict[str, float]:
    """Return each class's mean, in microseconds."""
    row = owner.execute("select insurer_id from registry.insurer").fetchone()
    assert row is not None
    classes = misses(owner, draw)
    times: dict[str, list[float]] = {name: [] for name in classes}
    for _ in range(CALLS):
        for name in draw.sample(list(classes), len(classes)):
            miss = classes[name]
            told = (row[0], draw.choice(miss.indexes), miss.evidence, miss.domain, miss.on)
            took = owner.execute(
                "select pg_temp.timed(%s, %s, %s, %s, %s)", told, prepare=True
            ).fetchone()
            assert took is not None
            times[name].append(took[0])
    return {
        name: statistics.mean(sorted(values)[CALLS // 20 : CALLS * 9 // 10])
        for name, values in times.items()
    }


def main() -> int:
    """Measure, and write the result."""
    with ExitStack() as stack:
        platform, _ = stack.enter_context(measured_platform())
        for client in asyncio.run(arrange(platform)):
            client.software.close()
        owner = stack.enter_context(superuser(platform))
        owner.execute(
            "select set_config(split_part(s, '=', 1), substr(s, strpos(s, '=') + 1), false)"
            " from pg_roles, unnest(rolconfig) s where rolname = 'rempart_edge'"
        )
        owner.execute(TIMED.encode())
        found = [means(owner, random.Random(f"search gap {turn}")) for turn in range(ROUNDS)]
    detail: dict[str, object] = {
        f"{name}_us": round(statistics.median(one[name] for one in found), 1) for name in found[0]
    }
    widest = [max(one.values()) - min(one.values()) for one in found]
    return write("search_gap", "µs", widest, goal=GOAL_US, floor=None, detail=detail)


if __name__ == "__main__":
    sys.exit(main())
