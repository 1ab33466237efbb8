"""Keeps the keys of a try-out in files that only their owner can read."""

import os
import re
import secrets
import stat
from pathlib import Path

from rempart.foundation.errors import KeyMissingError, RempartError

# No leading dot or dash: neither a hidden file, nor "..", nor something that looks like an option.
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_NOT_THE_OWNERS = stat.S_IRWXG | stat.S_IRWXO
_LONGEST_KEY = 65_536


class KeyringError(RempartError):
    """The keyring cannot be used as it stands. Names the path and what to change."""


class KeyExistsError(KeyringError):
    """A key of that name is there already; keys are never overwritten."""


class FileKeyring:
    """A directory of mode 0700 that holds one file of mode 0600 per key.

    Names match ``[a-z0-9_.-]+`` and do not begin with a dot or a dash. Values are bytes.
    Everything raises `KeyringError` when the directory or a file is looser than that, is a
    link, or belongs to another user.
    """

    def __init__(self, path: Path) -> None:
        """Take a directory that `open` or `create` has looked at."""
        self.path = path

    def __repr__(self) -> str:
        """Show where the keyring is, never what it holds."""
        return f"FileKeyring({str(self.path)!r})"

    @classmethod
    def create(cls, path: Path) -> "FileKeyring":
        """Make the directory, or open it when it is there."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise KeyringError(f"the keyring {path} cannot be made: {error.strerror}") from error
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> "FileKeyring":
        """Open a keyring that exists."""
        try:
            found = path.lstat()
        except OSError as error:
            raise KeyringError(f"the keyring {path} cannot be opened: {error.strerror}") from error
        if not stat.S_ISDIR(found.st_mode):
            raise KeyringError(f"the keyring {path} is not a directory")
        _refuse_looseness(f"the keyring {path}", found, "0700")
        return cls(path)

    def secret(self, name: str) -> bytes:
        """Return a key's value; raise `KeyMissingError` when there is none of that name."""
        path = self._file(name)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise KeyMissingError(name) from error
        except OSError as error:
            raise KeyringError(f"the key {name} cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise KeyringError(f"the key {name} is not a regular file")
            _refuse_looseness(f"the key {name}", found, "0600")
            return file.read(_LONGEST_KEY)

    def put(self, name: str, value: bytes) -> None:
        """Store a new key, whole or not at all; raise `KeyExistsError` rather than overwrite."""
        path = self._file(name)
        if not value or len(value) > _LONGEST_KEY:
            raise KeyringError(f"the key {name} must hold 1 to {_LONGEST_KEY} bytes")
        # Written aside and then linked: no reader and no crash can meet half a key.
        aside = self.path / f".new-{secrets.token_hex(8)}"
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(value)
                    file.flush()
                    os.fsync(descriptor)
                os.link(aside, path, follow_symlinks=False)
            finally:
                aside.unlink()
            self._sync()
        except FileExistsError as error:
            raise KeyExistsError(f"the keyring holds a key named {name} already") from error
        except OSError as error:
            raise KeyringError(f"the key {name} cannot be written: {error.strerror}") from error

    def remove(self, name: str) -> None:
        """Remove a key for good; raise `KeyMissingError` when there is none of that name."""
        try:
            self._file(name).unlink()
            self._sync()
        except FileNotFoundError as error:
            raise KeyMissingError(name) from error
        except OSError as error:
            raise KeyringError(f"the key {name} cannot be removed: {error.strerror}") from error

    def ensure(self, name: str, length: int = 32) -> bytes:
        """Return a key's value, after making it of `length` random bytes when it is absent."""
        return self._ensure(name, secrets.token_bytes(length))

    def ensure_password(self, role: str) -> str:
        """Return the password of a database role, after making one when there is none.

        It is the key ``password.<role>``: 43 characters of URL-safe text, 256 bits of chance.
        """
        name = f"password.{role}"
        return self._ensure(name, secrets.token_urlsafe(32).encode()).decode()

    def names(self) -> list[str]:
        """Return the names of the keys, sorted."""
        return sorted(entry.name for entry in self.path.iterdir() if _NAME.fullmatch(entry.name))

    def _ensure(self, name: str, fresh: bytes) -> bytes:
        try:
            return self.secret(name)
        except KeyMissingError:
            pass
        try:
            self.put(name, fresh)
        except KeyExistsError:
            # Another process made it in between: its key is the key.
            return self.secret(name)
        return fresh

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            # Not echoed: a caller that mixes up its arguments may have passed a value here.
            raise KeyringError(
                "a key's name holds only a-z, 0-9, '_', '.', '-', and begins with a letter or digit"
            )
        return self.path / name

    def _sync(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse_looseness(what: str, found: os.stat_result, mode: str) -> None:
    if found.st_uid != os.geteuid():
        raise KeyringError(f"{what} belongs to another user (uid {found.st_uid})")
    if found.st_mode & _NOT_THE_OWNERS:
        raise KeyringError(f"{what} can be reached by other users: set its mode to {mode}")
