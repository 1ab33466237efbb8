"""What an entry of kind purge says: what is to be erased until which date, or how much was."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from rempart.foundation.errors import RempartError
from rempart.journal.packing import PackingError, pack, unpack

_CONTEXT = b"rempart/purge/v1"
_HEAD_FIELDS = 4
_ITEM_FIELDS = 4

WHAT: Final = (
    *("cover", "met", "payload", "reference", "staged", "departed", "claim_line", "sealed_lines"),
    *("authorized_line", "frequency_use", "cancelled_iban", "replaced_iban"),
    *("turned_cover", "turned_departed"),
)
"""Everything that a run erases, in the order of its statement."""

_EVER: Final = frozenset({WHAT, WHAT[:12], WHAT[:6], WHAT[:5]})
"""What a statement lists: earlier ones, whose runs erased less on record, are still read."""


class PurgeError(RempartError):
    """A statement does not hold. Says what is wrong with it, and no value."""


@dataclass(frozen=True, slots=True)
class PurgeItem:
    """What goes: everything of a kind before a date; ``erased`` counts rows, None when opening."""

    what: str
    policy: str
    before: date
    erased: int | None


@dataclass(frozen=True, slots=True)
class PurgeStatement:
    """One step of a run (docs/entry.md, "Erasures"): ``opening`` is the number of its first."""

    step: Literal["open", "close"]
    author: str
    opening: int | None
    items: tuple[PurgeItem, ...]

    def packed(self) -> bytes:
        """Return the canonical bytes."""
        opening = None if self.opening is None else self.opening.to_bytes(8, "big")
        head = [_CONTEXT, self.step.encode(), self.author.encode(), opening]
        return pack([*head, *(_packed(item) for item in self.items)])

    def before(self, what: str) -> date:
        """Return the date before which a kind goes."""
        return next(item.before for item in self.items if item.what == what)

    def erased(self, what: str) -> int:
        """Return how many of a kind went; 0 when opening."""
        return next(item.erased or 0 for item in self.items if item.what == what)


def _packed(item: PurgeItem) -> bytes:
    erased = None if item.erased is None else item.erased.to_bytes(8, "big")
    texts = (item.what, item.policy, item.before.isoformat())
    return pack([*(text.encode() for text in texts), erased])


def read_purge_statement(raw: bytes) -> PurgeStatement:
    """Read what an entry of kind purge opens to. Raises `PurgeError`."""
    try:
        head, items = _parts(raw)
        step, author = (_text(field) for field in head[1:3])
        opening = None if head[3] is None else int.from_bytes(head[3], "big")
    except (PackingError, ValueError):
        raise PurgeError("it says nothing that can be read") from None
    match step:
        case "open" if opening is None and all(item.erased is None for item in items):
            return PurgeStatement("open", author, None, items)
        case "close" if opening is not None and all(item.erased is not None for item in items):
            return PurgeStatement("close", author, opening, items)
    raise PurgeError("it is no step of a run")


def _parts(raw: bytes) -> tuple[list[bytes | None], tuple[PurgeItem, ...]]:
    fields = unpack(raw)
    if len(fields) < _HEAD_FIELDS or fields[0] != _CONTEXT:
        raise ValueError
    items = tuple(_items(fields[_HEAD_FIELDS:]))
    if tuple(item.what for item in items) not in _EVER:
        raise ValueError
    return fields[:_HEAD_FIELDS], items


def _items(packed: list[bytes | None]) -> Iterator[PurgeItem]:
    for one in packed:
        fields = unpack(one or b"")
        if len(fields) != _ITEM_FIELDS:
            raise ValueError
        what, policy, before = (_text(field) for field in fields[:3])
        erased = None if fields[3] is None else int.from_bytes(fields[3], "big")
        yield PurgeItem(what, policy, date.fromisoformat(before), erased)


def _text(field: bytes | None) -> str:
    if field is None:
        raise ValueError
    return field.decode()
