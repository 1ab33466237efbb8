"""Passkeys: the first against an invitation, more by whoever has one, revoked by their owner."""

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import answered, portal_signin, proved_by, read_json
from rempart.api.sessions import Credential, Nothing, Uuid
from rempart.rights import Presented

_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
_Label = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class BeginEnrolmentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An invitation's two codes: the link's, and the one told in person or on paper."""

    link: _Code
    second: _Code


class EnrolPasskeyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same two codes, the passkey that was made, and what its owner calls it."""

    link: _Code
    second: _Code
    credential: Credential
    label: _Label


class AddPasskeyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One more passkey."""

    credential: Credential
    label: _Label


class RevokePasskeyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of one's own passkeys opens nothing any more."""

    passkey: Uuid


async def begin_enrolment(request: Request) -> Response:
    """Give what the browser must know to make an invited colleague's passkey."""
    asked = await read_json(request, BeginEnrolmentRequest)
    return answered(await portal_signin(request).begin_enrolment(asked.link, asked.second))


async def enrol_passkey(request: Request) -> Response:
    """Keep an invited colleague's passkey."""
    asked = await read_json(request, EnrolPasskeyRequest)
    return answered(
        await portal_signin(request).enrol_passkey(
            asked.link, asked.second, asked.credential, asked.label.strip()
        )
    )


async def begin_another_passkey(request: Request, shown: Presented) -> Response:
    """Give what the browser must know to make one more passkey."""
    await read_json(request, Nothing)
    return answered(await portal_signin(request).begin_another_passkey(proved_by(shown)))


async def add_passkey(request: Request, shown: Presented) -> Response:
    """Keep one more passkey."""
    asked = await read_json(request, AddPasskeyRequest)
    return answered(
        await portal_signin(request).add_passkey(
            proved_by(shown), asked.credential, asked.label.strip()
        )
    )


async def revoke_passkey(request: Request, shown: Presented) -> Response:
    """Revoke one of one's own passkeys, and end the sessions that it opened."""
    asked = await read_json(request, RevokePasskeyRequest)
    return answered(await portal_signin(request).revoke_passkey(proved_by(shown), asked.passkey))
