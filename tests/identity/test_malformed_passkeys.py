"""What a stranger calls a passkey: whatever the library stumbles over, it is refused."""

import hashlib
import json
import struct
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
import pytest

from rempart.identity.ceremonies import CeremonyError, RelyingParty

PARTY = RelyingParty("http://localhost:8765")
CHALLENGE = bytes(32)
KEY = {1: 2, 3: -7, -1: 1, -2: b"a" * 32, -3: b"b" * 32}


def told(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def attested(key: object, fmt: str = "none", statement: dict[str, Any] | None = None) -> bytes:
    data = hashlib.sha256(b"localhost").digest() + b"\x45" + bytes(4 + 16)
    data += struct.pack(">H", 16) + b"x" * 16 + cbor2.dumps(key)
    return cbor2.dumps({"fmt": fmt, "attStmt": statement or {}, "authData": data})


def credential(kind: str, **response: bytes) -> str:
    client = {"type": f"webauthn.{kind}", "challenge": told(CHALLENGE), "origin": PARTY.origin}
    written = {name: told(content) for name, content in response.items()}
    return json.dumps({
        "id": told(b"x" * 16), "rawId": told(b"x" * 16), "type": "public-key",
        "response": {"clientDataJSON": told(json.dumps(client).encode()), **written},
    })  # fmt: skip


@pytest.mark.parametrize(
    "attestation",
    [
        attested([]),
        attested({}),
        attested(7),
        attested(KEY, "android-safetynet", {"ver": "2", "response": b"W10.W10.aa"}),
        attested(KEY, "packed", {"alg": -7, "sig": b"", "x5c": [7]}),
        attested(KEY, "tpm", {"ver": "2.0", "certInfo": b"", "pubArea": b""}),
        cbor2.dumps([]),
        cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b""}),
        b"\x9f" * 2_000,
        b"",
    ],
)
def test_no_passkey_is_made_of_it(attestation: bytes) -> None:
    with pytest.raises(CeremonyError):
        PARTY.check_made(credential("create", attestationObject=attestation), CHALLENGE)


@pytest.mark.parametrize("key", [b"", cbor2.dumps([]), cbor2.dumps({}), cbor2.dumps(KEY)])
@pytest.mark.parametrize("data", [b"", b"\x45" * 37, bytes(400)])
def test_no_touch_is_made_of_it(key: bytes, data: bytes) -> None:
    touch = credential("get", authenticatorData=data, signature=b"")
    with pytest.raises(CeremonyError):
        PARTY.check_touched(touch, CHALLENGE, public_key=key, sign_count=0)
