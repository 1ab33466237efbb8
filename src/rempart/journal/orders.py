"""Orders about gates, holds and officers as entries hold them, and who must have signed them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rempart.foundation.errors import RempartError
from rempart.journal.entry import Entry
from rempart.journal.packing import PackingError, pack, unpack

KEY_ID_BYTES: Final = 6
_CONTEXT = b"rempart/order/v1"
_FIELDS = 9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SLACK_US = 60_000_000
# Until two officers are on record nobody could sign for a third.
_FOUNDERS = 2


class OrderError(RempartError):
    """An order does not hold. Says which check failed, and no value."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was decided: the bytes that officers sign (docs/entry.md, "Orders").

    ``until`` is the end of a closure, or until when a signed order may be used; ``nonce`` has 16
    bytes and ``key`` 32, absent where the action has none.
    """

    action: str
    scope: str
    value: str
    reason: str
    author: str
    until: datetime | None
    nonce: bytes | None
    key: bytes | None = None

    def packed(self) -> bytes:
        """Return the canonical bytes."""
        texts = (self.action, self.scope, self.value, self.reason, self.author)
        until = None
        if self.until is not None:
            until = ((self.until - _EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big")
        return pack([_CONTEXT, *(text.encode() for text in texts), until, self.nonce, self.key])


@dataclass(frozen=True, slots=True)
class OrderSignature:
    """An officer's signature over an order's bytes: Ed25519 (RFC 8032), 64 bytes."""

    officer: str
    key_id: bytes
    signature: bytes


def key_id(public_key: bytes) -> bytes:
    """Return the first 6 bytes of the SHA-256 of a public key."""
    return hashlib.sha256(public_key).digest()[:KEY_ID_BYTES]


def check_order_signature(order: bytes, signature: bytes, public_key: bytes) -> None:
    """Check one officer's signature over an order's bytes. Raises `OrderError`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, order)
    except (InvalidSignature, ValueError):
        raise OrderError("a signature is not that officer's over this order") from None


def read_statement(raw: bytes) -> tuple[Order, list[OrderSignature]]:
    """Read what an entry of kind gate or hold opens to. Raises `OrderError`."""
    first, *rest = _unpack(raw)
    fields = _unpack(first or b"")
    if len(fields) != _FIELDS or fields[0] != _CONTEXT or len(rest) % 3 or None in rest:
        raise OrderError("it holds no order")
    try:
        texts = [(field or b"").decode() for field in fields[1:6]]
        names = [(name or b"").decode() for name in rest[::3]]
    except UnicodeDecodeError:
        raise OrderError("its order holds text that is none") from None
    until = None
    if fields[6] is not None:
        try:
            until = _EPOCH + timedelta(microseconds=int.from_bytes(fields[6], "big"))
        except OverflowError:
            raise OrderError("its order has no end that a calendar knows") from None
    action, scope, value, reason, author = texts
    order = Order(action, scope, value, reason, author, until, fields[7], fields[8])
    if order.packed() != first:
        raise OrderError("its order is not in its one form")
    signatures = [
        OrderSignature(name, id_ or b"", signature or b"")
        for name, id_, signature in zip(names, rest[1::3], rest[2::3], strict=True)
    ]
    return order, signatures


def _unpack(raw: bytes) -> list[bytes | None]:
    try:
        fields = unpack(raw)
    except PackingError:
        raise OrderError("its order is cut short") from None
    if not fields:
        raise OrderError("it holds no order")
    return fields


class OrderLog:
    """Follows officers and holds through the journal, and says what an order lacks.

    Officers' keys come from the entries that added them, not from a table.
    """

    def __init__(self) -> None:
        """Begin before the first entry."""
        self._officers: dict[str, bytes] = {}
        self._retired: set[bytes] = set()
        self._held: set[str] = set()
        self._eased: set[str] = set()
        self._nonces: set[bytes] = set()

    def check(self, entry: Entry) -> str | None:
        """Tell what is wrong with an entry of kind gate or hold; None when it holds."""
        kind, payload = entry.fields["kind"], entry.payload
        if kind not in {"gate", "hold"} or payload is None:
            return None
        try:
            order, signatures = read_statement(bytes.fromhex(payload["proof"].removeprefix("\\x")))
            if kind == "gate":
                _expect(
                    order.action in {"close", "open"} and not signatures, "it is no gate's move"
                )
            else:
                self._check_signed(order, signatures, entry.fields["recorded_us"])
        except OrderError as error:
            return str(error)
        return None

    def _check_signed(
        self, order: Order, signatures: list[OrderSignature], recorded_us: int
    ) -> None:
        signers = self._signers(order, signatures)
        nonce, until = order.nonce, order.until
        if nonce is None or until is None:
            raise OrderError("its order could be used twice")
        _expect(nonce not in self._nonces, "its order was used before")
        self._nonces.add(nonce)
        late = recorded_us - (until - _EPOCH) // timedelta(microseconds=1)
        _expect(late <= _SLACK_US, "its order was past its time")
        match order.action, order.scope:
            case "add", "officer":
                self._add(order, signers)
            case "remove", "officer":
                self._remove(order, signers)
            case "place", "account":
                _expect(len(signers) >= 1, "no officer signed the hold")
                _expect(order.value not in self._held, "the account was on hold already")
                self._held.add(order.value)
            case "ease", "account":
                _expect(len(signers) >= 1, "no officer signed for the tenth")
                _expect(order.value in self._held, "the account was not on hold")
                self._held.remove(order.value)
                self._eased.add(order.value)
            case "release", "account":
                _expect(len(signers) >= _FOUNDERS, "two officers must sign a release")
                _expect(order.value in self._held | self._eased, "the account was not on hold")
                self._held.discard(order.value)
                self._eased.discard(order.value)
            case _:
                raise OrderError("it is no move of a hold")

    def _add(self, order: Order, signers: set[str]) -> None:
        known = self._officers
        _expect(order.key is not None, "it adds an officer without a key")
        _expect(order.value not in known, "the officer was on record already")
        _expect(order.key not in known.values(), "two officers have one key")
        _expect(order.key not in self._retired, "its key was taken off the record")
        enough = len(known) < _FOUNDERS or len(signers) >= _FOUNDERS
        _expect(enough, "two officers must sign for a third")
        known[order.value] = order.key or b""

    def _remove(self, order: Order, signers: set[str]) -> None:
        _expect(order.value in self._officers, "it removes somebody who is no officer")
        enough = len(signers - {order.value}) >= _FOUNDERS
        _expect(enough, "two other officers must sign a removal")
        self._retired.add(self._officers.pop(order.value))

    def _signers(self, order: Order, signatures: Iterable[OrderSignature]) -> set[str]:
        signers = set()
        for one in signatures:
            key = self._officers.get(one.officer)
            if key is None:
                raise OrderError("somebody signed who is no officer")
            _expect(one.key_id == key_id(key), "a signature names another key than the officer's")
            check_order_signature(order.packed(), one.signature, key)
            signers.add(one.officer)
        return signers


def _expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion that stays in
    if not holds:
        raise OrderError(otherwise)
