"""A site that is paid: its bank detail, the payer, the file that the bank gets."""

import hashlib
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rempart.billing import make_payment_keys, seal_iban
from rempart.foundation.keyring import FileKeyring
from tests.support.asking import Site, one
from tests.support.command_line import Told
from tests.support.database import DatabaseUnderTest

IBAN = "FR1420041010050500013M02606"
OTHER_IBAN = "DE89370400440532013000"
PAYER = 'name = "Opérateur d’essai"\niban = "FR7630006000011234567890189"\nbic = "AGRIFRPP"\n'
SPACE = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"

MORE_PAID = """
    with first as (
        select b.insurer_id, b.made_at, b.file_digest, b.paid_at, t.site_id, t.detail_id,
               t.claims, t.amount_cents
          from billing.transfer t
               join billing.batch b using (batch_id)
               join identity.site s using (site_id)
         where s.identifier = %s
         order by t.transfer_id limit 1),
    made as (
        insert into billing.batch (insurer_id, on_day, message, made_at, file_digest, paid_at)
        select insurer_id, date '2001-01-01' + n, 'RP' || md5(site_id || '/' || n),
               made_at, file_digest, paid_at
          from first, generate_series(%s::integer, %s) as n
         order by n
        returning batch_id, message)
    insert into billing.transfer
        (batch_id, site_id, detail_id, end_to_end, claims, amount_cents, state)
    select m.batch_id, f.site_id, f.detail_id, m.message, f.claims, f.amount_cents, 'paid'
      from made m, first f
"""
"""Payments numbered from one to another, made after a site's first one and like it."""


@dataclass
class Desk:
    """The payer's side of a test: commands, keyring, the folder of files."""

    told: Told
    keyring: FileKeyring
    folder: Path
    payer: Path

    @classmethod
    def open(cls, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Desk":
        payer = tmp_path / "payer.toml"
        payer.write_text(PAYER)
        monkeypatch.setenv("REMPART_PAYER", str(payer))
        keyring = FileKeyring.open(tmp_path / "keyring")
        make_payment_keys(keyring)
        return cls(told, keyring, tmp_path / "state" / "payments", payer)

    def bank(self, site: Site, iban: str = IBAN, *, in_force: bool = True) -> None:
        """State a bank detail; a change is in force at once, as if 72 hours had gone by."""
        sealed = seal_iban(self.keyring, site.identifier, iban)
        put = "select * from billing.set_bank(%s, %s, %s)"
        row = one(site.db.owner, put, site.identifier, sealed, iban[-4:])
        assert row["refused_because"] is None
        if in_force:
            site.db.owner.execute(
                "update billing.bank_detail set effective_at = effective_at - interval '72 hours',"
                " stated_at = stated_at - interval '72 hours',"
                " cancelled_at = cancelled_at - interval '72 hours'"
            )

    def run(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.told("pay", "run")["batches"]
        return found

    def files(self) -> dict[str, str]:
        """Every payment file: its name and the SHA-256 of what it holds."""
        if not self.folder.exists():
            return {}
        return {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in self.folder.iterdir()
        }

    def transfers(self) -> list[tuple[str, str, str]]:
        """What the one file pays: end-to-end id, IBAN, amount."""
        (file,) = self.folder.iterdir()
        root = ET.fromstring(file.read_bytes())  # noqa: S314 - our own
        return [
            (
                str(each.findtext(f"{SPACE}PmtId/{SPACE}EndToEndId")),
                str(each.findtext(f"{SPACE}CdtrAcct/{SPACE}Id/{SPACE}IBAN")),
                str(each.findtext(f"{SPACE}Amt/{SPACE}InstdAmt")),
            )
            for each in root.iter(f"{SPACE}CdtTrfTxInf")
        ]


def day_passes(site: Site) -> None:
    """Let everything that was paid have been paid a day earlier: another run may come."""
    owner = site.db.owner
    # One after the other, the oldest first: no two are ever of one day.
    for row in owner.execute("select batch_id from billing.batch order by on_day").fetchall():
        owner.execute(
            "update billing.batch set on_day = on_day - 1 where batch_id = %s", (row["batch_id"],)
        )


def holds(desk: Desk, **cents: int) -> None:
    """Assert that the ledger holds, and what its accounts hold."""
    found = desk.told("ledger", "check")
    told = {name: found[f"{name}_cents"] for name in ("owed", "in_batch", "bank")}
    assert told == {"owed": 0, "in_batch": 0, "bank": 0} | cents
    assert found["insurer_cents"] == -sum(told.values())


def paid_to(db: DatabaseUnderTest, site: str) -> str:
    """Pay everything that is owed to a site; what its bank statement names the payment by."""
    owner = db.owner
    row = one(owner, "select * from billing.set_bank(%s, %s, '2606')", site, bytes(1200))
    assert row["refused_because"] is None
    pay = (
        "select billing.open_batch(o.insurer_id) from billing.list_owing() o",
        "select billing.note_file(batch_id, sha256('')) from billing.batch",
        "select billing.confirm_batch(message) from billing.batch",
    )
    for statement in pay:
        owner.execute(statement)
    return str(one(owner, "select end_to_end from billing.transfer")["end_to_end"])
