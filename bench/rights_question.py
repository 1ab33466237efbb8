"""Answers a second over HTTP beside what PostgreSQL alone does for the same question.

One run measures both in turn on one machine, three times: pgbench calls rights.ask and
rights.collect with one question a transaction and every charge on, by as many connections as do
best (of 4, 16 and 64, found out first); then 64 software clients ask over HTTP, token and proof
checked, entry durable. Proofs are signed before the clock starts. The ratio is what is left of
PostgreSQL's pace once HTTP, proofs and blinding are paid for; batching may bring it above one. Then
100 questions a second by the clock, whatever the answers do, for the time of one; and one question
after another, alone, for where its microseconds go. Client and server share the cores; what each
process, the load included, spends on a question of the last round is told too.
"""

import asyncio
import json
import secrets
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._clients import (
    AMC,
    CLIENTS,
    PEOPLE,
    Client,
    arrange,
    measured_platform,
    presign,
    question,
    superuser,
)
from bench._measuring import write
from bench._pacing import PACE, PACED, paced
from bench._spent import each, spent
from bench._steps import steps
from rempart.cli.demo_platform import Platform
from rempart.foundation.clock import SystemClock

ROUNDS = 3
PGBENCH_S = 8
CONNECTIONS = (4, 16, 64)
LATENCY_GOAL_MS = 30
GOAL, FLOOR = 0.6, 0.35


async def drive(client: Client, port: int, latencies: list[float]) -> None:
    """Send a client's requests one after another on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in client.requests or ():
        begun = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head[:60]
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        latencies.append(time.perf_counter() - begun)
        assert b'"outcome":"covered"' in body
    writer.close()


async def over_http(clients: list[Client], platform: Platform) -> tuple[float, list[float]]:
    """Return answers a second with all clients at once, and the time of each."""
    port = urlsplit(platform.addresses.public_url).port or 0
    latencies: list[float] = []
    begun = time.perf_counter()
    await asyncio.gather(*(drive(client, port, latencies) for client in clients))
    return len(latencies) / (time.perf_counter() - begun), sorted(latencies)


async def alone(client: Client, platform: Platform) -> dict[str, int]:
    """Time one question after another, by step and over HTTP; medians in microseconds."""
    sender, token = client.software._sender, client.token  # noqa: SLF001 - the load is made of what it would send
    url = f"{platform.addresses.public_url}/v1/rights-questions"
    found = await steps(
        platform, url, token, sender.key.jkt,
        lambda body: sender.key.proof("POST", url, body, token, secrets.token_urlsafe(16)),
        lambda: question(client, f"M{secrets.randbelow(PEOPLE)}"),
    )  # fmt: skip
    latencies: list[float] = []
    await drive(client, urlsplit(url).port or 0, latencies)
    whole = round(sorted(latencies)[len(latencies) // 2] * 1e6)
    found["HTTP and what is around"] = whole - sum(found.values())
    return {"over HTTP, alone": whole, **found}


def pgbench(platform: Platform, clients: list[Client], folder: Path, connections: int) -> float:
    """Return questions a second that PostgreSQL answers to pgbench with so many connections."""
    today = SystemClock().today().isoformat()
    with superuser(platform) as owner:
        found = owner.execute("select encode(person_index, 'hex') from registry.coverage limit 50")
        indexes = [str(row[0]) for row in found]
    scripts = []
    for number, client in enumerate(clients):
        told = {
            "token": client.token, "jkt": "\\\\x" + client.software._sender.key.jkt.hex(),  # noqa: SLF001 - as above
            "proof": "\\\\x" + "00" * 700, "network": "127.0.0.1", "edge": "\\\\x" + "00" * 16,
            "boot": "\\\\x" + "00" * 16, "professional": client.rpps, "site": client.site,
            "insurer": AMC, "person_indexes": ["\\\\x" + indexes[number % len(indexes)]],
            "cards": ["\\\\x" + "00" * 32], "domain": "PHAR", "care_on": today, "evidence": "typed",
            "sameness": "\\\\x" + "00" * 32, "digest": "\\\\x" + "00" * 32,
        }  # fmt: skip
        fixed = json.dumps(told).replace("\\\\\\\\", "\\\\")
        script = folder / f"ask{number}.sql"
        script.write_text(PGBENCH.replace("FIXED", fixed))
        scripts += ["-f", str(script)]
    reached = platform.reached
    assert reached.embedded is not None
    done = subprocess.run(
        [
            reached.embedded.binary("pgbench"), "-n", "-M", "prepared", "-c", str(connections),
            "-j", "1", "-T", str(PGBENCH_S), *scripts, reached.url("rempart_edge"),
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout.split("tps = ")[1].split()[0])


PGBENCH = r"""
\set a random(1, 9000000000000000000)
\set b random(1, 9000000000000000000)
call rights.ask(jsonb_build_array('FIXED'::jsonb || jsonb_build_object(
  'attempt', '\x' || lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'),
  'asked', '\x' || lpad(to_hex(mod(:a::bigint, 2000)), 32, '0'),
  'proof_jti', to_hex(:a::bigint) || '-' || to_hex(:b::bigint),
  'reference', to_hex(:b::bigint) || '-' || to_hex(:a::bigint),
  'engagement_id', '\x' || rpad(lpad(to_hex(:b::bigint), 16, '0'), 32, '0'),
  'engagement_hash', '\x' || rpad(lpad(to_hex(:b::bigint), 16, '0'), 64, '0'))));
