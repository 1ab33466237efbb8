"""Restores as the journal tells them: what was lost, and how far numbers and counters jumped."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rempart.journal.entry import Entry
from rempart.journal.packing import PackingError, unpack

LEAST_JUMP: Final = 1_000_000_000
"""No database writes as many entries between a copy and its restore without the clock telling."""

_CONTEXT: Final = b"rempart/restore/v1"
_FIELDS: Final = 8
_FIRST: Final = bytes(32)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Subject = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Restore:
    """One restore: entries after ``last_entry`` and before ``entry`` were lost, if there were any.

    ``known_entry`` is the highest number that the operator knew to have been given (0: unknown).
    What the payload opens is None once that was erased.
    """

    entry: int
    at: datetime
    last_entry: int
    copy_at: datetime | None = None
    reason: str | None = None
    author: str | None = None
    known_entry: int | None = None

    @property
    def jump(self) -> int:
        """How far numbers and counters jumped."""
        return self.entry - self.last_entry - 1


@dataclass(frozen=True, slots=True)
class _Chain:
    counter: int
    leaf: bytes
    restores: int


class Chains:
    """Follows every chain through the journal and over restores, and says what does not follow."""

    def __init__(self) -> None:
        """Begin before the first entry."""
        self.restores: list[Restore] = []
        self._chains: dict[Subject, _Chain] = {}
        self._jumps = [0]
        self._last_number = 0
        self._last_leaf = b""
        self._last_guard_at = 0

    def place(self, entry: Entry) -> list[tuple[str, str]]:
        """Take the next entry; return what is wrong with its place, as kinds and sentences."""
        wrong = []
        if entry.fields["kind"] == "restore":
            wrong += [("restore", what) for what in self._restore(entry)]
        counter, previous = int(entry.fields["counter"]), entry.bytes_of("previous_hash")
        due, leaf = self._due(entry.subject)
        if counter not in due:
            wrong.append(("counter", f"counter {due[0]} was due in its chain"))
        if previous != leaf:
            wrong.append(("chain", "it does not follow the entry before it"))
        self._chains[entry.subject] = _Chain(
            counter, entry.bytes_of("leaf_hash"), len(self.restores)
        )
        self._last_number = entry.number
        self._last_leaf = entry.bytes_of("leaf_hash")
        self._last_guard_at = max(self._last_guard_at, int(entry.fields["guard_at"]))
        return wrong

    def cut(self, heads: dict[Subject, tuple[int, bytes]]) -> list[Subject]:
        """Return the chains whose last entry is not the one on their head."""
        found = []
        for subject in sorted(heads.keys() | self._chains.keys()):
            counters, leaf = self._due(subject)
            counter, head = heads.get(subject, (None, b""))
            if counter is None or counter + 1 not in counters or head != leaf:
                found.append(subject)
        return found

    def _due(self, subject: Subject) -> tuple[list[int], bytes]:
        """Which counters may come next in a chain, and what must stand before it."""
        chain = self._chains.get(subject)
        total = self._jumps[-1]
        if chain is not None:
            return [chain.counter + 1 + total - self._jumps[chain.restores]], chain.leaf
        # Nothing of it so far: it began after some restore, or jumped with the others before.
        return [1 + total - before for before in reversed(self._jumps)], _FIRST

    def _restore(self, entry: Entry) -> list[str]:
        last, number = int(entry.fields["replays"]), entry.number
        at = _EPOCH + timedelta(microseconds=int(entry.fields["recorded_us"]))
        restore, wrong = Restore(number, at, last), []
        if entry.subject != (0, 0) or entry.fields["proof_kind"] != "console":
            wrong.append("a restore is the platform's, from a console")
        if last != self._last_number:
            wrong.append("it does not name the entry that stands before it")
        if restore.jump < LEAST_JUMP:
            wrong.append("numbers did not jump far enough")
        if int(entry.fields["guard_at"]) < self._last_guard_at:
            wrong.append("guard time went back")
        if entry.payload is not None:
            opened = _open(entry, restore)
            said = None if opened is None else opened[1:]
            if said != (self._last_leaf, restore.jump):
                wrong.append("what it opens to is not this restore")
            restore = restore if opened is None else opened[0]
        self.restores.append(restore)
        self._jumps.append(self._jumps[-1] + max(restore.jump, 0))
        return wrong


def _open(entry: Entry, restore: Restore) -> tuple[Restore, bytes, int] | None:
    """Read what the operator stated: the restore, the last leaf, the jump; None if it is none."""
    try:
        fields = unpack(bytes.fromhex((entry.payload or {})["proof"].removeprefix("\\x")))
        texts = [(field or b"").decode() for field in fields[1:3]]
    except (PackingError, UnicodeDecodeError, ValueError):
        return None
    if len(fields) != _FIELDS or fields[0] != _CONTEXT or None in fields:
        return None
    last, copy_us, jump, known = (
        int.from_bytes(fields[place] or b"", "big", signed=True) for place in (3, 5, 6, 7)
    )
    if last != restore.last_entry:
        return None
    try:
        copy_at = _EPOCH + timedelta(microseconds=copy_us)
    except OverflowError:
        return None
    reason, author = texts
    opened = Restore(restore.entry, restore.at, last, copy_at, reason, author, known)
    return opened, fields[4] or b"", jump
