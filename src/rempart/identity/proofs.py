"""Makes what a software signs: its DPoP proofs and its sign-in assertion. The client's side."""

import hashlib
import json
import os
import secrets
import stat
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from rempart.foundation.errors import RempartError
from rempart.identity.compact import encode

ASSERTION_LIVES_S: Final = 300
_LONGEST_FILE: Final = 16_384
_ES256: Final = ECDSA(SHA256())


class ClientKeyError(RempartError):
    """A key file that cannot be used. Names the path and what to change, never what it holds."""


class KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    """What is written beside the software: its key, and what enrolment answered."""

    private_key_pem: str
    client_id: str | None = None
    site: str | None = None
    signin_url: str | None = None
    insurer: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ClientKey:
    """An installation's key pair, with what it was given at enrolment once it is enrolled."""

    private_key: EllipticCurvePrivateKey
    client_id: str | None = None
    site: str | None = None
    signin_url: str | None = None
    insurer: str | None = None

    @classmethod
    def generate(cls) -> Self:
        """Make a new P-256 key pair."""
        return cls(generate_private_key(SECP256R1()))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file; raises `ClientKeyError` if others can read it or it is none."""
        content = _read_private(path)
        try:
            kept = msgspec.json.decode(content, type=KeyFile)
            key = load_pem_private_key(kept.private_key_pem.encode(), password=None)
        except (msgspec.DecodeError, ValueError, TypeError):
            raise ClientKeyError(f"{path} is not a key file") from None
        if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
            raise ClientKeyError(f"{path} does not hold a P-256 key")
        return cls(key, kept.client_id, kept.site, kept.signin_url, kept.insurer)

    def save(self, path: Path) -> None:
        """Write a new file of mode 0600; refuses to overwrite one."""
        pem = self.private_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()
        content = msgspec.json.encode(
            KeyFile(pem, self.client_id, self.site, self.signin_url, self.insurer)
        )
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content + b"\n")
                file.flush()
                os.fsync(descriptor)
        except OSError as error:
            raise ClientKeyError(f"{path} cannot be written: {error.strerror}") from error

    def enrolled(
        self, client_id: str, site: str | None, signin_url: str, insurer: str | None = None
    ) -> Self:
        """Return this key with what enrolment answered: it is a site's, or an insurer's."""
        return replace(self, client_id=client_id, site=site, signin_url=signin_url, insurer=insurer)

    @property
    def jwk(self) -> dict[str, str]:
        """The public key's four members, in the order of RFC 7638."""
        point = self.private_key.public_key().public_numbers()
        x, y = (encode(number.to_bytes(32, "big")) for number in (point.x, point.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    @property
    def jkt(self) -> bytes:
        """RFC 7638 SHA-256 thumbprint, 32 bytes."""
        return hashlib.sha256(_json(self.jwk)).digest()

    def proof(
        self, method: str, url: str, body: bytes, token: str | None = None, nonce: str | None = None
    ) -> str:
        """Sign a DPoP proof for one request: method, address, body, and token if one is shown."""
        claims: dict[str, object] = {
            "htm": method,
            "htu": url,
            "jti": secrets.token_urlsafe(18),
            "iat": int(time.time()),
            "bsh": encode(hashlib.sha256(body).digest()),
        }
        if token is not None:
            claims["ath"] = encode(hashlib.sha256(token.encode()).digest())
        if nonce is not None:
            claims["nonce"] = nonce
        return self.sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk}, claims)

    def assertion(self, client_id: str, audience: str, *, now: float | None = None) -> str:
        """Sign a sign-in assertion (RFC 7523) for the token endpoint `audience`."""
        at = int(time.time() if now is None else now)
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": secrets.token_urlsafe(18),
            "iat": at,
            "exp": at + ASSERTION_LIVES_S,
        }
        return self.sign({"typ": "JWT", "alg": "ES256"}, claims)

    def sign(self, header: object, claims: object) -> str:
        """Sign any header and claims as a compact JWS with ES256 (RFC 7518, 3.4)."""
        signed = f"{encode(_json(header))}.{encode(_json(claims))}"
        r, s = decode_dss_signature(self.private_key.sign(signed.encode(), _ES256))
        return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _read_private(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise ClientKeyError(f"{path} cannot be read: {error.strerror}") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise ClientKeyError(f"{path} is not a file of this user's")
        if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ClientKeyError(f"{path} can be reached by other users: set its mode to 0600")
        return os.read(descriptor, _LONGEST_FILE)
    finally:
        os.close(descriptor)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
