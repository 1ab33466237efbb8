"""Officers' keys as files, and orders that they sign, together or one after the other."""

import os
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from rempart.cli.output import RefusedError
from rempart.foundation.errors import BadInputError
from rempart.guard import Officer, Signed
from rempart.journal import Order, OrderError, check_order_signature

_LONGEST = 10_000


class SignedOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order on its way from one officer to the next: nothing secret."""

    action: str
    scope: str
    value: str
    reason: str
    good_until: datetime
    nonce: bytes
    key: bytes | None
    signatures: dict[str, bytes]

    def order(self) -> Order:
        """Return what is signed."""
        return Order(
            self.action, self.scope, self.value, self.reason, "", self.good_until, self.nonce,
            self.key,
        )  # fmt: skip

    def signed_by(
        self, officers: dict[str, Officer], names: Sequence[str], keys: Sequence[Path]
    ) -> "SignedOrder":
        """Add the signatures of officers with their keys; each is checked against the record."""
        if len(names) != len(keys):
            raise BadInputError("--by", "name a key for each officer, in the same order")
        signatures = dict(self.signatures)
        for name, path in zip(names, keys, strict=True):
            if name in signatures:
                raise RefusedError("one officer signs once: another one is needed")
            signatures[name] = read_private_key(path).sign(self.order().packed())
        done = msgspec.structs.replace(self, signatures=signatures)
        done.check(officers)
        return done

    def check(self, officers: dict[str, Officer]) -> None:
        """Check every signature with the key on record. Raises `RefusedError`."""
        for name, signature in self.signatures.items():
            if name not in officers:
                raise RefusedError("an officer who signed is not on record: `rempart officer add`")
            try:
                check_order_signature(self.order().packed(), signature, officers[name].public_key)
            except OrderError:
                raise RefusedError("this is not the key on record for the officer") from None

    def arguments(self) -> Signed:
        """Return it as the guard takes it."""
        return Signed(self.nonce, list(self.signatures), list(self.signatures.values()))


def make_key(path: Path) -> tuple[Path, bytes]:
    """Make a private key in a new file of mode 0600 and its public part beside it, in `.pub`.

    Returns the public part's file and its 32 bytes. Raises `BadInputError`.
    """
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    beside = path.with_name(path.name + ".pub")
    for target, mode, text in ((path, 0o600, private), (beside, 0o644, public)):
        write_new(target, text, "--out", mode)
    return beside, key.public_key().public_bytes_raw()


def write_new(path: Path, text: bytes, field: str, mode: int = 0o600) -> None:
    """Write a file that was not there. Raises `BadInputError`."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(path, flags, mode), "wb") as file:
            file.write(text)
    except FileExistsError:
        raise BadInputError(field, "is there already; nothing is overwritten") from None
    except OSError as error:
        raise BadInputError(field, f"cannot be written: {error.strerror}") from None


def read_public_key(path: Path) -> bytes:
    """Read an officer's public key, 32 bytes. Raises `BadInputError`."""
    text, _ = _read(path, "--key")
    try:
        key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm):
        raise BadInputError("--key", "holds no public key (`rempart officer keys`)") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadInputError("--key", "holds no Ed25519 key")
    return key.public_bytes_raw()


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read an officer's private key. Raises `BadInputError`, also when others can reach it."""
    text, mode = _read(path, "--key")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadInputError("--key", "other users can reach this file: set its mode to 0600")
    try:
        key = load_pem_private_key(text, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInputError("--key", "holds no private key (`rempart officer keys`)") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInputError("--key", "holds no Ed25519 key")
    return key


def read_order(path: Path) -> SignedOrder:
    """Read an order that another officer wrote with --out. Raises `BadInputError`."""
    text, _ = _read(path, "--order")
    try:
        return msgspec.json.decode(text, type=SignedOrder)
    except (msgspec.DecodeError, ValueError):
        raise BadInputError("--order", "holds no order") from None


def _read(path: Path, field: str) -> tuple[bytes, int]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(_LONGEST), os.fstat(descriptor).st_mode
    except OSError as error:
        raise BadInputError(field, f"cannot be read: {error.strerror}") from None
