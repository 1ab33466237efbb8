"""The payment: once a day and insurer, what is owed goes into a batch and into a file."""

import contextlib
import hashlib
import os
import secrets
import time
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from rempart.billing.bank import open_iban
from rempart.billing.credit_transfers import PaymentFileError, Transfer, write_transfers
from rempart.billing.payer import Payer
from rempart.billing.stopping import StopReason, read_stop
from rempart.foundation.clock import PARIS, Clock, SystemClock
from rempart.foundation.database import Database
from rempart.foundation.sealing import SealError

# Nobody takes so long to write a file.
_LEFT_S: Final = 600
_SWEPT_DAYS: Final = 31
_NO_FILE: Final = {
    "another_file": "a batch that is not paid had another file: did the payer or a site's label"
    " change?",
}
_STOPPED_MEANWHILE: Final = "the payment was stopped meanwhile: this batch has no file"


class PaymentRefusal(StrEnum):
    """Why a batch is not confirmed, or a return is not taken."""

    BATCH_UNKNOWN = "batch_unknown"
    BATCH_ABANDONED = "batch_abandoned"
    NO_FILE = "no_file"
    TRANSFER_UNKNOWN = "transfer_unknown"
    NOT_PAID = "not_paid"


@dataclass(frozen=True, slots=True)
class Batch:
    """What is paid for an insurer on a day; ``file_digest`` once there is a file.

    ``abandoned_at``: when an officer said that the bank never executed it, ``settled_because``.
    ``bank_reference``: what he found it by, where the bank's word was lost.
    """

    batch_id: int
    amc: str
    on_day: date
    message: str
    made_at: datetime
    file_digest: bytes | None
    paid_at: datetime | None
    abandoned_at: datetime | None
    settled_by: str | None
    settled_because: str | None
    bank_reference: str | None
    transfers: int
    returned: int
    claims: int
    amount_cents: int

    @property
    def waits(self) -> bool:
        """Whether nobody has said yet what became of it."""
        return self.paid_at is None and self.abandoned_at is None

    @property
    def file_name(self) -> str:
        """What its file is called."""
        return f"{self.on_day.isoformat()}-{self.amc}-{self.message}.xml"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A site that can't be paid; ``because`` no_bank_detail, or returned: by the bank."""

    amc: str
    site: str
    because: str
    claims: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Returned:
    """What the bank sent back; not `is_new` when it was told before, and nothing changed."""

    site: str
    claims: int
    amount_cents: int
    is_new: bool


async def pay(
    database: Database, private: bytes, payer: Payer, folder: Path
) -> list[Batch] | StopReason:
    """Make the day's batches and every file that is not paid yet; return those batches.

    As rempart_jobs. May be cut off at any moment and begun again, by several at once: a batch is
    one transaction, and its file is the same to the byte whenever it is made. Where the payment is
    stopped it makes neither, and returns why. Raises `PaymentFileError`, `SealError`.
    """
    if (stopped := await read_stop(database)) is not None:
        return stopped.because
    for owing in await database.call("billing.list_owing"):
        (row,) = await database.call("billing.open_batch", owing["insurer_id"])
        if row["refused_because"] is not None:
            return StopReason(row["refused_because"])
    return await _make_files(database, private, payer, folder)


async def pay_when_due(
    database: Database, private: bytes, payer: Payer, folder: Path, clock: Clock | None = None
) -> list[Batch] | StopReason:
    """Pay, once the payer's hour has come in Paris; nothing before it."""
    if (clock or SystemClock()).now().astimezone(PARIS).hour < payer.hour:
        return []
    return await pay(database, private, payer, folder)


async def list_batches(database: Database, days: int) -> list[Batch]:
    """List batches, newest first: those of the last days, and whatever is not paid."""
    return [Batch(**row) for row in await database.call("billing.list_batches", days)]


async def list_waiting(database: Database) -> list[Waiting]:
    """List the sites that can't be paid what they are owed."""
    return [Waiting(**row) for row in await database.call("billing.list_waiting")]


async def confirm_batch(
    database: Database, folder: Path, message: str
) -> datetime | PaymentRefusal:
    """Note that the bank has a batch's file, and remove it here; return since when. As jobs."""
    (row,) = await database.call("billing.confirm_batch", message)
    if row["refused_because"] is not None:
        return PaymentRefusal(row["refused_because"])
    remove_file(folder, message)
    paid_at: datetime = row["paid_at"]
    return paid_at


async def take_return(
    database: Database, end_to_end: str, reason: str
) -> Returned | PaymentRefusal:
    """Take back a transfer that the bank returned; ``reason`` is its code, 1 to 4 characters."""
    (row,) = await database.call("billing.take_return", end_to_end, reason)
    if row["refused_because"] is not None:
        return PaymentRefusal(row["refused_because"])
    return Returned(row["site"], row["claims"], row["amount_cents"], row["is_new"])


async def _unpaid(database: Database) -> list[Batch]:
    return [batch for batch in reversed(await list_batches(database, 1)) if batch.waits]


async def _make_files(
    database: Database, private: bytes, payer: Payer, folder: Path
) -> list[Batch]:
    """Make all files that are due; one that cannot be made is told last and keeps back none."""
    due, fault = await _unpaid(database), None
    for batch in due:
        try:
            await _make_file(database, private, payer, folder, batch)
        except (PaymentFileError, SealError) as error:
            # Which one, so that somebody can look: the name that `rempart pay list` gives it.
            fault = fault or type(error)(f"batch {batch.message}: {error}")
    left = await _unpaid(database)
    # A file that lies here is one to hand over. The bank may have got one while it was being made
    # again, and whoever confirmed or abandoned it may have been cut off before he removed it. A
    # file of which nothing is known here stays: after a restore it says what was paid.
    for batch in await list_batches(database, _SWEPT_DAYS):
        if not batch.waits:
            remove_file(folder, batch.message)
    if fault is not None:
        raise fault
    return left


async def _make_file(
    database: Database, private: bytes, payer: Payer, folder: Path, batch: Batch
) -> None:
    rows = await database.call("billing.read_transfers", batch.batch_id)
    transfers = [
        Transfer(
            row["end_to_end"],
            row["label"],
            open_iban(private, row["site"], row["sealed"]),
            row["amount_cents"],
        )
        for row in rows
    ]
    written = write_transfers(batch.message, batch.on_day, batch.made_at, payer, transfers)
    digest = hashlib.sha256(written).digest()
    # On record before it can be handed to anybody.
    (row,) = await database.call("billing.note_file", batch.batch_id, digest)
    if row["refused_because"] == "batch_abandoned":
        # An officer was quicker: there is nothing to hand over.
        return
    if row["refused_because"] is not None:
        raise PaymentFileError(_NO_FILE.get(row["refused_because"], _STOPPED_MEANWHILE))
    _keep(folder, batch.file_name, written)


def remove_file(folder: Path, message: str) -> None:
    """Remove a batch's file: the bank has it, or is to have it no more."""
    for file in folder.glob(f"*-{message}.xml"):
        file.unlink(missing_ok=True)


def _keep(folder: Path, name: str, written: bytes) -> None:
    """Write a file whole or not at all, its owner's alone; what a crash left half is removed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(".new-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _LEFT_S:
                left.unlink()
    aside = folder / f".new-{secrets.token_hex(8)}"
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(written)
        file.flush()
        os.fsync(descriptor)
    aside.replace(folder / name)
