"""Checks an answer that somebody kept: what he was told, that it is on record, who signed it."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from rempart.billing import read_engagement_number
from rempart.foundation.errors import BadInputError
from rempart.journal import ReceiptError, SignedLeaf, check_signed_leaf, commitment_a, leaf_hash
from rempart.rights.quote import QuotedLine, write_told

_TOLD = ("outcome", "rate_bp", "amount_cents", "ceiling_cents", "expires_on")


class HeldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an asker keeps: the body that he sent, as text, the answer, and the receipt key.

    A receipt that the portal told again has ``record`` in place of the body: what the entry says
    was asked, with the body's salted digest. It shows all but about whom.
    """

    request: str | None = None
    record: dict[str, Any] | None = None
    answer: dict[str, Any]
    receipt_key: str


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt that holds: its number, the leaf's place in its signed batch, and the leaf."""

    entry: str
    index: int
    size: int
    leaf: bytes


def read_held(content: bytes) -> HeldAnswer:
    """Read what `rempart ask --keep` writes, or *My activity* shows; `BadInputError`."""
    try:
        return msgspec.json.decode(content, type=HeldAnswer)
    except msgspec.MsgspecError:
        raise BadInputError("FILE", "is not an answer that was kept") from None


def check_held(held: HeldAnswer, public_key: bytes) -> HeldReceipt:
    """Check a kept answer offline, from docs/entry.md alone.

    ``public_key``: the operator's receipt key, 32 bytes, from where the reader trusts it. The
    answer must open commitment A, the leaf must follow from it, and the leaf must be in a batch
    that this key signed. Raises `ReceiptError` with what does not hold, `BadInputError` when
    something is missing or misshapen.
    """
    try:
        receipt = held.answer["receipt"]
        a = commitment_a(_opened(held, receipt))
        m, b, head, number = (
            bytes.fromhex(receipt[name])
            for name in ("commitment_m", "commitment_b", "head", "entry")
        )
        leaf = bytes.fromhex(receipt["leaf"])
        place = receipt["signed"]
        signed = SignedLeaf(
            place["index"],
            place["size"],
            tuple(bytes.fromhex(node) for node in place["path"]),
            bytes.fromhex(place["signature"]),
            place["key_id"],
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, msgspec.MsgspecError):
        raise BadInputError("FILE", "lacks something that a receipt has") from None
    if leaf_hash(number, head, a, m, b) != leaf:
        raise ReceiptError("the leaf does not hold what the answer says")
    check_signed_leaf(leaf, signed, public_key)
    return HeldReceipt(receipt["entry"], signed.index, signed.size, leaf)


def _opened(held: HeldAnswer, receipt: dict[str, Any]) -> dict[str, Any]:
    """Put together what commitment A was made of, from the asker's own request and answer."""
    asked = _asked(held, receipt)
    number = held.answer["engagement"]
    return {
        **{name: held.answer[name] for name in _TOLD},
        "salt_a": receipt["salt"],
        "professional": asked["professional"],
        "site": asked["site"],
        "domain": asked["domain"],
        "care_on": asked["care_date"],
        "evidence": _evidence(asked),
        "refused_because": asked["refused_because"],
        "engagement_hash": None
        if number is None
        else hashlib.sha256(read_engagement_number(number).encode()).hexdigest(),
        "digest": asked["digest"],
        "told": _told(held.answer.get("lines")),
    }


def _told(lines: list[dict[str, Any]] | None) -> str | None:
    """What a quote told, as its entry has it; a plain answer has no lines."""
    if lines is None:
        return None
    quoted = [
        QuotedLine(
            line["amount_cents"],
            line["units_left"],
            line["next_from"] and date.fromisoformat(line["next_from"]),
        )
        for line in lines
    ]
    return write_told(quoted).hex()


def _asked(held: HeldAnswer, receipt: dict[str, Any]) -> dict[str, Any]:
    """Say what was asked: from the body, whose digest it computes, or as the entry has it."""
    if (held.request is None) == (held.record is None):
        raise KeyError
    if held.record is not None:
        return held.record
    request = str(held.request)
    body: dict[str, Any] = msgspec.json.decode(request.encode())
    salted = bytes.fromhex(receipt["body_salt"]) + request.encode()
    return body | {"refused_because": "", "digest": hashlib.sha256(salted).hexdigest()}


def _evidence(body: dict[str, Any]) -> str:
    excepted = body.get("exception")
    return str(body["evidence"] if excepted is None else f"exception:{excepted['reason']}")
