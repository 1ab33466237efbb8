"""At the insurer: the pair that lines are sealed to, made there, and opening what was sealed."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from rempart.billing.line_format import Delivered, bound_to, read_lines
from rempart.foundation.errors import BadInputError, KeyMissingError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.sealing import SealError, make_pair, open_sealed, public_of, seal

FORMAT: Final = "rempart/sealed-lines/v1"
_LARGEST: Final = 10_000
_PUBLIC_HEX: Final = 2432


class SealedLines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the file that the operator hands to an insurer: one claim, sealed."""

    format: str
    insurer: str
    claim: str
    key: str
    sealed: str


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A pair that was just made: where its halves lie, and the fingerprint to compare."""

    private: Path
    public: Path
    fingerprint: str


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An insurer's public key, 1216 bytes."""

    public: bytes

    @property
    def key_id(self) -> bytes:
        """Its fingerprint, which names it: SHA-256, 32 bytes."""
        return fingerprint_of(self.public)


@dataclass(frozen=True, slots=True)
class Opened:
    """A claim's lines, in clear again."""

    claim: str
    delivered: Delivered


def fingerprint_of(public: bytes) -> bytes:
    """Return the 32 bytes that name a public key, and that two people compare."""
    return hashlib.sha256(public).digest()


def grouped(fingerprint: bytes) -> str:
    """Write a fingerprint so that it can be read out: 16 groups of 4 hex digits."""
    digits = fingerprint.hex()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def make_line_key(amc: str, folder: Path) -> MadeKey:
    """Make a pair for an insurer in a folder that its owner alone can reach.

    Each pair has files of its own, so that one that is replaced stays beside the new one: it opens
    what was sealed to it. ``amc``: normalised. Raises `KeyringError` for a folder that is looser.
    """
    keyring = FileKeyring.create(folder)
    private, public = make_pair()
    # What nobody could open would be lost: the pair is tried before anybody is told of it.
    open_sealed(private, "trial", seal(public, "trial", b"trial"))
    key_id = fingerprint_of(public)
    keyring.put(_private(amc, key_id), private)
    keyring.put(f"{_stem(amc, key_id)}.public", public.hex().encode())
    return MadeKey(
        keyring.path / _private(amc, key_id),
        keyring.path / f"{_stem(amc, key_id)}.public",
        grouped(key_id),
    )


def read_public(path: Path, fingerprint: str) -> PublicKey:
    """Read the public key that an insurer sent, if its fingerprint is the one that it told.

    Raises `BadInputError`; a key that nothing can be sealed to is refused too.
    """
    try:
        text = path.read_bytes()[: _PUBLIC_HEX + 2].decode("ascii").strip()
        public = bytes.fromhex(text)
    except OSError as error:
        raise BadInputError("--public", f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise BadInputError("--public", "is no public key: 2432 hex digits are due") from None
    if "".join(fingerprint.split()).lower() != fingerprint_of(public).hex():
        raise BadInputError("--fingerprint", "is another key's: state nothing, and ask the insurer")
    try:
        seal(public, "trial", b"trial")
    except SealError:
        raise BadInputError("--public", "is no key that anything can be sealed to") from None
    return PublicKey(public)


def write_sealed(amc: str, claim: bytes, key_id: bytes, sealed: bytes) -> bytes:
    """Return one line of the file for an insurer."""
    told = SealedLines(
        FORMAT, amc, claim.hex(), key_id.hex(), base64.b64encode(sealed).decode("ascii")
    )
    return msgspec.json.encode(told) + b"\n"


def open_line(keyring: FileKeyring, amc: str, raw: bytes) -> Opened:
    """Open one line of that file with whichever key of the folder it was sealed to.

    Raises `BadInputError` for what is no such line, `SealError` for what does not open,
    `LinesError` for what is no lines then, `KeyMissingError` without its key in the folder.
    """
    try:
        told = msgspec.json.decode(raw[:_LARGEST], type=SealedLines)
        claim, key_id = bytes.fromhex(told.claim), bytes.fromhex(told.key)
        sealed = base64.b64decode(told.sealed, validate=True)
    except (msgspec.DecodeError, ValueError):
        raise BadInputError("FILE", "holds a line that is none of sealed lines") from None
    if told.format != FORMAT:
        raise BadInputError("FILE", "holds a line of another format")
    if told.insurer != amc:
        raise BadInputError("FILE", "holds lines of another insurer")
    private = keyring.secret(_private(amc, key_id))
    if fingerprint_of(public_of(private)) != key_id:
        raise KeyMissingError(_private(amc, key_id))
    plain = open_sealed(private, bound_to(amc, claim, key_id), sealed)
    return Opened(claim.hex(), read_lines(plain))


def _stem(amc: str, key_id: bytes) -> str:
    return f"lines-{amc.lower()}-{key_id.hex()[:16]}"


def _private(amc: str, key_id: bytes) -> str:
    return f"{_stem(amc, key_id)}.key"
