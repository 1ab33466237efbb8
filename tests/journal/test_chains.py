"""Restores and chains on entries made for it: what does not follow, in its own words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from rempart.journal import Entry, pack
from rempart.journal.restores import LEAST_JUMP, Chains

LEAF = bytes(range(32))
LAST = 41
COPIED = datetime(2026, 6, 1, 12, tzinfo=UTC)
NEVER = "what it opens to is not this restore"


def number(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


STATED: list[bytes | None] = [
    b"rempart/restore/v1",
    b"Panne du disque",
    b"Alice",
    number(LAST),
    LEAF,
    number(int(COPIED.timestamp()) * 1_000_000),
    number(LEAST_JUMP),
    number(43),
]


def entry(number: int, kind: str, **fields: object) -> Entry:
    told: dict[str, Any] = {
        "entry_no": number,
        "kind": kind,
        "subject_kind": 0,
        "subject_id": 0,
        "counter": 1,
        "previous_hash": "\\x" + bytes(32).hex(),
        "leaf_hash": "\\x" + LEAF.hex(),
        "recorded_us": int(COPIED.timestamp()) * 1_000_000,
        "guard_at": 1_000,
        "proof_kind": "console",
        "replays": 0,
    }
    return Entry(told | fields, None)


def restored(
    stated: list[bytes | None] | bytes | None, **fields: object
) -> tuple[Chains, list[str]]:
    """Follow one entry and a restore over it; the chains, and what is wrong with the restore."""
    chains = Chains()
    assert chains.place(entry(LAST, "gate")) == []
    told: dict[str, object] = {
        "counter": 2 + LEAST_JUMP,
        "previous_hash": "\\x" + LEAF.hex(),
        "replays": LAST,
    }
    made = entry(LAST + LEAST_JUMP + 1, "restore", **told | fields)
    if stated is not None:
        raw = stated if isinstance(stated, bytes) else pack(stated)
        made = Entry(made.fields, {"proof": "\\x" + raw.hex()})
    return chains, [what for kind, what in chains.place(made) if kind == "restore"]


def test_a_restore_is_told_as_the_operator_stated_it() -> None:
    chains, wrong = restored(STATED)
    (told,) = chains.restores
    assert wrong == []
    assert (told.last_entry, told.jump, told.copy_at) == (LAST, LEAST_JUMP, COPIED)
    assert (told.reason, told.author, told.known_entry) == ("Panne du disque", "Alice", 43)


def test_a_restore_whose_payload_is_gone_still_explains_its_gap() -> None:
    chains, wrong = restored(None)
    (told,) = chains.restores
    assert wrong == []
    assert (told.last_entry, told.jump, told.copy_at) == (LAST, LEAST_JUMP, None)
    assert chains.cut({(0, 0): (2 + LEAST_JUMP, LEAF)}) == []


@pytest.mark.parametrize(
    "fields, why",
    [
        ({"subject_kind": 2}, "a restore is the platform's, from a console"),
        ({"proof_kind": "proof"}, "a restore is the platform's, from a console"),
        ({"replays": LAST - 1}, "it does not name the entry that stands before it"),
        ({"entry_no": LAST + LEAST_JUMP}, "numbers did not jump far enough"),
        ({"guard_at": 999}, "guard time went back"),
    ],
)
def test_a_restore_that_does_not_follow_is_found(fields: dict[str, object], why: str) -> None:
    assert restored(None, **fields)[1] == [why]


def stated(place: int, value: bytes | None) -> list[bytes | None]:
    return [*STATED[:place], value, *STATED[place + 1 :]]


@pytest.mark.parametrize(
    "what",
    [
        b"\0",
        stated(1, b"\xff"),
        stated(0, b"rempart/restore/v2"),
        stated(2, None),
        STATED[:-1],
        stated(3, number(LAST - 1)),
        stated(4, bytes(32)),
        stated(5, number(2**62)),
        stated(6, number(LEAST_JUMP + 1)),
    ],
    ids=["cut", "text", "context", "absent", "short", "last", "leaf", "date", "jump"],
)
def test_what_opens_to_another_restore_is_found(what: list[bytes | None] | bytes) -> None:
    chains, wrong = restored(what)
    assert wrong == [NEVER]
    # The gap is the entry's own, whatever somebody wrote beside it.
    assert chains.restores[0].jump == LEAST_JUMP
