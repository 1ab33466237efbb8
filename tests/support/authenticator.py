"""A passkey in software: what an authenticator and a browser do, byte by byte (WebAuthn 3)."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

from rempart.identity.compact import decode, encode

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Authenticator:
    """One passkey, held by one device; ``origin`` is what the browser would write."""

    origin: str
    rp_id: str = "localhost"
    flags: int = PRESENT | VERIFIED
    sign_count: int = 0
    handle: bytes = b""
    model: bytes = bytes(16)
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def make(self, options: dict[str, Any], **changes: object) -> str:
        """Answer what `navigator.credentials.create` was asked, as JSON text."""
        self.handle = decode(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )
        attested = self.model + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = self._data(ATTESTED) + attested + cose
        return self._answer(
            {
                "clientDataJSON": self._client("webauthn.create", options["challenge"], changes),
                "attestationObject": encode(
                    cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
                ),
                "transports": ["internal"],
            }
        )

    def touch(self, options: dict[str, Any], **changes: object) -> str:
        """Answer what `navigator.credentials.get` was asked, as JSON text."""
        self.sign_count += 1
        client = self._client("webauthn.get", options["challenge"], changes)
        data = self._data(0)
        signed = data + hashlib.sha256(decode(client)).digest()
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": encode(data),
                "signature": encode(self.key.sign(signed, ECDSA(SHA256()))),
                "userHandle": encode(self.handle),
            }
        )

    def _data(self, flags: int) -> bytes:
        counted = bytes([self.flags | flags]) + self.sign_count.to_bytes(4, "big")
        return hashlib.sha256(self.rp_id.encode()).digest() + counted

    def _client(self, kind: str, challenge: str, changes: dict[str, object]) -> str:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return encode(json.dumps(told | changes, separators=(",", ":")).encode())

    def _answer(self, response: dict[str, Any]) -> str:
        name = encode(self.credential_id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "clientExtensionResults": {},
                "response": response,
            }
        )
