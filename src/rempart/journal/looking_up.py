"""Looks up in the journal what a receipt is for, and which restores may have lost it."""

from dataclasses import dataclass, field

from rempart.foundation.database import Database
from rempart.journal.entry import read_entries
from rempart.journal.receipt import ReceiptError
from rempart.journal.restores import Chains, Restore


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Whether the entry stands, its number, and if not, the restores that may have lost it."""

    on_record: bool
    number: int | None = None
    restores: list[Restore] = field(default_factory=list)


async def look_up(database: Database, *, receipt: bytes, leaf: bytes) -> LookedUp:
    """Find the entry of a receipt that was checked already, as rempart_journal.

    ``receipt``: its number, 16 bytes. Raises `ReceiptError` when the journal holds another entry
    under that number: two were signed for one. Reads the whole journal when there is none.
    """
    rows = await database.call("journal.find_receipt", receipt)
    if rows:
        if [bytes(row["leaf_hash"]) for row in rows] != [leaf]:
            raise ReceiptError("the journal holds another entry under this receipt's number")
        return LookedUp(on_record=True, number=rows[0]["entry_no"])
    chains = Chains()
    async for entry in read_entries(database):
        chains.place(entry)
    return LookedUp(on_record=False, restores=chains.restores)
