"""Who belongs to a site, as its administrator says: invitations and leaving. Mints no session."""

from dataclasses import dataclass
from pathlib import Path

from rempart.foundation.database import Database, Row
from rempart.foundation.errors import BadInputError
from rempart.identity.enrolment import DeskRefusal
from rempart.identity.identifiers import read_rpps, read_site
from rempart.identity.invitations import INVITATION_LIVES, RECOVERY_LIVES, Codes
from rempart.identity.letters import write_letter
from rempart.identity.portal_refusal import PortalRefusal, refusal
from rempart.identity.portal_signin import Proved


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation's codes, told once to whoever issued it."""

    codes: Codes
    hours: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery that was approved: the link's code, the letter with the other, its days."""

    link: str
    letter_no: str
    days: int


async def invite_colleague(
    database: Database, proved: Proved, rpps: str, name: str
) -> Invited | PortalRefusal:
    """Invite a colleague to the administrator's own site, as ``rempart_signin``."""
    codes = Codes.new()
    async with database.transaction() as transaction:
        row = _one(
            await transaction.call(
                "identity.invite_colleague",
                proved.token,
                proved.jkt,
                proved.jti,
                read_rpps(rpps),
                read_name(name),
                *codes.hashes,
                INVITATION_LIVES,
            )
        )
        refused = refusal(row)
        if refused is not None:
            return refused
        # Without a budget of his own he would be refused everything.
        await transaction.call("guard.set_caps_account", row["account_id"])
    return _invited(codes)


async def leave_colleague(database: Database, proved: Proved, rpps: str) -> PortalRefusal | None:
    """End the access of a colleague of the administrator's own site, as ``rempart_signin``."""
    row = await database.call(
        "identity.leave_colleague", proved.token, proved.jkt, proved.jti, read_rpps(rpps)
    )
    return refusal(_one(row))


async def approve_recovery(
    database: Database, letters: Path, proved: Proved, rpps: str
) -> Recovery | PortalRefusal:
    """Let a colleague come back, as ``rempart_signin``: a link to hand over, a letter to print."""
    codes = Codes.new()
    async with database.transaction() as transaction:
        row = _one(
            await transaction.call(
                "identity.approve_recovery",
                proved.token,
                proved.jkt,
                proved.jti,
                read_rpps(rpps),
                *codes.hashes,
                RECOVERY_LIVES,
            )
        )
        refused = refusal(row)
        if refused is not None:
            return refused
        _print(letters, row, codes)
    return Recovery(codes.link, str(row["letter_no"]), RECOVERY_LIVES.days)


async def recover_administrator(
    database: Database, letters: Path, rpps: str, site: str
) -> Recovery | DeskRefusal:
    """Let a site's only administrator come back, as ``rempart_desk``."""
    codes = Codes.new()
    async with database.transaction() as transaction:
        row = _one(
            await transaction.call(
                "identity.recover_administrator",
                read_rpps(rpps),
                read_site(site),
                *codes.hashes,
                RECOVERY_LIVES,
            )
        )
        if row["refused_because"] is not None:
            return DeskRefusal(row["refused_because"])
        _print(letters, row, codes)
    return Recovery(codes.link, str(row["letter_no"]), RECOVERY_LIVES.days)


async def unblock_colleague(database: Database, proved: Proved, rpps: str) -> PortalRefusal | None:
    """Let a colleague sign in again after six months, at a tenth for a week."""
    async with database.transaction() as transaction:
        row = _one(
            await transaction.call(
                "identity.unblock_colleague", proved.token, proved.jkt, proved.jti, read_rpps(rpps)
            )
        )
        refused = refusal(row)
        if refused is None:
            await transaction.call("guard.recover_caps", row["account_id"])
    return refused


async def invite_administrator(
    database: Database, rpps: str, site: str, name: str
) -> Invited | DeskRefusal:
    """Invite a site's administrator, as ``rempart_desk``."""
    codes = Codes.new()
    row = _one(
        await database.call(
            "identity.invite_administrator",
            read_rpps(rpps),
            read_site(site),
            read_name(name),
            *codes.hashes,
            INVITATION_LIVES,
        )
    )
    because = row["refused_because"]
    return _invited(codes) if because is None else DeskRefusal(because)


def read_name(text: str, field: str = "name") -> str:
    """Return a person's name, blanks around it left out; raises `BadInputError`."""
    plain = text.strip()
    if not 1 <= len(plain) <= 80 or not plain.isprintable():
        raise BadInputError(field, "must have 1 to 80 printable characters")
    return plain


def _print(letters: Path, row: Row, codes: Codes) -> None:
    # Before the commit: without the paper there is no recovery.
    write_letter(
        letters,
        str(row["letter_no"]),
        name=row["name"],
        site=row["site"],
        site_label=row["site_label"],
        code=codes.second,
        days=RECOVERY_LIVES.days,
    )


def _invited(codes: Codes) -> Invited:
    return Invited(codes, int(INVITATION_LIVES.total_seconds() // 3600))


def _one(rows: list[Row]) -> Row:
    (row,) = rows
    return row
