"""Checks that the journal holds together: hashes, chains, counters and heads."""

from dataclasses import dataclass, field

from rempart.foundation.database import Database
from rempart.journal.charges import ChargesError, read_charges
from rempart.journal.entry import Entry, read_entries
from rempart.journal.erasure import ErasureLog
from rempart.journal.orders import OrderLog
from rempart.journal.restores import Chains, Restore

_MOST_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold: what kind, where, and in words. Never an identifier."""

    kind: str
    where: str
    what: str


@dataclass(slots=True)
class Verification:
    """What `verify` found; ``ok`` is true when nothing is wrong.

    ``last_entry`` says how far the journal goes. Entries that a restore lost are no problem: the
    restore is an entry, and ``restores`` has each.
    """

    ok: bool = True
    entries: int = 0
    first_bad_entry: int | None = None
    problems: list[Problem] = field(default_factory=list)
    last_entry: int | None = None
    restores: list[Restore] = field(default_factory=list)

    def add(self, kind: str, where: str, what: str, entry: int | None = None) -> None:
        """Note a problem; the list is bounded, the verdict is not."""
        self.ok = False
        if entry is not None and (self.first_bad_entry is None or entry < self.first_bad_entry):
            self.first_bad_entry = entry
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(kind, where, what))


async def verify(database: Database) -> Verification:
    """Recompute every hash of the journal, as rempart_journal, without trusting SQL for any.

    Finds an edited entry or payload, a missing, moved or doubled one, a chain cut at its end, a
    hold or an officer that too few officers signed for, and a payload that is gone though no entry
    of kind purge says so, or is there though one says it is not.
    Until the journal is public, somebody who owns the database could rewrite a chain as a whole:
    receipts in the askers' hands would show it (docs/limitations.md).
    """
    found = Verification()
    chains = Chains()
    receipts: set[bytes] = set()
    orders, erasures = OrderLog(), ErasureLog(await _platform_counter(database))
    async for entry in read_entries(database):
        found.entries += 1
        _check_entry(entry, found)
        for kind, what in chains.place(entry):
            found.add(kind, f"entry {entry.number}", what, entry.number)
        if lacks := orders.check(entry):
            found.add("signature", f"entry {entry.number}", lacks, entry.number)
        if wrong := erasures.check(entry):
            found.add("purge", f"entry {entry.number}", wrong, entry.number)
        receipt = entry.bytes_of("receipt")
        if receipt in receipts:
            found.add("doubled", f"entry {entry.number}", "its receipt stands twice", entry.number)
        receipts.add(receipt)
        found.last_entry = entry.number
    found.restores = chains.restores
    for number, wrong in erasures.unexplained():
        found.add("payload", f"entry {number}", wrong, number)
    heads = {
        (row["subject_kind"], row["subject_id"]): (row["counter"], row["head_hash"])
        for row in await database.call("journal.read_heads")
    }
    for kind_, id_ in chains.cut(heads):
        found.add("head", f"chain {kind_}/{id_}", "its last entry is not the one on its head")
    return found


async def _platform_counter(database: Database) -> int:
    """Return how many entries the platform's chain has now."""
    rows = await database.call("journal.read_heads")
    platform = (row["counter"] for row in rows if row["subject_kind"] == row["subject_id"] == 0)
    return next(platform, 0)


def _check_entry(entry: Entry, found: Verification) -> None:
    where = f"entry {entry.number}"
    for name, value in entry.commitments().items():
        if value != entry.bytes_of(name):
            found.add("payload", where, f"{name} does not open to its payload", entry.number)
    if entry.leaf() != entry.bytes_of("leaf_hash"):
        found.add("leaf", where, "its leaf is not the hash of its fields", entry.number)
    try:
        read_charges(entry.bytes_of("charges"))
    except ChargesError as error:
        found.add("charges", where, str(error), entry.number)
