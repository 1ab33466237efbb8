"""Checks DPoP proofs (RFC 9449) that also sign the request's body: who asks, and what exactly."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from rempart.identity.address import NoAddressError, without_query
from rempart.identity.compact import MalformedError, decode, encode, read_part, split
from rempart.identity.nonce import NonceClock

_KEYS_KEPT: Final = 4_096
_LONGEST_KEPT: Final = 512
"""Characters of a header that is kept; ours have some 250."""

_ES256: Final = ECDSA(SHA256())

Coordinate = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
_Digest = Coordinate
_Visible = Annotated[str, msgspec.Meta(pattern=r"\A[!-~]{1,512}\Z")]
JwtId = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9._~-]{16,64}\Z")]


class ProofFault(StrEnum):
    """What is wrong with a proof."""

    MALFORMED = "proof_malformed"
    ALGORITHM = "proof_algorithm_not_allowed"
    KEY = "proof_key_not_allowed"
    SIGNATURE = "proof_signature_wrong"
    ADDRESS = "proof_for_another_request"
    BODY = "proof_for_another_body"
    TOKEN = "proof_for_another_token"  # noqa: S105 - a code, not a token
    NONCE = "use_dpop_nonce"


class ProofError(Exception):
    """A proof that shows nothing. Holds a code of ours, never what was sent."""

    def __init__(self, code: ProofFault) -> None:
        """Take the code."""
        super().__init__(code.value)
        self.code = code


class Header(msgspec.Struct, forbid_unknown_fields=True):
    """A proof's header. What is not named here (`crit`, `kid`, `x5c`…) is refused."""

    typ: str
    alg: str
    jwk: dict[str, object]


class PublicKey(msgspec.Struct, forbid_unknown_fields=True):
    """A P-256 public key (RFC 7518, 6.2.1); `d` and everything else is refused."""

    crv: str
    kty: str
    x: Coordinate
    y: Coordinate

    def canonical(self) -> str:
        """Write it as RFC 7638 hashes it: required members in order, no space."""
        return f'{{"crv":"P-256","kty":"EC","x":"{self.x}","y":"{self.y}"}}'


class Claims(msgspec.Struct, forbid_unknown_fields=True):
    """A proof's claims. `iat` must be there and judges nothing: the nonce does."""

    htm: Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{1,16}\Z")]
    htu: _Visible
    jti: JwtId
    iat: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    bsh: _Digest
    ath: _Digest | None = None
    nonce: _Visible | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a checked proof shows: this key signed this request, body included."""

    jkt: bytes
    """RFC 7638 SHA-256 thumbprint of the key, 32 bytes."""
    jti: str
    """The proof's identifier, 16 to 64 characters: used up in the transaction that it is for."""
    public_jwk: str
    """The key as canonical JWK, whose SHA-256 is `jkt`."""


def check_proof(
    jwt: str, *, method: str, url: str, body: bytes, token: str | None, nonces: NonceClock
) -> Proof:
    """Check all that a proof says except that it is new, which only the database can tell.

    `url` is our own public address of the route, never what a Host header says. `token` is the
    access token presented, or `None` where none is due. Raises `ProofError`.
    """
    # 1 take it apart: one spelling, nothing that we do not know
    try:
        head, told, signed, signature = split(jwt)
        header = _header(head) if len(head) <= _LONGEST_KEPT else _header.__wrapped__(head)
        claims = msgspec.convert(read_part(told), Claims)
    except (MalformedError, msgspec.ValidationError):
        raise ProofError(ProofFault.MALFORMED) from None
    if header.typ != "dpop+jwt" or header.alg != "ES256":
        raise ProofError(ProofFault.ALGORITHM)

    # 2 what it is for, cheapest first; a forger learns nothing here that he did not write himself
    _check_claims(claims, method=method, url=url, body=body, token=token)
    if claims.nonce is None or not nonces.accepts(claims.nonce):
        raise ProofError(ProofFault.NONCE)

    # 3 who signed it
    jwk = _public_key(header.jwk)
    if len(signature) != 64:
        raise ProofError(ProofFault.SIGNATURE)
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    try:
        _point(jwk.x, jwk.y).verify(encode_dss_signature(r, s), signed, _ES256)
    except InvalidSignature:
        raise ProofError(ProofFault.SIGNATURE) from None
    canonical = jwk.canonical()
    return Proof(hashlib.sha256(canonical.encode()).digest(), claims.jti, canonical)


@lru_cache(maxsize=_KEYS_KEPT)
def _header(text: str) -> Header:
    """Read a header: a client writes the same one before each of its proofs."""
    return msgspec.convert(read_part(text), Header)


def _check_claims(claims: Claims, *, method: str, url: str, body: bytes, token: str | None) -> None:
    try:
        same_address = without_query(claims.htu) == without_query(url)
    except NoAddressError:
        same_address = False
    if claims.htm != method or not same_address:
        raise ProofError(ProofFault.ADDRESS)
    if claims.bsh != encode(hashlib.sha256(body).digest()):
        raise ProofError(ProofFault.BODY)
    expected = None if token is None else encode(hashlib.sha256(token.encode()).digest())
    if claims.ath != expected:
        raise ProofError(ProofFault.TOKEN)


def _public_key(members: dict[str, object]) -> PublicKey:
    try:
        jwk = msgspec.convert(members, PublicKey)
    except msgspec.ValidationError:
        raise ProofError(ProofFault.KEY) from None
    if jwk.kty != "EC" or jwk.crv != "P-256":
        raise ProofError(ProofFault.KEY)
    return jwk


@lru_cache(maxsize=_KEYS_KEPT)
def _point(x: str, y: str) -> EllipticCurvePublicKey:
    """Build the key object once per key; a point off the curve is refused (and never kept)."""
    try:
        return EllipticCurvePublicKey.from_encoded_point(
            SECP256R1(), b"\x04" + decode(x) + decode(y)
        )
    except (MalformedError, ValueError):
        raise ProofError(ProofFault.KEY) from None
