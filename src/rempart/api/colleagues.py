"""The people of a site, for its administrator: invited by name, and gone at once."""

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import answered, portal_signin, proved_by, read_json
from rempart.api.problems import ProblemError
from rempart.foundation.errors import BadInputError
from rempart.identity import PortalRefusal, invite_colleague, leave_colleague
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


class LeaveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who leaves."""

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
    asked = await read_json(request, LeaveRequest)
    database = portal_signin(request).database
    try:
        return answered(await leave_colleague(database, proved_by(shown), asked.professional))
    except BadInputError as error:
        raise ProblemError("bad_check_digit", error.field) from None
