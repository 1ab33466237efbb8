"""Keys that lie in a PKCS#11 token and never leave it: hardware, or SoftHSM. One thread at a time.

`python-pkcs11` is the extra ``rempart[hsm]``; it is loaded only where a token is named.
"""

import importlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from urllib.parse import unquote

from rempart.foundation.errors import KeyMissingError
from rempart.foundation.keyring import KeyExistsError, KeyringError

KEY_BYTES: Final = 32
"""Bytes of a key, and of each hash."""

_LONGEST_PIN: Final = 256
_NOT_THE_OWNERS: Final = stat.S_IRWXG | stat.S_IRWXO
_DUE: Final = {"token": "path", "module-path": "query", "pin-source": "query"}


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Which token, by which module, and the file that holds its PIN."""

    label: str
    module: Path
    pin_file: Path

    @classmethod
    def read(cls, uri: str) -> "TokenPlace":
        """Read a PKCS#11 URI (RFC 7512) of ``token``, ``module-path`` and ``pin-source``.

        Raises ValueError with what is wrong, never with what was given: it may hold a PIN.
        """
        scheme, _, rest = uri.partition(":")
        path, _, query = rest.partition("?")
        if scheme != "pkcs11":
            raise ValueError("must begin with pkcs11:")
        given: dict[str, str] = {}
        for part, text, mark in (("path", path, ";"), ("query", query, "&")):
            for one in filter(None, text.split(mark)):
                name, _, value = one.partition("=")
                if _DUE.get(name) != part or name in given or not value:
                    raise ValueError("must hold token, ?module-path and &pin-source, once each")
                given[name] = unquote(value)
        if set(given) != set(_DUE):
            raise ValueError("must hold token, ?module-path and &pin-source, once each")
        pin_file = given["pin-source"].removeprefix("file:").removeprefix("//")
        places = Path(given["module-path"]), Path(pin_file)
        if not all(place.is_absolute() for place in places):
            raise ValueError("must name its module and the file of its PIN from the root: /…")
        return cls(given["token"], *places)


@dataclass(slots=True)
class Token:
    """A token that is open. Everything raises `KeyringError`, which names a key, never a value."""

    _pkcs11: ModuleType = field(repr=False)
    _session: Any = field(repr=False)

    @classmethod
    @contextmanager
    def open(cls, place: TokenPlace) -> Iterator["Token"]:
        """Open the token with the PIN of its file; a process opens one token once."""
        pkcs11 = _library()
        pin = _read_pin(place.pin_file)
        try:
            found = pkcs11.lib(str(place.module)).get_token(token_label=place.label)
            session = found.open(user_pin=pin, rw=True)
        except Exception as error:  # noqa: BLE001 - a vendor's module may raise anything
            raise KeyringError(_why(error)) from None
        with session:
            yield cls(pkcs11, session)

    def make(self, name: str) -> None:
        """Make a key of 32 bytes inside the token, which nobody can take out of it."""
        if self._found(name):
            raise KeyExistsError(f"the token holds a key named {name} already")
        attribute = self._pkcs11.Attribute
        with _told(f"the token did not make the key {name}"):
            self._session.generate_key(
                self._pkcs11.KeyType.GENERIC_SECRET,
                KEY_BYTES * 8,
                label=name,
                store=True,
                template={
                    attribute.SIGN: True,
                    attribute.VERIFY: False,
                    attribute.SENSITIVE: True,
                    attribute.EXTRACTABLE: False,
                    attribute.PRIVATE: True,
                    attribute.MODIFIABLE: False,
                },
            )

    def destroy(self, name: str) -> None:
        """Destroy a key for good; raise `KeyMissingError` when there is none of that name."""
        found = self._found(name)
        if not found:
            raise KeyMissingError(name)
        with _told(f"the token did not destroy the key {name}"):
            for key in found:
                key.destroy()

    def names(self) -> list[str]:
        """List the secret keys, sorted."""
        with _told("the token does not list its keys"):
            secret = self._pkcs11.ObjectClass.SECRET_KEY
            wanted = {self._pkcs11.Attribute.CLASS: secret}
            return sorted(str(key.label) for key in self._session.get_objects(wanted))

    def hmac(self, name: str) -> Callable[[bytes], bytes]:
        """Return HMAC-SHA256 under a key, after a look at how it is kept and a first hash.

        Raises `KeyMissingError`; `KeyringError` for a key that was made elsewhere, or that
        somebody who has the PIN could take out.
        """
        found = self._found(name)
        if not found:
            raise KeyMissingError(name)
        if len(found) > 1:
            raise KeyringError(f"the token holds {len(found)} keys named {name}")
        (key,) = found
        attribute, mechanism = self._pkcs11.Attribute, self._pkcs11.Mechanism.SHA256_HMAC
        with _told(f"the token does not say how it keeps the key {name}"):
            kept = [
                key[getattr(attribute, one)]
                for one in ("LOCAL", "ALWAYS_SENSITIVE", "NEVER_EXTRACTABLE", "SIGN")
            ]
        if kept != [True] * len(kept):
            raise KeyringError(f"the key {name} was not made in the token, or can leave it")

        def hashed(data: bytes) -> bytes:
            with _told("the token hashes no more"):
                made = bytes(key.sign(data, mechanism=mechanism))
            if len(made) != KEY_BYTES:
                raise KeyringError("the token hashes no more")
            return made

        hashed(bytes(KEY_BYTES))
        return hashed

    def _found(self, name: str) -> list[Any]:
        attribute, secret = self._pkcs11.Attribute, self._pkcs11.ObjectClass.SECRET_KEY
        with _told("the token does not list its keys"):
            wanted = {attribute.CLASS: secret, attribute.LABEL: name}
            return list(self._session.get_objects(wanted))


def _library() -> ModuleType:
    try:
        return importlib.import_module("pkcs11")
    except ImportError:
        raise KeyringError("a token needs python-pkcs11: the extra rempart[hsm]") from None


def _read_pin(path: Path) -> str:
    """Read a PIN from a file of its owner's alone: its first line."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise KeyringError(f"the file of the PIN cannot be read: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        loose = found.st_mode & _NOT_THE_OWNERS or found.st_uid != os.geteuid()
        if not stat.S_ISREG(found.st_mode) or loose:
            raise KeyringError("the file of the PIN must be this user's own, of mode 0600")
        try:
            pin = file.read(_LONGEST_PIN).decode().rstrip("\n")
        except UnicodeDecodeError:
            pin = ""
    if not pin:
        raise KeyringError("the file of the PIN holds none")
    return pin


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say in our own words what the module's library raises: its texts may hold anything."""
    try:
        yield
    except KeyringError:
        raise
    except Exception:  # noqa: BLE001 - whatever a vendor's module raises, nothing goes on
        raise KeyringError(what) from None


def _why(error: Exception) -> str:
    """Name why a token did not open, as far as the library says."""
    return {
        "NoSuchToken": "there is no such token",
        "MultipleTokensReturned": "there are several tokens of this label",
        "PinIncorrect": "the token refuses the PIN",
        "PinLocked": "the token is locked: too many wrong PINs",
        "UserPinNotInitialized": "the token has no PIN yet",
    }.get(type(error).__name__, "the token cannot be opened: is its module there, and set up?")
