"""Checks from the entries alone that nobody learned more than the caps in force allowed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rempart.foundation.database import Database
from rempart.journal.charges import Bucket, Charge, ChargesError, Kind, read_charges
from rempart.journal.entry import Entry, Fields, read_entries
from rempart.journal.verification import Problem

_MET_FOR = timedelta(days=367)
# Twelve months and a day: the database counts dates, and a leap year has one more.
_ANSWERED = ("covered", "covered_on_request", "no_right_found", "agreed", "nothing_agreed")
_MOST_PROBLEMS = 1_000
_ALWAYS = {(Kind.INSTALLATION, Bucket.ALL), (Kind.ACCOUNT, Bucket.ALL), (Kind.SITE, Bucket.ALL)}
_WHEN_FRESH = {
    (Kind.ACCOUNT, Bucket.NEW),
    (Kind.ACCOUNT, Bucket.FRESH),
    (Kind.PROFESSIONAL, Bucket.FRESH),
    (Kind.SITE, Bucket.FRESH),
}
_WHEN_EXCEPTED = {(kind, Bucket.EXCEPTION) for kind in (Kind.ACCOUNT, Kind.PROFESSIONAL, Kind.SITE)}
_EXCEPTED = re.compile(r"exception:(card_missing|card_unreadable|patient_absent|emergency)")
_FIRST_ASKS = (Bucket.FRESH, Bucket.EXCEPTION)
# A first ask is charged as fresh or, when nothing of that is left, as an exception.

Key = tuple[Kind, int, Bucket]


@dataclass(frozen=True, slots=True)
class Worst:
    """The account and window of guard time that came nearest to its bound of first asks."""

    account: int
    window_s: float
    met: int
    allowed: float


@dataclass(slots=True)
class BudgetCheck:
    """What `check_budgets` found."""

    ok: bool = True
    accounts: int = 0
    entries: int = 0
    worst: Worst | None = None
    # Answers of which nobody can tell any more whether they were first asks: what was asked in the
    # twelve months before has been erased. Their charges are replayed all the same.
    freshness_unknown: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, kind: str, entry: int, what: str) -> None:
        """Note a problem; the list is bounded, the verdict is not."""
        self.ok = False
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(kind, f"entry {entry}", what))


@dataclass(slots=True)
class _Window:
    """The window of guard time that is fullest so far, held against units <= B + W*drain/cost."""

    burst: int
    cost: int
    drain: int = 1
    # Its start, its count, and what it holds beyond the rate.
    start: int = 0
    count: int = 0
    held: int = 0
    last: int = 0

    def charge(self, now: int, units: int) -> bool:
        """Count units; tell whether every window still keeps to the bound."""
        now = max(now, self.last)
        left = self.held - (now - self.last) * self.drain
        if left <= 0:
            self.start, self.count, left = now, 0, 0
        self.count += units
        self.held, self.last = left + units * self.cost, now
        return self.held <= self.burst * self.cost

    def empty(self, now: int) -> None:
        """Take it as used up, as a restore does: what was charged since the copy is lost."""
        self.start, self.count, self.last = now, 0, now
        self.held = self.burst * self.cost

    def allowed(self) -> float:
        """How many the fullest window may hold."""
        return self.burst + (self.last - self.start) * self.drain / self.cost


@dataclass(slots=True)
class _Level:
    """One bucket as the auditor keeps it: caps from cap entries, arrival time from charges."""

    burst: int
    every: int
    tat: int
    window: _Window

    def charge(self, now: int, units: int) -> bool:
        """Charge as the definition (B, r) says; tell whether any window now exceeds B + r*W."""
        self.tat = max(self.tat, now) + units * self.every
        return self.window.charge(now, units)

    def empty(self, now: int) -> None:
        """Take it as used up."""
        self.tat = now + self.burst * self.every
        self.window.empty(now)


def _together(fresh: _Level, excepted: _Level) -> _Window:
    """Both ways of asking first: B + B' + (r + r')*W, in whole numbers; what was asked counts."""
    so_far = fresh.window
    return _Window(
        fresh.burst + excepted.burst,
        cost=fresh.every * excepted.every,
        drain=fresh.every + excepted.every,
        start=so_far.start,
        count=so_far.count,
        held=so_far.held * excepted.every,
        last=so_far.last,
    )


def _carried(old: _Level, cap: Charge, now: int) -> int:
    """Return the arrival time under new caps: what was used up stays so (docs/entry.md).

    Only where units come back faster than before is it brought nearer, to an empty bucket's.
    """
    return min(old.tat, now + cap.burst * cap.every_us) if cap.every_us < old.every else old.tat


class Auditor:
    """Replays the charges of entries, one after the other, and keeps what it found."""

    def __init__(self) -> None:
        """Begin before the first entry."""
        self.found = BudgetCheck()
        self._levels: dict[Key, _Level] = {}
        self._first_asks: dict[tuple[Kind, int], _Window] = {}
        self._met: dict[tuple[Kind, int, str], datetime] = {}
        self._blind_until = datetime.min.replace(tzinfo=UTC)

    def read(self, entry: Entry) -> None:
        """Take the next entry."""
        self.found.entries += 1
        try:
            charges = read_charges(entry.bytes_of("charges"))
        except ChargesError as error:
            self.found.add("charges", entry.number, str(error))
            return
        if entry.fields["kind"] == "cap":
            self._set_caps(entry, charges)
            return
        if entry.fields["kind"] == "restore":
            for level in self._levels.values():
                level.empty(int(entry.fields["guard_at"]))
            for window in self._first_asks.values():
                window.empty(int(entry.fields["guard_at"]))
            return
        for charge in charges:
            self._charge(entry, charge)
        if entry.fields["kind"] == "exception":
            self._expect(entry, charges, _WHEN_EXCEPTED | _ALWAYS)
        if entry.fields["kind"] in ("answer", "exception"):
            if entry.payload is None:
                self._blind_until = max(self._blind_until, _recorded(entry) + _MET_FOR)
                self.found.freshness_unknown += 1
            else:
                self._check_freshness(entry, charges)

    def _set_caps(self, entry: Entry, charges: Iterable[Charge]) -> None:
        for cap in charges:
            if cap.units:
                self.found.add("cap", entry.number, "a cap that charges")
            old = self._levels.get(cap.key)
            tat = cap.tat_us if old is None else _carried(old, cap, entry.fields["guard_at"])
            if cap.tat_us != tat:
                self.found.add("arrival", entry.number, "a cap's arrival time does not follow")
            window = _Window(cap.burst, cap.every_us)
            self._levels[cap.key] = _Level(cap.burst, cap.every_us, tat, window)
            if cap.bucket in _FIRST_ASKS:
                both = [self._levels.get((cap.kind, cap.id, bucket)) for bucket in _FIRST_ASKS]
                if both[0] and both[1]:
                    self._first_asks[cap.kind, cap.id] = _together(both[0], both[1])

    def _charge(self, entry: Entry, charge: Charge) -> None:
        level = self._levels.get(charge.key)
        if level is None:
            self.found.add("cap", entry.number, "it charges a bucket that no entry gave a cap")
            return
        if (charge.burst, charge.every_us) != (level.burst, level.every):
            self.found.add("cap", entry.number, "its cap is not the one last recorded")
        now = int(entry.fields["guard_at"])
        if not level.charge(now, charge.units) or level.tat - now > level.burst * level.every:
            self.found.add("over", entry.number, f"past the cap of {charge.bucket.name.lower()}")
        if charge.tat_us != level.tat:
            self.found.add("arrival", entry.number, "its arrival time does not follow")
            level.tat = charge.tat_us
        if charge.bucket in _FIRST_ASKS:
            window = self._first_asks.get((charge.kind, charge.id))
            if window is not None and not window.charge(now, charge.units):
                self.found.add("over", entry.number, "past the bound of first asks")
            if charge.kind is Kind.ACCOUNT:
                self._note_worst(charge.id, window or level.window)

    def _note_worst(self, account: int, window: _Window) -> None:
        worst = self.found.worst
        allowed = window.allowed()
        if worst is None or window.count * worst.allowed > worst.met * allowed:
            window_s = (window.last - window.start) / 1e6
            self.found.worst = Worst(account, window_s, window.count, allowed)

    def _check_freshness(self, entry: Entry, charges: list[Charge]) -> None:
        """Judge anew, from what was asked before at this site, what had to be charged."""
        payload = entry.payload or {}
        due = set(_ALWAYS)
        is_excepted = entry.fields["kind"] == "exception"
        if is_excepted is not _is_excepted(payload):
            self.found.add("exception", entry.number, "its kind and its evidence do not agree")
        sites = [charge.id for charge in charges if charge.kind is Kind.SITE]
        if payload["outcome"] in _ANSWERED and sites:
            at = _recorded(entry)
            before = self.found.freshness_unknown
            is_fresh = self._meet(Kind.SITE, sites[0], payload["asked"], at)
            is_new = self._meet(Kind.ACCOUNT, payload["account_id"], payload["asked"], at)
            self.found.freshness_unknown = min(self.found.freshness_unknown, before + 1)
            if is_excepted:
                is_new = is_fresh = False  # charged as what it is, whoever was asked about
            if is_new or is_fresh:
                due.add((Kind.ACCOUNT, Bucket.NEW))
            if is_fresh:
                due |= _WHEN_FRESH
                if payload["evidence"] == "typed":
                    due |= {(Kind.ACCOUNT, Bucket.TYPED), (Kind.SITE, Bucket.TYPED)}
                if payload["outcome"] == "no_right_found":
                    due |= {(Kind.ACCOUNT, Bucket.MISS), (Kind.PROFESSIONAL, Bucket.MISS)}
        self._expect(entry, charges, due)

    def _expect(self, entry: Entry, charges: list[Charge], due: set[tuple[Kind, Bucket]]) -> None:
        missing = due - {(charge.kind, charge.bucket) for charge in charges if charge.units == 1}
        for kind, bucket in sorted(missing):
            what = f"{bucket.name.lower()} was not charged to the {kind.name.lower()}"
            self.found.add("uncharged", entry.number, what)

    def _meet(self, kind: Kind, id_: int, asked: str, at: datetime) -> bool:
        """Note that somebody was asked about; tell whether that was the first time in a year."""
        known = self._met.get((kind, id_, asked))
        self._met[kind, id_, asked] = at
        if known is None and at <= self._blind_until:
            # He may have been met by a question that was erased.
            self.found.freshness_unknown += 1
            return False
        return known is None or at - known > _MET_FOR


def _is_excepted(payload: Fields) -> bool:
    """Tell whether an answer was given for a reason of the list, and for nothing better."""
    return payload["outcome"] in _ANSWERED and _EXCEPTED.fullmatch(payload["evidence"]) is not None


def _recorded(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.fields["recorded_us"] / 1e6, UTC)


async def check_budgets(database: Database) -> BudgetCheck:
    """Replay every charge of the journal, as rempart_journal, and hold it against the caps.

    For each account, professional, site and installation and every window W of guard time: units
    charged <= B + r*W with the caps that entries of kind ``cap`` gave; each arrival time follows
    from the one before; and whoever was not asked about at a site within twelve months before was
    charged as a first ask, or as an exception: both together keep to B + B' + (r + r')*W. At a
    restore every bucket is used up, so that the bounds hold over what was lost and what came after,
    taken together. Nothing is read but entries and payloads.
    """
    auditor = Auditor()
    accounts: set[int] = set()
    async for entry in read_entries(database):
        auditor.read(entry)
        kind, id_ = entry.subject
        if kind == Kind.ACCOUNT:
            accounts.add(id_)
    auditor.found.accounts = len(accounts)
    return auditor.found
