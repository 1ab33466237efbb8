"""Tells payloads that a run erased, as an entry says, from those that somebody made away with."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final

from rempart.foundation.clock import PARIS
from rempart.journal.entry import Entry
from rempart.journal.purges import PurgeError, PurgeStatement, read_purge_statement

ERASABLE: Final = frozenset({"answer", "refusal", "replay", "exception"})
"""Kinds of entry whose payload is erased on schedule; decisions and caps are kept."""

_PLATFORM = (0, 0)
_NAMED = 20


@dataclass(slots=True)
class _Gone:
    """Payloads missing of one day: how many, and the numbers of the first."""

    count: int = 0
    numbers: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run on record: what it was to erase, and what it says it did."""

    opened: PurgeStatement
    closed: PurgeStatement | None = None
    # Its end was on record before the reading began: what is read after it must agree with it.
    settled: bool = False


class ErasureLog:
    """Follows erasures through the journal, and says which missing payload none explains.

    ``platform_counter`` is how many entries the platform's chain had when the reading began: a run
    that ends while the journal is read is not held against what was read before.
    """

    def __init__(self, platform_counter: int) -> None:
        """Begin before the first entry."""
        self._counter = platform_counter
        self._runs: dict[int, _Run] = {}
        self._gone: dict[date, _Gone] = {}
        self._oldest: tuple[int, int] | None = None

    def check(self, entry: Entry) -> str | None:
        """Take the next entry; tell what is wrong with it at once, None when nothing is."""
        kind = entry.fields["kind"]
        if entry.payload is None:
            if kind not in ERASABLE:
                return "its payload is gone and may never be erased"
            self._note_gone(entry)
            return None
        if kind in ERASABLE:
            at = int(entry.fields["recorded_us"])
            if self._oldest is None or at < self._oldest[0]:
                self._oldest = (at, entry.number)
            return None
        if kind != "purge":
            return None
        try:
            self._take(entry, entry.payload["proof"])
        except PurgeError as error:
            return str(error)
        return None

    def unexplained(self) -> list[tuple[int, str]]:
        """List what no erasure on record explains: the number of an entry, and what is wrong."""
        until = max((run.opened.before("payload") for run in self._runs.values()), default=date.min)
        found = [
            (number, "its payload is gone and no purge says so")
            for day, gone in sorted(self._gone.items())
            if day >= until
            for number in gone.numbers
        ]
        return [*found, *self._disagreeing()]

    def _disagreeing(self) -> list[tuple[int, str]]:
        """Hold the sums of the runs that ended against what is missing, and what is still there."""
        settled = {no: run for no, run in self._runs.items() if run.settled}
        if not settled:
            return []
        last = max(settled)
        found = []
        told = sum(run.closed.erased("payload") for run in settled.values() if run.closed)
        missing = sum(gone.count for gone in self._gone.values())
        at_work = len(settled) < len(self._runs)
        if missing < told or (missing > told and not at_work):
            found.append((last, "as many payloads are not gone as the purges say"))
        until = max(run.opened.before("payload") for run in settled.values())
        if self._oldest is not None and self._oldest[0] < _microseconds(until):
            found.append((self._oldest[1], "its payload is still there and a purge says it is not"))
        return found

    def _note_gone(self, entry: Entry) -> None:
        at = datetime.fromtimestamp(int(entry.fields["recorded_us"]) / 1e6, UTC)
        gone = self._gone.setdefault(at.astimezone(PARIS).date(), _Gone())
        gone.count += 1
        if len(gone.numbers) < _NAMED:
            gone.numbers.append(entry.number)

    def _take(self, entry: Entry, proof: str) -> None:
        statement = read_purge_statement(bytes.fromhex(proof.removeprefix("\\x")))
        if entry.subject != _PLATFORM:
            raise PurgeError("a purge stands in the platform's chain alone")
        under_way = [no for no, run in self._runs.items() if run.closed is None]
        if statement.opening is None:
            if under_way:
                raise PurgeError("a purge began before the one before it had ended")
            self._runs[entry.number] = _Run(statement)
            return
        if under_way != [statement.opening]:
            raise PurgeError("it ends a purge that did not begin")
        opened = self._runs[statement.opening].opened
        if [(i.what, i.policy, i.before) for i in opened.items] != [
            (i.what, i.policy, i.before) for i in statement.items
        ]:
            raise PurgeError("it ends with other dates than it began with")
        settled = int(entry.fields["counter"]) <= self._counter
        self._runs[statement.opening] = _Run(opened, statement, settled)


def _microseconds(day: date) -> int:
    """Return when a day begins in Paris, in microseconds since 1970."""
    return int(datetime.combine(day, time(), PARIS).timestamp()) * 1_000_000
