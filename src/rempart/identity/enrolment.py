"""The desk's work on who may ask: professionals, sites, accounts, codes, revocation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rempart.foundation.database import Database, Row
from rempart.foundation.errors import BadInputError
from rempart.identity.codes import code_hash, new_code
from rempart.identity.identifiers import read_rpps, read_site

CODE_LIVES: Final = timedelta(hours=24)

_ACCOUNT, _PROFESSIONAL, _SITE = 2, 3, 4
"""Kinds of budget rows (docs/guard.md)."""


class InsurerScope(StrEnum):
    """What a software of an insurer's does: send its feeds, or answer claims. Never both."""

    FEEDS = "feeds"
    CLAIMS = "claims"


@dataclass(frozen=True, slots=True)
class DeskRefusal:
    """A refusal of the desk's; `because` is the code that the SQL function gave."""

    because: str


@dataclass(frozen=True, slots=True)
class Account:
    """A professional's account at a site."""

    account_id: int
    professional_id: int
    site_id: int
    profession: str


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A one-time code: shown once, then known to its holder only."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Installation:
    """A software at a site (with its label) or at an insurer, live or revoked.

    ``scope``: what its tokens open. ``last_used``: when it last got a token, if ever.
    """

    client_id: str
    site: str | None
    label: str | None
    insurer: str | None
    scope: str
    vendor: str
    accounts: int
    since: datetime
    last_used: datetime | None
    revoked_at: datetime | None


async def add_professional(database: Database, rpps: str, profession: str) -> int | DeskRefusal:
    """Add a professional and return its id; the same one again changes nothing."""
    row = _one(await database.call("identity.add_professional", read_rpps(rpps), profession))
    return _refusal(row) or int(row["professional_id"])


async def add_site(database: Database, identifier: str, label: str) -> int | DeskRefusal:
    """Add a site and return its id; the same one again changes nothing."""
    row = _one(await database.call("identity.add_site", read_site(identifier), _label(label)))
    return _refusal(row) or int(row["site_id"])


async def open_account(database: Database, rpps: str, site: str) -> Account | DeskRefusal:
    """Open an account, or open it again, with the caps of its profession where it has none."""
    async with database.transaction() as transaction:
        row = _one(
            await transaction.call("identity.open_account", read_rpps(rpps), read_site(site))
        )
        if refused := _refusal(row):
            return refused
        account = Account(
            row["account_id"], row["professional_id"], row["site_id"], row["profession"]
        )
        for kind, key in (
            (_ACCOUNT, account.account_id),
            (_PROFESSIONAL, account.professional_id),
            (_SITE, account.site_id),
        ):
            await transaction.call("guard.set_caps", kind, key, account.profession)
    return account


async def close_account(database: Database, rpps: str, site: str) -> int | DeskRefusal:
    """Close the account of a professional who leaves, and return its id."""
    row = _one(await database.call("identity.close_account", read_rpps(rpps), read_site(site)))
    return _refusal(row) or int(row["account_id"])


async def link_account(database: Database, client_id: str, rpps: str) -> int | DeskRefusal:
    """Let an installation speak for one more account of its site, and return the account's id."""
    row = _one(await database.call("identity.link_account", client_id, read_rpps(rpps)))
    return _refusal(row) or int(row["account_id"])


async def issue_code(
    database: Database,
    site: str,
    professionals: list[str],
    vendor: str,
    lives: timedelta = CODE_LIVES,
) -> EnrolmentCode | DeskRefusal:
    """Issue a code with which a software at a site enrols its key, for these professionals."""
    code = new_code()
    row = _one(
        await database.call(
            "identity.issue_code",
            read_site(site),
            [read_rpps(rpps) for rpps in professionals],
            _label(vendor, "vendor"),
            code_hash(code),
            lives,
        )
    )
    return _refusal(row) or EnrolmentCode(code, row["expires_at"])


async def list_installations(database: Database) -> list[Installation]:
    """List every installation, revoked ones too, by site and age; no secret is among it."""
    return [Installation(**row) for row in await database.call("identity.list_installations")]


async def issue_insurer_code(
    database: Database,
    amc: str,
    vendor: str,
    scope: InsurerScope = InsurerScope.FEEDS,
    lives: timedelta = CODE_LIVES,
) -> EnrolmentCode | DeskRefusal:
    """Issue a code with which an insurer's software enrols its key, for one scope and no more.

    `amc` is the insurer's AMC number, normalised.
    """
    code, label = new_code(), _label(vendor, "vendor")
    row = _one(
        await database.call(
            "identity.issue_insurer_code", amc, label, scope.value, code_hash(code), lives
        )
    )
    return _refusal(row) or EnrolmentCode(code, row["expires_at"])


async def revoke_installation(database: Database, client_id: str) -> datetime | DeskRefusal:
    """Revoke an installation for ever, and return since when it is."""
    row = _one(await database.call("identity.revoke_installation", client_id))
    if refused := _refusal(row):
        return refused
    revoked_at: datetime = row["revoked_at"]
    return revoked_at


def _label(text: str, field: str = "label") -> str:
    plain = text.strip()
    if not 1 <= len(plain) <= 80 or not plain.isprintable():
        raise BadInputError(field, "must have 1 to 80 printable characters")
    return plain


def _refusal(row: Row) -> DeskRefusal | None:
    because = row["refused_because"]
    return None if because is None else DeskRefusal(because)


def _one(rows: list[Row]) -> Row:
    (row,) = rows
    return row
