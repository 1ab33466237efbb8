"""An insurer's two keys as files on its own premises: 64 hex digits, for their owner alone."""

import os
import re
import secrets
import stat
from pathlib import Path

from rempart.foundation.errors import BadInputError
from rempart.registry.feed_prepare import FeedKeys
from rempart.registry.normalisation import KEY_BYTES, normalise_amc

_HEX = re.compile(rb"[0-9a-f]{64}\n?")
_NAMED = re.compile(r"(feed|reference)-([0-9a-z]+)\.key")
_KINDS = {"--feed-key": "feed", "--reference-key": "reference", "--old-reference-key": "reference"}


def make_keys(insurer: str, folder: Path) -> tuple[Path, Path]:
    """Make a feed key and a reference key; return their files. Overwrites nothing.

    Raises `BadInputError` when one is there already, or the folder cannot be written to.
    """
    amc = normalise_amc(insurer).lower()
    paths = folder / f"feed-{amc}.key", folder / f"reference-{amc}.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(path.exists() for path in paths):
            raise BadInputError("--out", "holds a key of this insurer already")
        for path in paths:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, 0o600), "w") as file:
                file.write(secrets.token_hex(KEY_BYTES) + "\n")
    except OSError as error:
        raise BadInputError("--out", f"cannot be written to: {error.strerror}") from None
    return paths


def read_key(path: Path, field: str, insurer: str) -> bytes:
    """Read one key. Raises `BadInputError` when others can reach its file, or it is no key.

    A file that is named as `make_keys` names them is held to its name: a platform that was handed
    the reference key could resolve whom it must not, and a feed under another key covers nobody.
    """
    named = _NAMED.fullmatch(path.name)
    if named and named.groups() != (_KINDS[field], normalise_amc(insurer).lower()):
        raise BadInputError(field, "its name says that it is another key, or another insurer's")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            text = file.read(KEY_BYTES * 2 + 2)
    except OSError as error:
        raise BadInputError(field, f"cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(found.st_mode):
        raise BadInputError(field, "not a file")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadInputError(field, "other users can reach this file: set its mode to 0600")
    if not _HEX.fullmatch(text):
        raise BadInputError(field, "not a key: 64 hex digits are due")
    return bytes.fromhex(text.decode())


def read_keys(feed: Path, reference: Path, insurer: str) -> FeedKeys:
    """Read both keys; they must differ, or the platform could make references itself."""
    keys = FeedKeys(
        read_key(feed, "--feed-key", insurer), read_key(reference, "--reference-key", insurer)
    )
    if keys.feed == keys.reference:
        raise BadInputError("--reference-key", "the same as the feed key, which the platform knows")
    return keys
