"""Seconds that an import of a million covers takes, and the memory of its process.

A server of its own that waits for its disk, the real blinding process, and `rempart feed import` as
a process of its own: the first feed of an insurer, then a second one in which a twentieth of the
people changed. The file is prepared before the clock starts. Another number of people may be given,
and of rounds.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._measuring import write
from rempart.database import install
from rempart.foundation.clock import SystemClock
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.keyring import FileKeyring
from rempart.registry import FeedKeys, prepare_feed
from rempart.rights.blinding import BlindingProcess

MILLION = 1_000_000
ROUNDS = 3
GOAL_S = 60.0
GOAL_MB = 500.0
AMC = "990001"
KEYS = FeedKeys(bytes(range(32)), bytes(range(32, 64)))
OUTER_KEYS = ("registry_index", "met_index", "card_index")


@contextmanager
def platform(folder: Path) -> Iterator[tuple[EmbeddedPostgres, FileKeyring, dict[str, str]]]:
    """Start a server and a blinding process; yield what an importer needs to find them."""
    keyring = FileKeyring.create(folder / "keyring")
    server = EmbeddedPostgres(folder / "server", keyring=keyring)
    server.start()
    try:
        dsn = server.dsn(server.superuser, keyring.ensure_password(server.superuser))
        asyncio.run(install(dsn, keyring))
        socket = folder / "b.sock"
        blinding = BlindingProcess.start(socket, [keyring.ensure(name) for name in OUTER_KEYS])
        info = psycopg.conninfo.conninfo_to_dict(dsn)
        settings = {
            "REMPART_STATE_DIR": str(folder / "state"),
            "REMPART_DATABASE_URL": f"postgresql:///{info['dbname']}"
            f"?host={quote(str(info['host']), safe='')}&port={info['port']}",
            "REMPART_KEYRING": str(keyring.path),
            "REMPART_BLINDING_SOCKET": str(socket),
        }
        try:
            yield server, keyring, settings
        finally:
            blinding.stop()
    finally:
        server.stop()
        server.erase()


def prepared(folder: Path, people: int, *, changed: bool) -> Path:
    """Make the feed of so many members; in the second, a twentieth end on another day."""
    source, out = folder / "members.csv", folder / f"members-{changed}.feed"
    with source.open("w") as file:
        file.write("member_number,birth_date,birth_rank,plan,valid_from,valid_to,card_secret\n")
        for number in range(people):
            last = "2098-12-31" if changed and number % 20 == 0 else "2099-12-31"
            file.write(
                f"{number:09},19{number % 90 + 10}-0{number % 9 + 1}-1{number % 10},1,FULL,"
                f"2024-01-01,{last},{number:016X}ABCD\n"
            )
    with source.open("rb") as file:
        today = SystemClock().today() + timedelta(1)
        done = prepare_feed(file, out, AMC, KEYS, today=today, on_problem=print)
    assert done.is_written
    return out


def imported(settings: dict[str, str], path: Path) -> dict[str, Any]:
    """Import one feed as an operator does; the figures that it prints."""
    done = subprocess.run(
        [Path(sys.executable).with_name("rempart"), "feed", "import", path, "--json"],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(done.stdout))


def main() -> int:
    """Measure, and write the result."""
    said = [int(word) for word in sys.argv[1:]]
    people, rounds = said + [MILLION, ROUNDS][len(said) :]
    first_s: list[float] = []
    second_s: list[float] = []
    peaks, loads = [], []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server, keyring, settings = stack.enter_context(platform(folder))
        feeds = [prepared(folder, people, changed=changed) for changed in (False, True)]
        dsn = server.dsn(server.superuser, keyring.ensure_password(server.superuser))
        owner = stack.enter_context(psycopg.connect(dsn, autocommit=True))
        owner.execute("select registry.add_insurer(%s, 'Mutuelle')", (AMC,))
        rules = json.dumps({"PHAR": {"mode": "direct", "rate_bp": 10000}})
        owner.execute("select registry.add_plan(%s, 'FULL', 'Tout', %s::jsonb)", (AMC, rules))
        for _ in range(rounds):
            owner.execute("truncate registry.coverage, registry.feed, registry.staged_coverage")
            owner.execute("checkpoint")
            loads.append(os.getloadavg()[0])
            for feed, taken in zip(feeds, (first_s, second_s), strict=True):
                began = time.monotonic()
                found = imported(settings, feed)
                taken.append(time.monotonic() - began)
                peaks.append(found["peak_mb"])
                assert found["accepted"] == found["after"] == people
    detail: dict[str, object] = {
        "people": people,
        "second_feed_s": [round(one, 1) for one in second_s],
        "peak_mb": max(peaks),
        "goal_peak_mb": GOAL_MB,
        "load_before": [round(one, 1) for one in loads],
    }
    return write("feed_million", "s", first_s, goal=GOAL_S, floor=None, detail=detail)


if __name__ == "__main__":
    sys.exit(main())
