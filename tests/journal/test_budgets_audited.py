"""The auditor's rules one by one, on entries made for it: what each finds, in its words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rempart.journal import Bucket, Entry, Kind
from rempart.journal.budgets import Auditor, BudgetCheck

BURST, EVERY = 2, 1_000_000
ACCOUNT, PROFESSIONAL, SITE, INSTALLATION = 11, 12, 13, 14
IDS = {
    Kind.ACCOUNT: ACCOUNT,
    Kind.PROFESSIONAL: PROFESSIONAL,
    Kind.SITE: SITE,
    Kind.INSTALLATION: INSTALLATION,
}
ALWAYS = [(kind, Bucket.ALL) for kind in (Kind.INSTALLATION, Kind.ACCOUNT, Kind.SITE)]
FRESH = [
    (Kind.ACCOUNT, Bucket.NEW),
    *((kind, Bucket.FRESH) for kind in (Kind.ACCOUNT, Kind.PROFESSIONAL, Kind.SITE)),
]
DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)


def charged(kind: Kind, bucket: Bucket, units: int, tat: int, burst: int = BURST) -> bytes:
    """One charge as docs/entry.md writes it down, put together here without the reader."""
    return b"".join(
        value.to_bytes(size, "big", signed=True)
        for value, size in (
            (kind, 2), (IDS[kind], 8), (bucket, 2), (units, 2), (burst, 4), (EVERY, 8), (tat, 8),
        )
    )  # fmt: skip


def entry(
    kind: str, charges: bytes, *, at: int = 0, day: float = 0, payload: dict[str, Any] | None = None
) -> Entry:
    fields = {
        "entry_no": 7,
        "kind": kind,
        "charges": "\\x" + charges.hex(),
        "guard_at": at,
        "recorded_us": int((DAY_0 + timedelta(days=day)).timestamp() * 1e6),
    }
    return Entry(fields, payload)


def audited(*entries: Entry) -> BudgetCheck:
    auditor = Auditor()
    for one in entries:
        auditor.read(one)
    return auditor.found


def whats(found: BudgetCheck) -> list[tuple[str, str]]:
    assert found.ok is not bool(found.problems)
    return [(problem.kind, problem.what) for problem in found.problems]


def caps(*buckets: tuple[Kind, Bucket], burst: int = BURST) -> Entry:
    return entry("cap", b"".join(charged(*bucket, 0, 0, burst) for bucket in buckets))


def test_a_cap_that_charges_is_found() -> None:
    assert whats(audited(entry("cap", charged(Kind.SITE, Bucket.ALL, 1, 0)))) == [
        ("cap", "a cap that charges")
    ]


def test_a_cap_that_gives_back_what_was_used_up_is_found() -> None:
    first = caps((Kind.SITE, Bucket.ALL))
    used = entry("refusal", charged(Kind.SITE, Bucket.ALL, 1, EVERY))
    assert whats(audited(first, used, entry("cap", charged(Kind.SITE, Bucket.ALL, 0, EVERY)))) == []
    assert whats(audited(first, used, entry("cap", charged(Kind.SITE, Bucket.ALL, 0, 0)))) == [
        ("arrival", "a cap's arrival time does not follow")
    ]


def test_a_charge_to_a_bucket_without_a_cap_is_found() -> None:
    assert whats(audited(entry("refusal", charged(Kind.SITE, Bucket.ALL, 1, EVERY)))) == [
        ("cap", "it charges a bucket that no entry gave a cap")
    ]


def test_charges_that_are_none_are_found() -> None:
    whole = charged(Kind.SITE, Bucket.ALL, 1, EVERY)
    nobody = (9).to_bytes(2, "big") + whole[2:]
    nothing = whole[:10] + (9).to_bytes(2, "big") + whole[12:]
    cut, unknown = "are cut short", "name an unknown key or bucket"
    for charges, wrong in ((whole[:-1], cut), (nobody, unknown), (nothing, unknown)):
        assert whats(audited(entry("refusal", charges))) == [
            ("charges", f"the charges of an entry {wrong}")
        ]


def test_the_list_of_problems_is_bounded_and_the_verdict_is_not() -> None:
    cap = entry("cap", charged(Kind.SITE, Bucket.ALL, 1, 0))
    found = audited(*[cap] * 1_003)
    assert (found.ok, found.entries, len(found.problems)) == (False, 1_003, 1_000)


def test_a_restore_uses_up_what_could_still_be_asked_first() -> None:
    """Exceptions and first asks, each of its own and both together."""
    both = (Bucket.FRESH, Bucket.EXCEPTION)
    given = caps(*((Kind.ACCOUNT, bucket) for bucket in both))
    restored = entry("restore", b"", at=EVERY)
    # By its own rate a bucket is whole again after B units; of both together nothing is over then.
    later = (1 + BURST) * EVERY
    asks = {
        at: [entry("refusal", charged(Kind.ACCOUNT, one, 1, at + EVERY), at=at) for one in both]
        for at in (EVERY, later)
    }
    assert whats(audited(given, *asks[EVERY])) == []
    assert whats(audited(given, restored, *asks[later])) == []
    found = whats(audited(given, restored, *asks[EVERY]))
    assert [what for kind, what in found if kind == "over"] == [
        "past the cap of fresh",
        "past the bound of first asks",
        "past the cap of exception",
        "past the bound of first asks",
    ]


def answer(day: float, buckets: list[tuple[Kind, Bucket]], *, erased: bool = False) -> Entry:
    """An answer about the same person, with these charged; half a second apart for each day."""
    told = {
        "outcome": "covered",
        "evidence": "scan",
        "asked": "\\x01",
        "account_id": ACCOUNT,
    }
    at = int(day * 1e9)
    charges = b"".join(charged(*bucket, 1, at + EVERY) for bucket in buckets)
    return entry("answer", charges, at=at, day=day, payload=None if erased else told)


def test_who_may_have_been_met_by_an_erased_question_is_no_first_ask() -> None:
    given = caps(*ALWAYS, *FRESH)
    once = audited(given, answer(1, ALWAYS))
    assert {what for _, what in whats(once)} == {
        f"{bucket.name.lower()} was not charged to the {kind.name.lower()}"
        for kind, bucket in FRESH
    }
    gone = answer(0, [*ALWAYS, *FRESH], erased=True)
    blind = audited(given, gone, answer(1, ALWAYS))
    assert (whats(blind), blind.freshness_unknown) == ([], 2)
    # Whoever was asked about once is known from then on, and twelve months later nobody is blind.
    again = audited(given, gone, answer(1, ALWAYS), answer(369, ALWAYS))
    assert (len(whats(again)), again.freshness_unknown) == (4, 2)


@pytest.mark.parametrize("outcome", ["no_right_found", "covered", "agreed", "nothing_agreed"])
def test_a_first_ask_pays_for_being_typed_and_for_a_miss(outcome: str) -> None:
    told = {"outcome": outcome, "evidence": "typed", "asked": "\\x01", "account_id": ACCOUNT}
    charges = b"".join(charged(*bucket, 1, EVERY) for bucket in ALWAYS)
    found = {
        what for _, what in whats(audited(caps(*ALWAYS), entry("answer", charges, payload=told)))
    }
    due = {*FRESH, (Kind.ACCOUNT, Bucket.TYPED), (Kind.SITE, Bucket.TYPED)}
    if outcome == "no_right_found":
        due |= {(Kind.ACCOUNT, Bucket.MISS), (Kind.PROFESSIONAL, Bucket.MISS)}
    assert found == {
        f"{bucket.name.lower()} was not charged to the {kind.name.lower()}" for kind, bucket in due
    }
