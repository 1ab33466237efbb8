"""Statements of erasures that contradict one another are found, each in its own words."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rempart.journal import Entry, PurgeItem, PurgeStatement, pack, unpack
from rempart.journal.erasure import ErasureLog
from rempart.journal.purges import WHAT

ITEMS = tuple(PurgeItem(what, "P1D", date(2026, 1, 1), None) for what in WHAT)
OPEN = PurgeStatement("open", "schedule", None, ITEMS)
CLOSE = PurgeStatement("close", "schedule", 1, tuple(replace(i, erased=0) for i in ITEMS))
OTHER_DATE = tuple(replace(i, before=date(2026, 1, 2)) for i in CLOSE.items)


def entry(number: int, statement: PurgeStatement | bytes, **fields: object) -> Entry:
    packed = statement if isinstance(statement, bytes) else statement.packed()
    told: dict[str, Any] = {
        "entry_no": number,
        "kind": "purge",
        "subject_kind": 0,
        "subject_id": 0,
        "counter": number,
        "recorded_us": 1_800_000_000_000_000,
    }
    return Entry(told | fields, {"proof": "\\x" + packed.hex()})


def test_a_run_that_begins_and_ends_is_fine() -> None:
    log = ErasureLog(9)
    assert log.check(entry(1, OPEN)) is None
    assert log.check(entry(2, CLOSE)) is None
    assert log.check(entry(3, OPEN)) is None
    assert log.unexplained() == []


def with_item(item: bytes | None) -> bytes:
    """A statement whose first item is another."""
    fields = unpack(OPEN.packed())
    return pack([*fields[:4], item, *fields[5:]])


UNREADABLE = "it says nothing that can be read"
ITEM = pack([b"cover", b"P1D", b"2026-01-01", None])


@pytest.mark.parametrize(
    "entries,wrong",
    [
        ([entry(1, OPEN, subject_kind=2)], "a purge stands in the platform's chain alone"),
        ([entry(1, OPEN), entry(2, OPEN)], "a purge began before the one before it had ended"),
        ([entry(2, CLOSE)], "it ends a purge that did not begin"),
        (
            [entry(1, OPEN), entry(2, replace(CLOSE, opening=7))],
            "it ends a purge that did not begin",
        ),
        (
            [entry(1, OPEN), entry(2, CLOSE), entry(3, CLOSE)],
            "it ends a purge that did not begin",
        ),
        (
            [entry(1, OPEN), entry(2, replace(CLOSE, items=OTHER_DATE))],
            "it ends with other dates than it began with",
        ),
        ([entry(1, b"")], UNREADABLE),
        ([entry(1, OPEN.packed()[:-1])], UNREADABLE),
        ([entry(1, with_item(None))], UNREADABLE),
        ([entry(1, with_item(ITEM + pack([None])))], UNREADABLE),
        ([entry(1, with_item(ITEM.replace(b"cover", b"covet")))], UNREADABLE),
        ([entry(1, with_item(ITEM.replace(b"01-01", b"01-32")))], UNREADABLE),
        ([entry(1, with_item(pack([b"cover", None, b"2026-01-01", None])))], UNREADABLE),
        ([entry(1, replace(OPEN, opening=7))], "it is no step of a run"),
        ([entry(1, replace(CLOSE, opening=None))], "it is no step of a run"),
    ],
)
def test_what_contradicts_itself_is_found(entries: list[Entry], wrong: str) -> None:
    log = ErasureLog(9)
    *before, last = entries
    assert [log.check(one) for one in before] == [None] * len(before)
    assert log.check(last) == wrong


def gone(number: int, kind: str) -> Entry:
    """An entry whose payload is no longer there, of the same day as the others."""
    return Entry(entry(number, b"", kind=kind).fields, None)


@pytest.mark.parametrize("kind", ["cap", "gate", "hold", "purge", "restore"])
def test_what_opens_a_decision_is_never_erased(kind: str) -> None:
    log = ErasureLog(9)
    assert log.check(gone(1, kind)) == "its payload is gone and may never be erased"
    assert log.check(gone(2, "answer")) is None


def test_of_a_day_that_is_gone_the_first_are_named() -> None:
    log = ErasureLog(9)
    assert [log.check(gone(number, "answer")) for number in range(1, 31)] == [None] * 30
    assert log.unexplained() == [
        (number, "its payload is gone and no purge says so") for number in range(1, 21)
    ]


def test_a_run_that_ends_while_the_journal_is_read_is_not_held_against_it() -> None:
    """Its payloads may have been read before they went, or after."""
    told = tuple(replace(i, erased=5) for i in ITEMS)
    for counter, holds in ((1, True), (2, False)):
        log = ErasureLog(counter)
        log.check(entry(1, OPEN))
        log.check(entry(2, replace(CLOSE, items=told)))
        assert (log.unexplained() == []) is holds
