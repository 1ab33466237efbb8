"""`GET /v1/receipt-keys`: the public keys with which anybody checks a receipt."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.parts import edge_parts
from rempart.journal import ReceiptSigner


class ReceiptKey(msgspec.Struct, frozen=True, kw_only=True):
    """One public key, in hexadecimal, and the name that receipts give it."""

    key_id: str
    algorithm: Annotated[str, Meta(examples=["Ed25519"])]
    public_key: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class ReceiptKeys(msgspec.Struct, frozen=True):
    """Every key that signed a receipt, the one in use first."""

    keys: list[ReceiptKey]


def published(signer: ReceiptSigner) -> bytes:
    """Write the answer, once a start."""
    key = ReceiptKey(key_id=signer.key_id, algorithm="Ed25519", public_key=signer.public_key.hex())
    return msgspec.json.encode(ReceiptKeys([key]))


async def receipt_keys(request: Request) -> Response:
    """Give the public keys of receipts."""
    return Response(edge_parts(request).receipt_keys, media_type="application/json")
