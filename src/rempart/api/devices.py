"""A site for its administrator: codes for software, its end, and counts of whole days."""

import datetime as dt
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import answered, portal_signin, proved_by, read_json
from rempart.api.problems import ProblemError
from rempart.api.sessions import Nothing
from rempart.foundation.errors import BadInputError
from rempart.identity import PortalRefusal, Session, obtain_code, revoke_device
from rempart.rights import Oversight, Presented


class CodeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose software, and for which colleagues: RPPS numbers, a comma between them."""

    vendor: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    professionals: Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{11}(,[0-9]{11}){0,199}\Z")]


class CodeAnswer(msgspec.Struct, frozen=True):
    """The code, told this once."""

    code: str
    expires_at: str


class DeviceRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which software ends."""

    client_id: Annotated[str, msgspec.Meta(pattern=r"\Ainst_[0-9a-f]{32}\Z")]


class DayRow(msgspec.Struct, frozen=True):
    """One colleague on one day."""

    on_day: dt.date
    name: str
    answered: int
    nothing_found: int
    better_evidence: int
    refused: int


class DaysAnswer(msgspec.Struct, frozen=True):
    """Seven whole days, the latest first."""

    days: list[DayRow]


async def obtain(request: Request, shown: Presented) -> Response:
    """Give a one-time code for a new software of the administrator's own site."""
    asked = await read_json(request, CodeRequest)
    people = asked.professionals.split(",")
    try:
        found = await obtain_code(
            portal_signin(request).database, proved_by(shown), people, asked.vendor
        )
    except BadInputError as error:
        if error.field == "vendor":
            raise ProblemError("bad_format", "vendor") from None
        raise ProblemError("bad_check_digit", "professionals") from None
    if isinstance(found, PortalRefusal):
        return answered(found)
    return answered(CodeAnswer(found.code, found.expires_at.isoformat()), 201)


async def revoke(request: Request, shown: Presented) -> Response:
    """Revoke a software of the administrator's own site."""
    asked = await read_json(request, DeviceRequest)
    database = portal_signin(request).database
    return answered(await revoke_device(database, proved_by(shown), asked.client_id))


async def count_days(request: Request, shown: Presented, _session: Session) -> Response:
    """Count the questions of the administrator's own site, by colleague and whole day."""
    await read_json(request, Nothing)
    oversight: Oversight = request.state.oversight
    found = await oversight.counts(proved_by(shown))
    if isinstance(found, PortalRefusal):
        return answered(found)
    rows = [
        DayRow(
            on_day=one.on_day,
            name=one.name or one.rpps,
            answered=one.answered,
            nothing_found=one.nothing_found,
            better_evidence=one.better_evidence,
            refused=one.refused,
        )
        for one in found
    ]
    return answered(DaysAnswer(rows))
