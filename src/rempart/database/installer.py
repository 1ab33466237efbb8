"""Installs and upgrades the schema: roles, migrations, functions whole, months, grants."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from rempart.foundation.database import Administrator
from rempart.foundation.errors import RempartError
from rempart.foundation.jobs import queue_schema, queue_steps
from rempart.foundation.keyring import FileKeyring

_HERE = Path(__file__).parent
_FEATURES = (
    "foundation",
    "identity",
    "registry",
    "guard",
    "billing",
    "journal",
    "rights",
    "intake",
)
_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")

LOGIN_ROLES = (
    "rempart_edge",
    "rempart_signin",
    "rempart_intake",
    "rempart_desk",
    "rempart_journal",
    "rempart_jobs",
    "rempart_janitor",
)
"""Roles that may log in; each has its password in the keyring under ``password.<role>``."""


class InstallError(RempartError):
    """The schema in the database and the files here do not belong together."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered, forward-only change of tables."""

    number: int
    name: str
    text: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file: an applied migration may never change."""
        return hashlib.sha256(self.text.encode()).digest()


def migrations_known() -> list[Migration]:
    """Read the numbered files, in order; refuses a gap or a strange name."""
    found = []
    for path in sorted((_HERE / "migrations").glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise InstallError(f"a migration is named NNNN_what.sql: {path.name} is not")
        found.append(Migration(int(match[1]), match[2], path.read_text()))
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise InstallError("migrations are numbered 1, 2, 3 without a gap")
    return found


def function_files() -> list[Path]:
    """Every SQL function's file, feature by feature."""
    root = _HERE.parent
    return [file for name in _FEATURES for file in sorted((root / name / "sql").glob("*.sql"))]


def _own(name: str) -> str:
    return (_HERE / name).read_text()


async def _applied(admin: Administrator) -> dict[int, bytes]:
    rows = await admin.script(_own("applied.sql"))
    if not rows[0]["exists"]:
        return {}
    rows = await admin.script(_own("applied_all.sql"))
    return {row["number"]: bytes(row["digest"]) for row in rows}


async def _migrate(admin: Administrator) -> int:
    known, applied = migrations_known(), await _applied(admin)
    newest = max(applied, default=0)
    if newest > len(known):
        raise InstallError(
            f"this database has migration {newest}; this version of Rempart knows {len(known)}:"
            " run the newer version"
        )
    for migration in known:
        if migration.number in applied:
            if applied[migration.number] != migration.digest:
                raise InstallError(f"migration {migration.number} was changed after it was applied")
            continue
        async with admin.transaction():
            await admin.script(_own("timeouts.sql"))
            await admin.script(migration.text)
            await admin.script(_own("reset_role.sql"))
            await admin.script(
                _own("applied_one.sql"), migration.number, migration.name, migration.digest
            )
    return len(known) - len(applied)


async def _bring_queue(admin: Administrator) -> None:
    """Bring the queue's own schema to the version of the library that is installed here."""
    known = queue_steps()
    async with admin.transaction():
        await admin.script(_own("timeouts.sql"))
        applied = {row["name"] for row in await admin.script(_own("queue_applied.sql"))}
    if applied - {step.name for step in known}:
        raise InstallError(
            "the job queue in this database is from a newer version of procrastinate: install it"
        )
    async with admin.transaction():
        await admin.script(_own("timeouts.sql"))
        if not applied:
            await admin.script(_own("queue_role.sql"))
            await admin.script(queue_schema())
            await admin.script(_own("reset_role.sql"))
            for step in known:
                await admin.script(_own("queue_applied_one.sql"), step.name)
    for step in known if applied else ():
        if step.name not in applied:
            # Each alone: a new value of an enum is of use only once it is committed.
            async with admin.transaction():
                await admin.script(_own("timeouts.sql"))
                await admin.script(_own("queue_role.sql"))
                await admin.script(step.text)
                await admin.script(_own("reset_role.sql"))
                await admin.script(_own("queue_applied_one.sql"), step.name)


async def install(
    conninfo: str, keyring: FileKeyring, *, demonstration: bool = False
) -> dict[str, int]:
    """Bring the database to this version of Rempart; idempotent.

    ``conninfo`` is the migrator's. One advisory lock lets one installer work at a time. Missing
    passwords of roles are made in the keyring. Returns ``{"migrations": applied now, "functions":
    replaced}``. Raises `InstallError` on a database from a newer version or a changed migration.
    """
    admin = await Administrator.connect(conninfo)
    try:
        await admin.script(_own("begin_install.sql"))
        async with admin.transaction():
            await admin.script(_own("lock_roles.sql"))
            await admin.script(_own("roles.sql"))
            for role in LOGIN_ROLES:
                await admin.set_password(role, keyring.ensure_password(role))
        count = await _migrate(admin)
        await _bring_queue(admin)
        files = function_files()
        async with admin.transaction():
            await admin.script(_own("timeouts.sql"))
            await admin.script(_own("drop_functions.sql"))
            for path in files:
                await admin.script(path.read_text())
            await admin.script(_own("months.sql"))
            await admin.script(_own("watch_covers.sql"))
            await admin.script(_own("grants.sql"))
            await admin.script(_own("no_definitions.sql"))
            if demonstration:
                await admin.script(_own("mark_demonstration.sql"))
    finally:
        await admin.close()
    return {"migrations": count, "functions": len(files)}
