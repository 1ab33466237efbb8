"""Puts the made-up professionals on record, and enrols the software of a few of their sites."""

import asyncio
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import TypeVar

from rempart.cli.demo_platform import Platform
from rempart.cli.output import RefusedError
from rempart.foundation.database import Database
from rempart.identity import (
    DeskRefusal,
    add_professional,
    add_site,
    issue_code,
    open_account,
)
from rempart.simulation.installation import Installation
from rempart.simulation.professionals import Practice, Site
from rempart.simulation.software import Addresses, enrol

_CONNECTIONS = 4
_VENDOR = "Logiciel inventé"
# The softwares of a try-out: what `--as` calls them, whose they are, what those may ask about.
SOFTWARES = {
    "pharmacy": ("pharmacien", ("PHAR",)),
    "doctor": ("medecin", ("MED",)),
    "laboratory": ("biologiste", ("LABO",)),
    "optician": ("opticien", ("OPTI",)),
    "hearing": ("audioprothesiste", ("AUDI",)),
    "dentist": ("chirurgien_dentiste", ("DESO", "DEPR")),
    "nurse": ("infirmier", ("AUXM",)),
    "clinic": ("hospitalier", ("HOSP",)),
}
ROBBED = "robbed-pharmacy"
"""The software that the demonstration's thief takes over; it asks as any pharmacy does."""

_T = TypeVar("_T")


def installations_folder(state_dir: Path) -> Path:
    """Where the softwares of a try-out keep their keys."""
    return state_dir / "softwares"


async def open_practice(platform: Platform, practice: Practice) -> None:
    """Put every professional, site and account on record, as the desk would."""
    async with await _desk(platform) as desk:
        await _all(
            _granted(add_professional(desk, who.rpps, who.profession))
            for who in practice.professionals
        )
        await _all(_granted(add_site(desk, site.identifier, site.label)) for site in practice.sites)
        await _all(
            _granted(open_account(desk, who.rpps, site.identifier))
            for who, site in practice.accounts
        )


async def enrol_softwares(platform: Platform, practice: Practice) -> None:
    """Enrol one software for each profession that asks, and keep their keys."""
    folder = installations_folder(platform.settings.state_dir)
    async with await _desk(platform) as desk:
        for name, (profession, domains) in SOFTWARES.items():
            site = _site_of(practice, profession, last=True)
            installation = await _enrol(desk, practice, site, name, domains, platform.addresses)
            installation.save(folder)


async def enrol_robbed(platform: Platform, practice: Practice) -> tuple[Installation, Site]:
    """Enrol the software of a pharmacy where two people work: the one that will be robbed."""
    site = _site_of(practice, "pharmacien", last=False)
    async with await _desk(platform) as desk:
        installation = await _enrol(desk, practice, site, ROBBED, ("PHAR",), platform.addresses)
    installation.save(installations_folder(platform.settings.state_dir))
    return installation, site


async def _enrol(
    desk: Database,
    practice: Practice,
    site: Site,
    name: str,
    domains: tuple[str, ...],
    addresses: Addresses,
) -> Installation:
    professionals = tuple(who.rpps for who in practice.at(site))
    code = await _granted(issue_code(desk, site.identifier, list(professionals), _VENDOR))
    return Installation(name, enrol(code.code, addresses), professionals, domains)


def _site_of(practice: Practice, profession: str, *, last: bool) -> Site:
    """A site of a profession: the first where two people work, or the last of all."""
    sites = [
        site
        for site in practice.sites
        if all(who.profession == profession for who in practice.at(site))
    ]
    if last:
        return sites[-1]
    return next(site for site in sites if len(practice.at(site)) == 2)


async def _desk(platform: Platform) -> Database:
    return await Database.open(
        platform.reached.conninfo("rempart_desk"),
        max_size=_CONNECTIONS,
        application_name="rempart demonstration",
    )


async def _all(works: Iterable[Awaitable[object]]) -> None:
    """Do everything, a few at a time."""
    gate = asyncio.Semaphore(_CONNECTIONS)

    async def do(work: Awaitable[object]) -> None:
        async with gate:
            await work

    await asyncio.gather(*(do(work) for work in works))


async def _granted(work: Awaitable[_T | DeskRefusal]) -> _T:
    outcome = await work
    if isinstance(outcome, DeskRefusal):
        raise RefusedError(f"the demonstration's own people were refused: {outcome.because}")
    return outcome
