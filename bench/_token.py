"""What blinding a question costs with keys in memory and in a token (SoftHSM), side by side.

`.venv/bin/python -m bench._token` prints the lines of the table in docs/blinding.md.
"""

import asyncio
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rempart.rights import BlindingClient, BlindingProcess, Purpose
from tests.support.soft_token import SoftToken, soft_token

_SIZES = {"one question": 3, "64 questions at once": 192, "a batch of a feed": 4096}
_SECONDS = 2.0


async def _measured(path: Path, items: int) -> float:
    """Return the median microseconds of one request of so many items, over the socket."""
    client = await BlindingClient.open(path)
    asked = [(Purpose(1 + at % 3), secrets.token_bytes(32)) for at in range(items)]
    took, give_up = [], time.perf_counter() + _SECONDS
    while time.perf_counter() < give_up:
        began = time.perf_counter()
        await client.blind(asked)
        took.append((time.perf_counter() - began) * 1e6)
    await client.close()
    return statistics.median(took)


def _run(folder: Path, keys: list[bytes], token: SoftToken | None) -> dict[str, float]:
    path = folder / "bench.sock"
    process = BlindingProcess.start(path, keys, token=token.uri() if token else None)
    try:
        return {name: round(asyncio.run(_measured(path, items))) for name, items in _SIZES.items()}
    finally:
        process.stop()


def main() -> None:
    """Measure both, in turns, twice."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        token = soft_token(folder)
        os.environ["SOFTHSM2_CONF"] = token.environ["SOFTHSM2_CONF"]
        token.command("hsm", "make")
        keys = [secrets.token_bytes(32) for _ in range(3)]
        found = [(_run(folder, keys, None), _run(folder, keys, token)) for _ in range(2)]
    finally:
        shutil.rmtree(folder)
    for name, items in _SIZES.items():
        memory = [one[name] for one, _ in found]
        inside = [two[name] for _, two in found]
        sys.stdout.write(f"| {name} | {items:,} | {min(memory):,} | {min(inside):,} |\n")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    )
    sys.stdout.write(json.dumps({"commit": commit.stdout.strip(), "runs": found}) + "\n")


if __name__ == "__main__":
    main()
