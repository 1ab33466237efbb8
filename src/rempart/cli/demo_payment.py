"""The demonstration's last hour: a claim is taken, paid, and its remittance notice is read."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from rempart.billing import (
    PRIVATE_KEY,
    StopReason,
    confirm_batch,
    pay,
    read_iban,
    read_payer,
    set_bank,
)
from rempart.cli.demo_platform import Platform
from rempart.cli.paying import payments_folder
from rempart.foundation.database import Database
from rempart.foundation.errors import UnavailableError
from rempart.simulation.software import Software

# Both are made up, and pass their check digits: bank 99999 is nobody's.
_PAYEE = "FR7699999000010000000000115"
_PAYER = 'name = "Rempart, essai"\niban = "FR7699999000010000000000212"\nbic = "XXXXFRPP"\n'


class NoticeLine(msgspec.Struct, frozen=True):
    """A line of the notice, as it came over HTTP."""

    engagement: str
    care_date: str
    amount_cents: int


class NoticeHead(msgspec.Struct, frozen=True):
    """The payment, as it came over HTTP; ``account`` is the last four of where it went."""

    remittance: str
    state: str
    amount_cents: int
    account: str


class Notice(msgspec.Struct, frozen=True):
    """The remittance notice, as the pharmacy's software reads it."""

    remittance: NoticeHead
    lines: list[NoticeLine]


class _Listed(msgspec.Struct, frozen=True):
    remittances: list[NoticeHead]


@dataclass(frozen=True, slots=True)
class Paid:
    """What was claimed and paid, in cents; the notice of it."""

    claim_cents: int
    notice: Notice

    @property
    def paid_cents(self) -> int:
        """What the notice says was paid."""
        paid = self.notice.remittance.state == "paid"
        return self.notice.remittance.amount_cents if paid else 0


async def be_paid(platform: Platform, software: Software, site: str, claim_cents: int) -> Paid:
    """Pay what is owed, as the operator does; read the notice, as the pharmacy's software does."""
    await _state_account(platform, site)
    payer = _payer_file(platform.settings.state_dir)
    folder = payments_folder(platform.settings)
    async with await Database.open(platform.reached.conninfo("rempart_jobs"), max_size=1) as jobs:
        private = platform.keyring.secret(PRIVATE_KEY)
        made = await pay(jobs, private, read_payer(payer), folder)
        for batch in [] if isinstance(made, StopReason) else made:
            await confirm_batch(jobs, folder, batch.message)
    listed = msgspec.convert(software.fetch("/v1/remittances").body, _Listed).remittances
    if not listed:
        raise UnavailableError("what was claimed was not paid")
    told = software.fetch(f"/v1/remittances/{listed[0].remittance}")
    return Paid(claim_cents, msgspec.convert(told.body, Notice))


async def _state_account(platform: Platform, site: str) -> None:
    async with await Database.open(platform.reached.conninfo("rempart_desk"), max_size=1) as desk:
        await set_bank(desk, platform.keyring, site, read_iban(_PAYEE))


def _payer_file(state_dir: Path) -> Path:
    file = state_dir / "payer.toml"
    file.write_text(_PAYER, encoding="utf-8")
    return file
