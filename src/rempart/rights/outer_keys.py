"""The outer keys by name and generation, and that they have one home: the keyring, or a token."""

import re
from collections.abc import Sequence
from typing import Final

from rempart.foundation.keyring import FileKeyring, KeyringError
from rempart.rights.blinding_process import purposes

NOTE: Final = "outer_keys_in_token"
"""Lies in the keyring of a platform that blinds with a token, one a generation; opens nothing."""

_HELD: Final = re.compile(rf"(registry_index|{NOTE})(?:_([1-9][0-9]*))?")


def outer_key_names(generations: Sequence[int]) -> list[str]:
    """Return what keyring and token call the keys, in the order in which the process reads them."""
    return list(purposes(",".join(str(one) for one in generations)).values())


def held_generations(keyring: FileKeyring) -> list[int]:
    """Return the generations of which this keyring has the keys, or a note that a token does."""
    found = (_HELD.fullmatch(name) for name in keyring.names())
    return sorted({int(one[2] or 1) for one in found if one is not None})


def refuse_two_homes(keyring: FileKeyring) -> None:
    """Raise `KeyringError` when outer keys lie in the keyring of a platform that names a token.

    Under other keys nobody in the registry would be found, and everybody would be new.
    """
    ours = set(outer_key_names(held_generations(keyring) or [1]))
    if ours.intersection(keyring.names()):
        raise KeyringError(
            "REMPART_HSM names a token, and the keyring holds outer keys: this platform blinds"
            " with those, and under others would find nobody"
        )


def settle_home(keyring: FileKeyring, *, in_token: bool) -> list[int]:
    """Make the first outer keys in the keyring, or note that they lie in a token; never both.

    Returns the generations that are held. Raises `KeyringError` when they had the other home
    before.
    """
    held = held_generations(keyring) or [1]
    if in_token:
        refuse_two_homes(keyring)
        if held == [1]:
            keyring.ensure(NOTE)
        return held
    if any(name.startswith(NOTE) for name in keyring.names()):
        raise KeyringError(
            "this platform blinds with a token, and REMPART_HSM names none: under other keys it"
            " would find nobody"
        )
    for name in outer_key_names([1]) if held == [1] else ():
        keyring.ensure(name)
    return held


def refuse_missing(held: Sequence[int], live: Sequence[int]) -> None:
    """Raise `KeyringError` where covers are found under keys that are not held."""
    missing = sorted(set(live) - set(held))
    if missing:
        raise KeyringError(
            f"index keys of generation {missing[0]} live in this database, and the keyring has"
            " none: is it a copy of another time?"
        )


def turning_key_names(generation: int) -> list[str]:
    """Return the names of the keys that a generation has for itself: all but the met key."""
    return [name for name in outer_key_names([generation]) if name != "met_index"]


def note_name(generation: int) -> str:
    """Return the name of the note that a token holds this generation."""
    return NOTE if generation == 1 else f"{NOTE}_{generation}"


def keys_of(keyring: FileKeyring, generations: Sequence[int]) -> list[bytes]:
    """Return the keys for a blinding process that has them in memory; raise `KeyMissingError`."""
    return [keyring.secret(name) for name in outer_key_names(generations)]
