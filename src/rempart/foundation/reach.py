"""Reaches the database that the settings name: one of one's own, or the embedded one, started."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from rempart.foundation.continuity import Mark, MarkError, keep_mark_once
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.errors import KeyMissingError, MisuseError, UnavailableError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.settings import Settings

MIGRATOR = EmbeddedPostgres.superuser

NOT_TAKEN_UP = (
    "this database answers nobody: it does not hold what is known to have been answered, or nothing"
    " says what was (a restored copy, say); see docs/restore.md, then `rempart db restored`"
)


@dataclass(frozen=True, slots=True)
class Reached:
    """A database within reach, and the keyring that opens it."""

    keyring: FileKeyring
    embedded: EmbeddedPostgres | None
    database_url: str | None
    state_dir: Path

    @property
    def mark(self) -> Mark:
        """The mark that is kept beside this database (docs/restore.md)."""
        return Mark.of(self.state_dir)

    def take_up(self) -> str | None:
        """Take the server up if nobody did since it started; why not, or None.

        Raises `UnavailableError`, `MisuseError` (nothing is installed yet), `MarkError`.
        """
        return keep_mark_once(self.conninfo("rempart_jobs"), self.mark)

    def conninfo(self, role: str) -> str:
        """Return with what a role connects; raises `KeyMissingError` without its password."""
        password = self.keyring.secret(f"password.{role}").decode()
        if self.embedded is not None:
            return self.embedded.dsn(role, password)
        return with_login(self._url(), role, password)

    def url(self, role: str) -> str:
        """Return the same as an address."""
        password = self.keyring.secret(f"password.{role}").decode()
        if self.embedded is not None:
            return self.embedded.url(role, password)
        return with_login(self._url(), role, password)

    def _url(self) -> str:
        if self.database_url is None:
            raise UnavailableError("no database is named")
        return self.database_url


@contextmanager
def reach_database(settings: Settings, *, make: bool = False) -> Iterator[Reached]:
    """Hold the database of the settings while the block runs.

    Without `make`, an embedded database that was never made raises `UnavailableError` rather than
    begin an empty one.
    """
    if settings.database_url is not None:
        keyring = FileKeyring.open(settings.keyring)
        yield Reached(keyring, None, settings.database_url, settings.state_dir)
        return
    if not make and not EmbeddedPostgres.is_made(settings.state_dir):
        raise UnavailableError(
            f"there is no database in {settings.state_dir}: `rempart db upgrade` makes one"
        )
    # The folder first, with its own mode; then the keyring, which is often inside.
    EmbeddedPostgres.make_base(settings.state_dir)
    keyring = FileKeyring.create(settings.keyring)
    with EmbeddedPostgres(settings.state_dir, keyring=keyring) as embedded:
        reached = Reached(keyring, embedded, None, settings.state_dir)
        # Each start of an embedded server is somebody's who needs it now. One that is refused, or
        # that holds nothing yet, answers no question; whatever else it is needed for goes on.
        with suppress(KeyMissingError, MisuseError, UnavailableError, MarkError):
            reached.take_up()
        yield reached


def with_login(database_url: str, role: str, password: str) -> str:
    """Return the address of a database with a role and its password in it."""
    parts = urlsplit(database_url)
    netloc = f"{quote(role, safe='')}:{quote(password, safe='')}@{parts.netloc}"
    return urlunsplit(parts._replace(netloc=netloc))
