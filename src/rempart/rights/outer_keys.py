"""The three outer keys by name, and that they have one home: the keyring, or a token."""

from typing import Final

from rempart.foundation.keyring import FileKeyring, KeyringError

OUTER_KEYS: Final = ("registry_index", "met_index", "card_index")
"""In the order of the purposes, by which the blinding process is asked."""

NOTE: Final = "outer_keys_in_token"
"""Lies in the keyring of a platform that once blinded with a token. It opens nothing."""


def refuse_two_homes(keyring: FileKeyring) -> None:
    """Raise `KeyringError` when outer keys lie in the keyring of a platform that names a token.

    Under other keys nobody in the registry would be found, and everybody would be new.
    """
    if any(name in OUTER_KEYS for name in keyring.names()):
        raise KeyringError(
            "REMPART_HSM names a token, and the keyring holds outer keys: this platform blinds"
            " with those, and under others would find nobody"
        )


def settle_home(keyring: FileKeyring, *, in_token: bool) -> None:
    """Make the outer keys in the keyring, or note that they lie in a token; never both.

    Raises `KeyringError` when they had the other home before.
    """
    if in_token:
        refuse_two_homes(keyring)
        keyring.ensure(NOTE)
        return
    if NOTE in keyring.names():
        raise KeyringError(
            "this platform blinds with a token, and REMPART_HSM names none: under other keys it"
            " would find nobody"
        )
    for name in OUTER_KEYS:
        keyring.ensure(name)
