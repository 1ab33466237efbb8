"""The people of a site, for its administrator: invited by name, and gone at once."""

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import answered, portal_signin, proved_by, read_json
from rempart.api.problems import ProblemError
from rempart.foundation.errors import BadInputError
from rempart.identity import (
    PortalRefusal,
    approve_recovery,
    invite_colleague,
    leave_colleague,
    unblock_colleague,
)
from rempart.rights import Presented

_Rpps = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{11}\Z")]


class InviteRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite: a professional on record, by RPPS number, and what colleagues call him."""

    professional: _Rpps
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class InviteAnswer(msgspec.Struct, frozen=True):
    """The two codes, told this once: hand the link over, and say the other in person."""

    link: str
    second: str
    hours: int


class RecoveryAnswer(msgspec.Struct, frozen=True):
    """The link to hand over; the second code comes on paper."""

    link: str
    days: int


class ColleagueRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who leaves, or comes back."""

    professional: _Rpps


async def invite(request: Request, shown: Presented) -> Response:
    """Invite a colleague to the administrator's own site."""
    asked = await read_json(request, InviteRequest)
    database = portal_signin(request).database
    try:
        invited = await invite_colleague(database, proved_by(shown), asked.professional, asked.name)
    except BadInputError as error:
        code = "bad_check_digit" if error.field == "professional" else "bad_format"
        raise ProblemError(code, error.field) from None
    if isinstance(invited, PortalRefusal):
        return answered(invited)
    origin: str = request.state.portal_origin
    link = f"{origin}/portal/enrol#{invited.codes.link}"
    return answered(InviteAnswer(link, invited.codes.second, invited.hours), 201)


async def leave(request: Request, shown: Presented) -> Response:
    """End a colleague's access."""
    asked = await read_json(request, ColleagueRequest)
    database = portal_signin(request).database
    try:
        return answered(await leave_colleague(database, proved_by(shown), asked.professional))
    except BadInputError as error:
        raise ProblemError("bad_check_digit", error.field) from None


async def recover(request: Request, shown: Presented) -> Response:
    """Approve the recovery of a colleague who has lost every passkey."""
    asked = await read_json(request, ColleagueRequest)
    signin = portal_signin(request)
    try:
        found = await approve_recovery(
            signin.database, signin.letters, proved_by(shown), asked.professional
        )
    except BadInputError as error:
        raise ProblemError("bad_check_digit", error.field) from None
    if isinstance(found, PortalRefusal):
        return answered(found)
    origin: str = request.state.portal_origin
    return answered(RecoveryAnswer(f"{origin}/portal/enrol#{found.link}", found.days), 201)


async def unblock(request: Request, shown: Presented) -> Response:
    """Let a colleague sign in again who was away for six months."""
    asked = await read_json(request, ColleagueRequest)
    database = portal_signin(request).database
    try:
        return answered(await unblock_colleague(database, proved_by(shown), asked.professional))
    except BadInputError as error:
        raise ProblemError("bad_check_digit", error.field) from None
