"""The time of a claim at 100 claims a second, over HTTP, each on a guarantee of its own.

64 software clients have asked about people and hold an unused guarantee for each claim; the claims
are signed before the clock starts, and sent by the clock, whatever the answers do. Client, server
and database share the machine's cores.
"""

import asyncio
import secrets
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._clients import CLIENTS, Client, arrange, measured_platform, presign, question, signed
from bench._measuring import write
from bench._pacing import PACE, PACED, paced
from rempart.cli.demo_platform import Platform

GOAL_MS, ROUNDS = 50, 3
EACH = PACED // CLIENTS + 1
LINE = {"category": "PH7", "quantity": 1, "price_cents": 2000, "base_cents": 2000,
        "obligatory_cents": 1300}  # fmt: skip


def guaranteed(client: Client, platform: Platform) -> None:
    """Ask about as many people as there will be claims, and sign a claim for each."""
    presign(client, platform, 1)
    told = []
    for person in range(EACH):
        reply = client.software.ask(question(client, f"M{person}"))
        assert reply.outcome == "covered", reply
        claim = {"engagement": reply.body["engagement"], "reference": secrets.token_hex(8)}
        told.append({**claim, "lines": [LINE]})
    client.requests = signed(client, platform, "/v1/claims", told)


def main() -> int:
    """Measure, and write the result."""
    with ExitStack() as stack:
        platform, _ = stack.enter_context(measured_platform())
        clients = asyncio.run(arrange(platform))
        medians: list[float] = []
        tails: list[float] = []
        for _ in range(ROUNDS):
            for client in clients:
                guaranteed(client, platform)
            latencies = asyncio.run(paced(clients, platform))
            medians.append(latencies[len(latencies) // 2] * 1000)
            tails.append(latencies[int(len(latencies) * 0.99)] * 1000)
        for client in clients:
            client.software.close()
    detail: dict[str, object] = {
        "percentile": 99,
        "claims_per_s": PACE,
        "median_ms": round(statistics.median(medians), 1),
    }
    return write("claim_latency", "ms", tails, goal=GOAL_MS, floor=None, detail=detail)


if __name__ == "__main__":
    sys.exit(main())