select outcome from rights.collect(jsonb_build_array('FIXED'::jsonb || jsonb_build_object(
  'attempt', '\x' || lpad(to_hex(:a::bigint), 16, '0') || lpad(to_hex(:b::bigint), 16, '0'))));
"""


@dataclass
class Found:
    """What the rounds gave, one element each."""

    https: list[float] = field(default_factory=list)
    direct: list[float] = field(default_factory=list)
    tails_ms: list[float] = field(default_factory=list)
    tried: dict[int, float] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)

    def round(self, platform: Platform, clients: list[Client], folder: Path) -> None:
        """Measure HTTP, then PostgreSQL with the connections that do best."""
        for client in clients:
            presign(client, platform)
        before = spent(platform)
        pace, latencies = asyncio.run(over_http(clients, platform))
        self.spent = each(before, spent(platform), len(latencies))
        if not self.tried:
            self.tried = {count: pgbench(platform, clients, folder, count) for count in CONNECTIONS}
        best = max(self.tried, key=lambda count: self.tried[count])
        self.https.append(pace)
        self.direct.append(pgbench(platform, clients, folder, best))
        self.tails_ms.append(latencies[int(len(latencies) * 0.99)] * 1000)
        sys.stderr.write(f"http {pace:.0f}/s, pgbench {self.direct[-1]:.0f}/s\n")


def main() -> int:
    """Measure, write the results, and fail under the floor."""
    found = Found()
    with ExitStack() as stack:
        platform, folder = stack.enter_context(measured_platform())
        clients = asyncio.run(arrange(platform))
        for _ in range(ROUNDS):
            found.round(platform, clients, folder)
        for client in clients:
            presign(client, platform, PACED // CLIENTS + 1)
        latencies = asyncio.run(paced(clients, platform))
        presign(clients[0], platform)
        steps_us = asyncio.run(alone(clients[0], platform))
        for client in clients:
            client.software.close()
    median, tail = (latencies[int(len(latencies) * part)] * 1000 for part in (0.5, 0.99))
    write(
        "rights_latency", "ms", [tail], goal=LATENCY_GOAL_MS, floor=None,
        detail={"percentile": 99, "questions_per_s": PACE, "median_ms": round(median, 1)},
    )  # fmt: skip
    paces = (("rights_pace", found.https, 1_000), ("rights_pace_postgresql", found.direct, 2_000))
    for name, runs, goal in paces:
        write(name, "a second", runs, goal=goal, floor=None, detail={})
    ratios = [http / direct for http, direct in zip(found.https, found.direct, strict=True)]
    detail: dict[str, object] = {
        "http_p99_ms_at_64": [round(value, 1) for value in found.tails_ms],
        "clients": CLIENTS,
        "pgbench_per_s_by_connections": {str(n): round(pace) for n, pace in found.tried.items()},
        "microseconds_of_one_question": steps_us,
        "processor_microseconds_of_one_question_by_process": found.spent,
    }
    return write("rights_question", "ratio", ratios, goal=GOAL, floor=FLOOR, detail=detail)


if __name__ == "__main__":
    sys.exit(main())
