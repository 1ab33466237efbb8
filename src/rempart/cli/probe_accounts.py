"""The probe's own accounts on a demonstration: opened with caps of their own, then closed."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from rempart.cli.output import RefusedError
from rempart.foundation.database import Database
from rempart.foundation.errors import MisuseError
from rempart.foundation.reach import Reached
from rempart.guard import widen_caps
from rempart.identity import (
    Account,
    ClientKey,
    DeskRefusal,
    add_professional,
    add_site,
    close_account,
    issue_code,
    open_account,
    revoke_installation,
)
from rempart.simulation.professionals import luhn_digit
from rempart.simulation.software import Addresses, Software, enrol
from rempart.simulation.timing_probe import Asking

_INSTALLATION, _ACCOUNT, _PROFESSIONAL, _SITE = 1, 2, 3, 4

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Trade:
    """What the probe's accounts ask about: a profession, one of its domains, a care date."""

    profession: str
    domain: str
    on: date


@asynccontextmanager
async def probe_askings(
    reached: Reached, addresses: Addresses, trade: Trade, questions: int, people: int
) -> AsyncIterator[tuple[Asking, Asking]]:
    """Open two accounts, each at a site of its own, for as long as the block runs.

    Both may ask so many questions; the first about so many people new to it, the second about
    none: its budgets are empty. Raises `RefusedError` on a database that is not a demonstration's.
    """
    async with (
        await Database.open(reached.conninfo("rempart_desk"), max_size=1) as desk,
        AsyncExitStack() as stack,
    ):
        rich, poor = [
            await stack.enter_async_context(
                _asking(reached, addresses, desk, trade, (questions, new))
            )
            for new in (people, 0)
        ]
        yield rich, poor


@asynccontextmanager
async def _asking(
    reached: Reached, addresses: Addresses, desk: Database, trade: Trade, caps: tuple[int, int]
) -> AsyncIterator[Asking]:
    rpps, site = _number("997", 7), _number("99", 6)
    _granted(await add_professional(desk, rpps, trade.profession))
    _granted(await add_site(desk, site, "Sonde"))
    account = _granted(await open_account(desk, rpps, site))
    code = _granted(await issue_code(desk, site, [rpps], "sonde"))
    key = enrol(code.code, addresses)
    try:
        await _widen(reached, desk, account, key, caps)
        with Software(key, addresses) as software:
            yield Asking(software, rpps, site, trade.domain, trade.on)
    finally:
        await revoke_installation(desk, key.client_id or "")
        await close_account(desk, rpps, site)


async def _widen(
    reached: Reached, desk: Database, account: Account, key: ClientKey, caps: tuple[int, int]
) -> None:
    keys = (
        (_INSTALLATION, await _installation_id(reached, key)),
        (_ACCOUNT, account.account_id),
        (_PROFESSIONAL, account.professional_id),
        (_SITE, account.site_id),
    )
    try:
        for kind, number in keys:
            await widen_caps(desk, kind, number, questions=caps[0], people=caps[1])
    except MisuseError as error:
        raise RefusedError("the probe asks past every cap: on a demonstration only") from error


async def _installation_id(reached: Reached, key: ClientKey) -> int:
    async with await Database.open(reached.conninfo("rempart_signin"), max_size=1) as signin:
        rows = await signin.call("identity.installation_key", key.client_id)
    return int(rows[0]["installation_id"])


def _number(prefix: str, drawn: int) -> str:
    body = prefix + "".join(random.SystemRandom().choices("0123456789", k=drawn))
    return body + luhn_digit(body)


def _granted(outcome: _T | DeskRefusal) -> _T:
    if isinstance(outcome, DeskRefusal):
        raise RefusedError(f"the probe's own account was refused: {outcome.because}")
    return outcome
