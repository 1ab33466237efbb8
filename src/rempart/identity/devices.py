"""Software of a site, as its administrator says: a code for a new one, the end of another."""

from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.identity.codes import code_hash, new_code
from rempart.identity.enrolment import CODE_LIVES, EnrolmentCode
from rempart.identity.identifiers import read_rpps
from rempart.identity.portal_refusal import PortalRefusal, refusal
from rempart.identity.portal_signin import Proved

_VENDOR = 80


async def obtain_code(
    database: Database, proved: Proved, professionals: list[str], vendor: str
) -> EnrolmentCode | PortalRefusal:
    """Issue a code for a new software of the administrator's own site, as ``rempart_signin``.

    It will speak for these colleagues alone (RPPS numbers). Raises `BadInputError`.
    """
    plain = vendor.strip()
    if not 1 <= len(plain) <= _VENDOR or not plain.isprintable():
        raise BadInputError("vendor", "must have 1 to 80 printable characters")
    code = new_code()
    (row,) = await database.call(
        "identity.obtain_code",
        proved.token,
        proved.jkt,
        proved.jti,
        [read_rpps(rpps) for rpps in professionals],
        plain,
        code_hash(code),
        CODE_LIVES,
    )
    return refusal(row) or EnrolmentCode(code, row["expires_at"])


async def revoke_device(database: Database, proved: Proved, client_id: str) -> PortalRefusal | None:
    """Revoke a software of the administrator's own site for ever, as ``rempart_signin``."""
    (row,) = await database.call(
        "identity.revoke_device", proved.token, proved.jkt, proved.jti, client_id
    )
    return refusal(row)
