"""Seals what one process writes and another alone may read: HPKE (RFC 9180), to a public key."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from rempart.foundation.errors import RempartError

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_SEED, _PRIVATE = 64, 96
_LATTICE = 1184


class SealError(RempartError):
    """A key is none, or what is sealed was not sealed to it for this. Holds no value."""


def make_pair() -> tuple[bytes, bytes]:
    """Make a private key (96 bytes) and its public one (1216 bytes)."""
    lattice, curve = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    private = lattice.private_bytes_raw() + curve.private_bytes_raw()
    return private, public_of(private)


def public_of(private: bytes) -> bytes:
    """Return the public key of a private one. Raises `SealError` for what is none."""
    if len(private) != _PRIVATE:
        raise SealError("this is no private key")
    lattice = MLKEM768PrivateKey.from_seed_bytes(private[:_SEED]).public_key()
    curve = X25519PrivateKey.from_private_bytes(private[_SEED:]).public_key()
    return lattice.public_bytes_raw() + curve.public_bytes_raw()


def seal(public: bytes, bound_to: str, plain: bytes) -> bytes:
    """Seal to a public key. It opens for the same `bound_to` alone: moved elsewhere, it does not.

    Raises `SealError` for what is no public key.
    """
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_LATTICE]),
            X25519PublicKey.from_public_bytes(public[_LATTICE:]),
        )
        # A key of the right length may still be none: only now is that found out.
        return _SUITE.encrypt(plain, key, info=_info(bound_to))
    except ValueError:
        raise SealError("this is no public key to seal to") from None


def open_sealed(private: bytes, bound_to: str, sealed: bytes) -> bytes:
    """Return what `seal` was given. Raises `SealError` for anything else."""
    if len(private) != _PRIVATE:
        raise SealError("this is no private key to open with")
    key = MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(private[:_SEED]),
        X25519PrivateKey.from_private_bytes(private[_SEED:]),
    )
    try:
        return _SUITE.decrypt(sealed, key, info=_info(bound_to))
    except (InvalidTag, ValueError):
        raise SealError("this was not sealed to this key, or not for this") from None


def _info(bound_to: str) -> bytes:
    return b"rempart/seal/v1/" + bound_to.encode()
