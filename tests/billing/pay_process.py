"""Payment runs in processes that are killed at one of their steps: a line STEP MESSAGE for each.

MESSAGE: - makes files, a batch's name confirms it, +NAME and !NAME settle it (executed, never),
seal seals lines.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from rempart.billing import (
    payment,
    read_payer,
    seal_lines,
    settle_executed,
    settle_never_executed,
)
from rempart.foundation.database import Database, Row
from rempart.foundation.keyring import FileKeyring

_call, _replace = Database.call, Path.replace


async def run(words: list[str], step: int, message: str) -> int:
    """Run to the end, or to the step at which this process is killed; return how many there are."""
    conninfo, keyring, payer, folder = words[0], *map(Path, words[1:])
    seen = 0

    def reached() -> None:
        nonlocal seen
        seen += 1
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)

    async def call(self: Database, function: str, *args: object) -> list[Row]:
        # Just before a transaction, and just after its commit.
        reached()
        rows = await _call(self, function, *args)
        reached()
        return rows

    def replace(self: Path, target: Path) -> Path:
        reached()
        done = _replace(self, target)
        reached()
        return done

    database = await Database.open(conninfo, max_size=1)
    Database.call, Path.replace = call, replace  # type: ignore[method-assign,assignment]  # the places to be killed at
    private = FileKeyring.open(keyring).secret("payment")
    if message == "seal":
        await seal_lines(database)
    elif message == "-":
        await payment.pay(database, private, read_payer(payer), folder)
    elif message[0] in "+!":
        work = settle_executed if message[0] == "+" else settle_never_executed
        await work(database, folder, message[1:], "VU", "officer.one")
    else:
        await payment.confirm_batch(database, folder, message)
    await database.close()
    return seen


def main() -> None:
    for line in sys.stdin:
        step, message = line.split()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            seen = asyncio.run(run(sys.argv[1:], int(step), message))
            os.write(writing, str(seen).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        told = os.read(reading, 20).decode() or "0"
        os.close(reading)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {told}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
