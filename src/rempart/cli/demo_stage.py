"""The stage of a demonstration: lends a pharmacy, robs it on order; its own process and socket."""

import argparse
import asyncio
import contextlib
import os
import sys
from typing import Any

import msgspec

from rempart.cli.demo_pharmacy import Pharmacy
from rempart.cli.demo_state import PEOPLE
from rempart.cli.demo_theft import Thefts
from rempart.foundation.database import Database
from rempart.foundation.demonstration import Demonstration
from rempart.foundation.logs import configure
from rempart.foundation.settings import Settings
from rempart.simulation.stage import Order, stage_socket

_LONGEST_ORDER = 1_000
_PATIENCE_S = 5.0


class _Stage:
    """Answers one order a connection, each a line of JSON."""

    def __init__(self, pharmacy: Pharmacy, thefts: Thefts) -> None:
        self._pharmacy = pharmacy
        self._thefts = thefts
        self._after: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer, and close; whoever says something else is not answered."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                order = msgspec.json.decode(await reader.readuntil(b"\n"), type=Order)
            writer.write(msgspec.json.encode(self._answer(order)) + b"\n")
            await writer.drain()
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError, msgspec.MsgspecError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _answer(self, order: Order) -> dict[str, Any]:
        if order.do == "show":
            return self._pharmacy.shown()
        if order.do == "watch":
            return self._thefts.watch(order.rpps, order.site)
        has_begun = self._thefts.begin(order.rpps, order.site, order.profession)
        if has_begun:
            after = asyncio.create_task(self._lend_another())
            self._after.add(after)
            after.add_done_callback(self._after.discard)
        return {"begun": has_begun}

    async def _lend_another(self) -> None:
        site = await self._thefts.over()
        if site is not None:
            await self._pharmacy.is_robbed(site)


async def play(settings: Settings, logins: list[str], seconds: float, people: int) -> None:
    """Serve orders until cancelled; logins are the desk's and the journal's."""
    desk = await Database.open(logins[0], max_size=1, application_name="rempart stage")
    patient = {"statement_timeout": "0"}
    journal = await Database.open(
        logins[1], max_size=1, application_name="rempart stage", settings=patient
    )
    if not await Demonstration(desk).is_marked():
        raise SystemExit("stage: this database is not a demonstration's")
    pharmacy = Pharmacy(settings, desk)
    await pharmacy.lend()
    thefts = Thefts(settings, desk, journal, seconds, people)
    stage = _Stage(pharmacy, thefts)
    path = stage_socket(settings.blinding_socket)
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(stage.serve, path, limit=_LONGEST_ORDER)
    finally:
        os.umask(before)
    sys.stdout.write('{"ready": true}\n')
    sys.stdout.flush()
    # The pharmacists' list is made ahead: whoever presses the button need not wait for it.
    ahead = asyncio.create_task(thefts.plan("PHAR"))
    async with server:
        await ahead
        await server.serve_forever()


def main() -> None:
    """Read two logins from standard input, the desk's and the journal's; serve until ended."""
    parser = argparse.ArgumentParser(description="Plays what a demonstration's pages show.")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long a theft lasts")
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many were invented")
    given = parser.parse_args()
    settings = Settings.load()
    configure(settings.log_level)
    logins = sys.stdin.read().splitlines()
    asyncio.run(play(settings, logins, given.seconds, given.people))


if __name__ == "__main__":  # pragma: no cover - started as a process
    main()
