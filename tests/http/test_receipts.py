"""A kept answer opens, offline and for ever; changed in any way, it does not."""

import copy
import json
from typing import Any

import msgspec
import pytest

from rempart.foundation.errors import BadInputError
from rempart.journal import ReceiptError
from rempart.rights import HeldAnswer, check_held, read_held
from tests.http.platform import Platform

pytestmark = pytest.mark.anyio


@pytest.fixture
async def held(platform: Platform) -> HeldAnswer:
    return await kept(platform, "alice")


async def kept(platform: Platform, person: str) -> HeldAnswer:
    body = msgspec.json.encode(platform.question(person))
    answer = await platform.send(body)
    assert answer.status_code == 200, answer.text
    keys = (await platform.edge.get("/v1/receipt-keys")).json()["keys"]
    whole = {
        "request": body.decode(),
        "answer": answer.json(),
        "receipt_key": keys[0]["public_key"],
    }
    assert keys[0]["key_id"] == whole["answer"]["receipt"]["signed"]["key_id"]
    return read_held(json.dumps(whole).encode())


def changed(held: HeldAnswer, path: str, value: object) -> HeldAnswer:
    answer = copy.deepcopy(held.answer)
    place: Any = answer
    *way, last = path.split(".")
    for step in way:
        place = place[step]
    place[last] = value
    return HeldAnswer(request=held.request, answer=answer, receipt_key=held.receipt_key)


async def test_a_kept_answer_holds(held: HeldAnswer) -> None:
    found = check_held(held, bytes.fromhex(held.receipt_key))
    assert found.entry == held.answer["receipt"]["entry"]
    assert found.index < found.size


async def test_another_outcome_also_holds(platform: Platform) -> None:
    held = await kept(platform, "stranger")
    assert held.answer["outcome"] == "no_right_found"
    check_held(held, bytes.fromhex(held.receipt_key))


LIES = {
    "outcome": "no_right_found",
    "rate_bp": 6500,
    "ceiling_cents": None,
    "expires_on": "2030-01-01",
    "engagement": "0000-0000-0000-0000-0",
    "receipt.salt": "00" * 32,
    "receipt.body_salt": "00" * 16,
    "receipt.leaf": "00" * 32,
    "receipt.head": "00" * 32,
    "receipt.entry": "00" * 16,
    "receipt.commitment_m": "00" * 32,
    "receipt.commitment_b": "00" * 32,
    "receipt.signed.signature": "00" * 64,
    "receipt.signed.size": 2,
}


async def test_a_changed_answer_does_not_hold(held: HeldAnswer) -> None:
    for path, lie in LIES.items():
        with pytest.raises(ReceiptError):
            check_held(changed(held, path, lie), bytes.fromhex(held.receipt_key))


async def test_a_changed_request_or_key_does_not_hold(held: HeldAnswer) -> None:
    assert held.request is not None
    for request in (held.request.replace("PHAR", "LABO"), held.request + " "):
        lie = HeldAnswer(request=request, answer=held.answer, receipt_key=held.receipt_key)
        with pytest.raises(ReceiptError):
            check_held(lie, bytes.fromhex(held.receipt_key))
    with pytest.raises(ReceiptError):
        check_held(held, bytes(31) + b"\x01")


async def test_what_is_missing_is_bad_input(held: HeldAnswer) -> None:
    for path, value in (("receipt", {}), ("receipt.salt", "zz"), ("receipt.signed", None)):
        with pytest.raises(BadInputError):
            check_held(changed(held, path, value), bytes.fromhex(held.receipt_key))
    # What was asked is the body that was sent or what the entry has: one of them, and not both.
    assert (held.request is None, held.record) == (False, None)
    for lie in (
        msgspec.structs.replace(held, request=None),
        msgspec.structs.replace(held, record={}),
    ):
        with pytest.raises(BadInputError):
            check_held(lie, bytes.fromhex(held.receipt_key))
    for content in (b"", b"[]", b'{"request": 1}'):
        with pytest.raises(BadInputError):
            read_held(content)
