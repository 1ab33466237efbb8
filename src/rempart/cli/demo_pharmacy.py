"""The pharmacy that the demonstration lends: two people with one-time links, six cards."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import segno

from rempart.cli.demo_cards import cards_of
from rempart.cli.demo_state import SEED
from rempart.foundation.database import Database
from rempart.foundation.settings import Settings
from rempart.identity import Invited, invite_administrator
from rempart.registry import write_card_payload
from rempart.simulation.plans import INSURERS
from rempart.simulation.professionals import Professional, Site, make_practice
from rempart.simulation.sample_cards import SampleCard

_NAMES: Final = ("Alice Martin", "Bruno Petit")
_SHOWN: Final = ("scanned", "typed", "second_twin", "glasses", "ended", "insurer_elsewhere")
_INSURERS: Final = {insurer.amc_number: insurer.name for insurer in INSURERS}
_TURN: Final = "pharmacy.json"


class _Turn(msgspec.Struct, frozen=True):
    robbed: int = 0


@dataclass(slots=True)
class Pharmacy:
    """Lends one pharmacy after another: the next one once the last was robbed.

    Their links live in this process alone. Which pharmacy is lent stands in the state directory.
    """

    settings: Settings
    desk: Database
    _people: list[dict[str, str]] = field(default_factory=list)
    _cards: list[dict[str, Any]] = field(default_factory=list)

    async def lend(self) -> None:
        """Invite the people of the pharmacy whose turn it is; their older links end."""
        site, professionals = self._lent()
        self._people = [
            await self._invite(who, site, name)
            for who, name in zip(professionals, _NAMES, strict=False)
        ]

    async def is_robbed(self, site: str) -> None:
        """Go on to the next pharmacy, if this is the one that is lent."""
        if self._lent()[0].identifier == site:
            turn = _Turn(self._turn() + 1)
            (self.settings.state_dir / _TURN).write_bytes(msgspec.json.encode(turn))
            await self.lend()

    def shown(self) -> dict[str, Any]:
        """What the page shows; texts are its own."""
        if not self._cards:
            cards = {card.why: card for card in cards_of(self.settings.state_dir)}
            self._cards = [_shown_card(cards[why]) for why in _SHOWN]
        site, _ = self._lent()
        return {"pharmacy": site.label, "people": self._people, "cards": self._cards}

    async def _invite(self, who: Professional, site: Site, name: str) -> dict[str, str]:
        told = {"name": name, "rpps": who.rpps, "link": "", "second": ""}
        found = await invite_administrator(self.desk, who.rpps, site.identifier, name)
        # Who has a passkey already is not invited again: he signs in.
        if isinstance(found, Invited):
            codes = found.codes
            told["link"] = f"{self.settings.public_url}/portal/enrol#{codes.link}"
            told["second"] = codes.second
        return told

    def _lent(self) -> tuple[Site, tuple[Professional, ...]]:
        places = _pharmacies()
        return places[self._turn() % len(places)]

    def _turn(self) -> int:
        return _read_turn(self.settings.state_dir / _TURN)


@cache
def _pharmacies() -> tuple[tuple[Site, tuple[Professional, ...]], ...]:
    """Those with enough pharmacists to lend two; the same for every look at the page."""
    practice = make_practice(SEED)
    return tuple(
        (site, people)
        for site in practice.sites
        if len(people := practice.at(site)) >= len(_NAMES)
        and {who.profession for who in people} == {"pharmacien"}
    )


def _read_turn(path: Path) -> int:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Turn).robbed
    except (OSError, msgspec.DecodeError):
        return 0


def _shown_card(card: SampleCard) -> dict[str, Any]:
    person = card.person
    told: dict[str, Any] = {
        "why": card.why,
        "insurer": person.insurer,
        "insurer_name": _INSURERS.get(person.insurer, ""),
        "member": person.member_number,
        "born": person.birth_date.isoformat(),
        "rank": person.birth_rank,
        "scan": "",
    }
    if card.scan is not None:
        who = [(person.birth_date, person.birth_rank)]
        payload = write_card_payload(person.insurer, person.member_number, who, card.scan)
        told |= {"scan": payload, **_drawn(payload)}
    return told


def _drawn(payload: str) -> dict[str, Any]:
    """A QR code as the one path of an SVG, a unit a module, with the quiet zone around it."""
    code = segno.make(payload, error="m", micro=False)
    dots = [
        f"M{across} {down}h1v1h-1z"
        for down, row in enumerate(code.matrix_iter(border=4))
        for across, dark in enumerate(row)
        if dark
    ]
    width, _ = code.symbol_size(border=4)
    return {"qr": "".join(dots), "qr_size": int(width)}
