"""Reads an answer's entry as the operator can, and from it what is left of the budgets."""

from datetime import datetime

from rempart.cli.demo_results import BudgetLine
from rempart.foundation.clock import PARIS
from rempart.foundation.database import Database
from rempart.journal import Bucket, Charge, Entry, Kind, read_charges, read_entries

_DAY_US = 24 * 3600 * 1_000_000
_SHOWN = (
    (Kind.SITE, Bucket.FRESH),
    (Kind.SITE, Bucket.TYPED),
    (Kind.ACCOUNT, Bucket.NEW),
    (Kind.ACCOUNT, Bucket.ALL),
)


async def find_entry(journal: Database, receipt: str) -> Entry:
    """Find the entry that a receipt stands for, by its number in hexadecimal.

    Raises `LookupError` when there is none, which P1 forbids.
    """
    async for entry in read_entries(journal):
        if entry.bytes_of("receipt").hex() == receipt:
            return entry
    raise LookupError("a receipt without an entry")


def shown_entry(entry: Entry) -> dict[str, str]:
    """All that the operator can read of an entry, by the names that the screen has texts for."""
    payload = entry.payload or {}
    noted = datetime.fromisoformat(entry.fields["recorded_at"]).astimezone(PARIS)
    return {
        "number": str(entry.number),
        "recorded_at": f"{noted:%Y-%m-%d %H:%M:%S}.{noted.microsecond // 1000:03} {noted:%Z}",
        "who": f"RPPS {payload['professional']}, FINESS {payload['site']}",
        "what": f"{payload['domain']}, {payload['care_on']}, {payload['evidence']}",
        "outcome": str(payload["outcome"]),
        "insurer": str(payload["insurer"]),
        "reference": str(payload["member_reference"]).removeprefix("\\x"),
        "leaf": entry.bytes_of("leaf_hash").hex(),
    }


def budget_after(entry: Entry) -> tuple[BudgetLine, ...]:
    """What is left, after an entry, of the budgets that it charged."""
    now = int(entry.fields["guard_at"])
    charged = {
        (charge.kind, charge.bucket): charge for charge in read_charges(entry.bytes_of("charges"))
    }
    return tuple(_line(charged[key], now) for key in _SHOWN if key in charged)


def most_in(line: BudgetLine, days: int) -> int:
    """The most units that a bucket lets through in so many days, by its definition (B, r)."""
    return int(line.burst + days * line.a_day)


def _line(charge: Charge, now: int) -> BudgetLine:
    used = -(-max(0, charge.tat_us - now) // charge.every_us)
    return BudgetLine(
        charge.kind,
        charge.bucket,
        max(0, charge.burst - used),
        charge.burst,
        _DAY_US / charge.every_us,
    )
