"""The three outer keys by name, and that they have one home: the keyring, or a token."""

from typing import Final

from rempart.foundation.keyring import FileKeyring, KeyringError

OUTER_KEYS: Final = ("registry_index", "met_index", "card_index")
"""In the order of the purposes, by which the blinding process is asked."""


def refuse_two_homes(keyring: FileKeyring) -> None:
    """Raise `KeyringError` when outer keys lie in the keyring of a platform that names a token.

    Under other keys nobody in the registry would be found, and everybody would be new.
    """
    if any(name in OUTER_KEYS for name in keyring.names()):
        raise KeyringError(
            "REMPART_HSM names a token, and the keyring holds outer keys: this platform blinds"
            " with those, and under others would find nobody"
        )
