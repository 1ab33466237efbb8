"""Who belongs to a site, as its administrator says: invitations and leaving. Mints no session."""

from dataclasses import dataclass

from rempart.foundation.database import Database, Row
from rempart.foundation.errors import BadInputError
from rempart.identity.enrolment import DeskRefusal
from rempart.identity.identifiers import read_rpps, read_site
from rempart.identity.invitations import INVITATION_LIVES, Codes
from rempart.identity.portal_signin import PortalRefusal, Proved, refusal


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation's codes, told once to whoever issued it."""

    codes: Codes
    hours: int


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


def _invited(codes: Codes) -> Invited:
    return Invited(codes, int(INVITATION_LIVES.total_seconds() // 3600))


def _one(rows: list[Row]) -> Row:
    (row,) = rows
    return row
