"""Steals an account of a demonstration, on its owner's order: one theft at a time, bounded."""

import asyncio
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

import structlog

from rempart.cli.demo_disclosed import check_books, read_disclosed
from rempart.cli.demo_practice import SOFTWARES
from rempart.cli.demo_state import SEED, make_people
from rempart.foundation.clock import SystemClock
from rempart.foundation.database import Database
from rempart.foundation.settings import Settings
from rempart.identity import DeskRefusal, issue_code, revoke_installation
from rempart.simulation.live_theft import LiveTheft, Plan, make_plan
from rempart.simulation.robbery import Loot
from rempart.simulation.software import Addresses, Software, enrol

_VENDOR: Final = "Logiciel volé"
_DOMAIN: Final = {profession: domains[0] for profession, domains in SOFTWARES.values()}

Phase = Literal["preparing", "running", "checking", "done", "failed"]

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger("rempart.stage")


@dataclass(slots=True)
class _Play:
    """One theft, from the order to the list."""

    rpps: str
    site: str
    domain: str
    phase: Phase = "preparing"
    since: datetime | None = None
    theft: LiveTheft | None = None
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Thefts:
    """The last theft that was ordered, and none beside it.

    `seconds` is how long one lasts, `size` how many invited people there are to draw the list from.
    """

    settings: Settings
    desk: Database
    journal: Database
    seconds: float
    size: int
    _plans: dict[str, Plan] = field(default_factory=dict)
    _play: _Play | None = None
    _task: asyncio.Task[None] | None = None

    def begin(self, rpps: str, site: str, profession: str) -> bool:
        """Begin to steal an account; False while another theft is under way."""
        if self._task is not None and not self._task.done():
            return False
        self._play = _Play(rpps, site, _DOMAIN.get(profession, "PHAR"))
        self._task = asyncio.create_task(self._steal(self._play))
        return True

    async def over(self) -> str | None:
        """Wait for the theft that is under way; its site, or None where it failed."""
        if self._task is None or self._play is None:
            return None
        await self._task
        return self._play.site if self._play.phase == "done" else None

    def watch(self, rpps: str, site: str) -> dict[str, Any]:
        """What the account's owner is shown of it; nothing of another account's."""
        play = self._play
        if play is None or (play.rpps, play.site) != (rpps, site):
            return {"phase": "none"}
        told: dict[str, Any] = {"phase": play.phase, "seconds": self.seconds, **play.report}
        if play.theft is not None:
            told |= {"listed": len(play.theft.plan.leaked), "curves": asdict(play.theft.seen())}
        return told

    async def _steal(self, play: _Play) -> None:
        try:
            await self._rob(play)
        except Exception as error:  # noqa: BLE001 - the page must be told, and the stage stay up
            _log.error("theft_failed", exc_info=error)
            play.phase = "failed"

    async def _rob(self, play: _Play) -> None:
        # 1 what the thief holds: a key that asks in this account's name, and a leaked list
        addresses = Addresses(self.settings.public_url, self.settings.signin_url)
        code = await issue_code(self.desk, play.site, [play.rpps], _VENDOR)
        if isinstance(code, DeskRefusal):
            raise TypeError(code.because)
        key = await asyncio.to_thread(enrol, code.code, addresses)
        loot = Loot((play.rpps,), play.site, play.domain)
        play.theft = LiveTheft(loot, await self.plan(play.domain))
        # 2 the theft, over HTTP like any software's questions
        play.since, play.phase = datetime.now(UTC), "running"
        with Software(key, addresses) as software:
            await asyncio.to_thread(play.theft.run, software)
        # 3 the key is dead, and the journal says what it had got
        play.phase = "checking"
        await revoke_installation(self.desk, key.client_id or "")
        play.report = await self._report(play, play.theft, play.since)
        play.phase = "done"

    async def _report(self, play: _Play, theft: LiveTheft, since: datetime) -> dict[str, Any]:
        found = await read_disclosed(self.journal, play.rpps, play.site, since, theft.receipts)
        return {
            "list": found.rows,
            "answered": dict(found.answered),
            "refused": found.refused,
            # Two who do not know each other: what the thief has, and what the journal says he has.
            "agrees": found.people == theft.exposed and len(found.rows) == len(theft.exposed),
            "books": await check_books(self.journal),
            "proof": {
                "account": {"professional": play.rpps, "site": play.site},
                "since": since.isoformat(),
                "entries": found.proof,
            },
        }

    async def plan(self, domain: str) -> Plan:
        """Whom the thief asks about in a domain of care, and what he would get elsewhere."""
        if domain not in self._plans:
            self._plans[domain] = await asyncio.to_thread(self._make_plan, domain)
        return self._plans[domain]

    def _make_plan(self, domain: str) -> Plan:
        people = make_people(self.settings.state_dir, SystemClock().today(), self.size)
        return make_plan(people, SEED, domain, self.seconds)
