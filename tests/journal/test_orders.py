"""Orders of officers as an auditor reads them: whatever is misshapen or unsigned is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.journal import Entry, Order, OrderError, key_id, pack, read_statement, unpack
from rempart.journal.orders import OrderLog

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NONCE = bytes(16)
PLACE = Order("place", "account", "10000000017@750000018", "Plainte", "", NOW, NONCE)
KEYS = {
    name: Ed25519PrivateKey.from_private_bytes(bytes([at]) * 32)
    for at, name in enumerate(("Alice", "Bob", "Carol"))
}


def raw(name: str) -> bytes:
    return KEYS[name].public_key().public_bytes_raw()


RAW = raw("Alice")
ADD = Order("add", "officer", "Alice", "", "", NOW, b"\1" * 16, RAW)


def signed(order: Order, *names: str) -> bytes:
    """An order with the signature of each."""
    whole = order.packed()
    parts = [(name.encode(), key_id(raw(name)), KEYS[name].sign(whole)) for name in names]
    return pack([whole, *(part for triple in parts for part in triple)])


def field(place: int, value: bytes | None, order: Order = PLACE) -> bytes:
    """A statement whose order has another field there."""
    fields = unpack(order.packed())
    fields[place] = value
    return pack([pack(fields)])


WHOLE = PLACE.packed()
CUT, NONE = "its order is cut short", "it holds no order"
MISSHAPEN = {
    "nothing": (b"", NONE),
    "an absent order": (pack([None]), NONE),
    "an empty order": (pack([b""]), NONE),
    "a cut statement": (pack([WHOLE])[:-1], CUT),
    "a cut order": (pack([WHOLE[:-1]]), CUT),
    "a field more": (pack([WHOLE + pack([b""])]), NONE),
    "another context": (field(0, b"rempart/order/v2"), NONE),
    "half a signature": (pack([WHOLE, b"Alice"]), NONE),
    "a signature without its key": (pack([WHOLE, b"Alice", None, bytes(64)]), NONE),
    "a value that is no text": (field(3, b"\xff"), "its order holds text that is none"),
    "a name that is no text": (
        pack([WHOLE, b"\xff", bytes(6), bytes(64)]),
        "its order holds text that is none",
    ),
    "an end beyond time": (field(6, b"\xff" * 8), "its order has no end that a calendar knows"),
    "a longer end": (
        field(6, b"\0" + (unpack(WHOLE)[6] or b"")),
        "its order is not in its one form",
    ),
    "an absent text": (field(5, None), "its order is not in its one form"),
}


@pytest.mark.parametrize("how", MISSHAPEN)
def test_a_misshapen_statement_is_refused(how: str) -> None:
    assert read_statement(signed(PLACE))[0] == PLACE
    statement, why = MISSHAPEN[how]
    with pytest.raises(OrderError) as raised:
        read_statement(statement)
    assert str(raised.value) == why


def test_an_order_comes_back_as_it_was_packed() -> None:
    for order in (PLACE, ADD, replace(PLACE, until=None, nonce=None)):
        found, (signature,) = read_statement(signed(order, "Alice"))
        assert (found, signature.officer, signature.key_id) == (order, "Alice", key_id(RAW))


def entry(kind: str, statement: bytes) -> Entry:
    fields = {"kind": kind, "recorded_us": int(NOW.timestamp() * 1e6)}
    return Entry(fields, {"proof": "\\x" + statement.hex()})


def lacks(*entries: Entry) -> str | None:
    """What the last of them lacks; those before it are fine."""
    log = OrderLog()
    *before, last = entries
    assert [log.check(one) for one in before] == [None] * len(before)
    return log.check(last)


ADDED = entry("hold", signed(ADD))


def test_a_hold_that_an_officer_signed_is_fine() -> None:
    assert lacks(ADDED, entry("hold", signed(PLACE, "Alice"))) is None


def test_a_misshapen_order_is_what_an_entry_lacks() -> None:
    assert lacks(entry("hold", b"")) == NONE


@pytest.mark.parametrize(
    "statement",
    [signed(replace(PLACE, action="place")), signed(replace(PLACE, action="close"), "Alice")],
    ids=["a hold", "signed"],
)
def test_a_gate_is_moved_by_a_gates_order_alone(statement: bytes) -> None:
    assert lacks(ADDED, entry("gate", signed(replace(PLACE, action="close")))) is None
    assert lacks(ADDED, entry("gate", statement)) == "it is no gate's move"


@pytest.mark.parametrize(
    "change, why",
    [
        ({"nonce": None}, "its order could be used twice"),
        ({"until": None}, "its order could be used twice"),
        ({"nonce": ADD.nonce}, "its order was used before"),
        ({"until": NOW - timedelta(minutes=2)}, "its order was past its time"),
        ({"action": "close"}, "it is no move of a hold"),
        ({"scope": "site"}, "it is no move of a hold"),
        ({"action": "release"}, "two officers must sign a release"),
        ({"action": "ease"}, "the account was not on hold"),
        ({"action": "add", "scope": "officer"}, "it adds an officer without a key"),
        ({"action": "remove", "scope": "officer"}, "it removes somebody who is no officer"),
    ],
)
def test_an_order_that_says_too_little_is_found(change: dict[str, object], why: str) -> None:
    order = replace(PLACE, **change)  # type: ignore[arg-type]  # names and types are the table's
    assert lacks(ADDED, entry("hold", signed(order, "Alice"))) == why


def officer(at: int, action: str, name: str, *signers: str) -> Entry:
    """An officer comes or goes, by the signatures of these."""
    key = raw(name) if action == "add" else None
    return entry(
        "hold", signed(Order(action, "officer", name, "", "", NOW, bytes([at]) * 16, key), *signers)
    )


FOUNDED = (ADDED, officer(2, "add", "Bob", "Alice"))


@pytest.mark.parametrize(
    "signers, why",
    [
        (("Alice", "Bob"), None),
        (("Alice", "Carol"), "two other officers must sign a removal"),
        (("Alice",), "two other officers must sign a removal"),
    ],
)
def test_whoever_is_removed_is_neither_of_the_two(
    signers: tuple[str, ...], why: str | None
) -> None:
    three = (*FOUNDED, officer(3, "add", "Carol", "Alice", "Bob"))
    assert lacks(*three, officer(4, "remove", "Carol", *signers)) == why


def test_two_sign_for_a_third() -> None:
    assert (
        lacks(*FOUNDED, officer(3, "add", "Carol", "Bob")) == "two officers must sign for a third"
    )
