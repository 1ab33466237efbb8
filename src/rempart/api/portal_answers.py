"""What handlers of the portal's fetches share: their parts, their JSON, what refusals become."""

import re
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.problems import ProblemError
from rempart.api.strict_json import read
from rempart.identity import PortalRefusal, PortalSignIn, Proved
from rempart.rights import Presented

NO_CONTENT: Final = 204

_JSON: Final = re.compile(r"application/json(\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
_FIELD_OF: Final = {
    PortalRefusal.LABEL: ("bad_format", "label"),
    PortalRefusal.NAME: ("bad_format", "name"),
    PortalRefusal.PROFESSIONAL: ("professional_unknown", "professional"),
}

_Wire = TypeVar("_Wire", bound=msgspec.Struct)


def portal_signin(request: Request) -> PortalSignIn:
    """Return the sign-in process's part; a `TypeError` means that the lifespan did not run."""
    found: object = request.state.portal_signin
    if not isinstance(found, PortalSignIn):
        raise TypeError
    return found


async def read_json(request: Request, wire: type[_Wire]) -> _Wire:
    """Read the body; raise `ProblemError`."""
    types = request.headers.getlist("content-type")
    if len(types) != 1 or not _JSON.fullmatch(types[0].strip()):
        raise ProblemError("not_json")
    return read(await request.body(), wire)


def proved_by(shown: Presented) -> Proved:
    """Return what a dangerous step is done by."""
    return Proved(shown.token, shown.jkt, shown.proof_jti)


def answered(
    outcome: msgspec.Struct | dict[str, Any] | PortalRefusal | None, status: int = 200
) -> Response:
    """Answer with JSON, with nothing when there is nothing to say; raise for a refusal."""
    if isinstance(outcome, PortalRefusal):
        code, field = _FIELD_OF.get(outcome, (outcome.value, None))
        raise ProblemError(code, field)
    if outcome is None:
        return Response(status_code=NO_CONTENT)
    body = msgspec.json.encode(outcome)
    return Response(body, status_code=status, media_type="application/json")
