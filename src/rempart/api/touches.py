"""A passkey touched for one question: begun with its digest, verified here, used up by the edge."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import answered, portal_signin, proved_by, read_json
from rempart.api.rights_messages import Hex32
from rempart.api.sessions import Credential
from rempart.identity import PortalRefusal
from rempart.rights import Presented


class BeginTouchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the passkey is to be touched for: SHA-256 of a salt and the request, in hexadecimal."""

    digest: Hex32


class TouchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The touched passkey."""

    credential: Credential


class TouchedAnswer(msgspec.Struct, frozen=True):
    """Until when the question may be asked."""

    expires_at: str


async def begin_touch(request: Request, shown: Presented) -> Response:
    """Give what the browser must know to have a passkey touched for one question."""
    asked = await read_json(request, BeginTouchRequest)
    options: dict[str, Any] | PortalRefusal = await portal_signin(request).begin_touch(
        proved_by(shown), bytes.fromhex(asked.digest)
    )
    return answered(options)


async def touch(request: Request, shown: Presented) -> Response:
    """Verify the touch: it opens that one question, for two minutes."""
    asked = await read_json(request, TouchRequest)
    found = await portal_signin(request).touch(proved_by(shown), asked.credential)
    if isinstance(found, PortalRefusal):
        return answered(found)
    return answered(TouchedAnswer(found.isoformat()))
