"""Sessions of the portal: begun by a passkey's touch, ended by their owner, kept alive by proof."""

from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.portal_answers import NO_CONTENT, answered, portal_signin, proved_by, read_json
from rempart.edge.cookie import clear_cookie, cookie_token, set_cookie
from rempart.edge.device import device_of
from rempart.identity import Caller, PortalRefusal, Proof, Session
from rempart.rights import Presented

Credential = Annotated[str, msgspec.Meta(min_length=1, max_length=8_000)]
"""A WebAuthn answer as the browser writes it (`PublicKeyCredential.toJSON`), as text."""

Uuid = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object: there is nothing to say."""


class SignInRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A touched passkey."""

    credential: Credential


class OpenedAnswer(msgspec.Struct, frozen=True):
    """What the page needs of its session: what proofs name the token by, and its latest end."""

    ath: str
    ends_at: str


class CloseSessionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of one's own sessions ends; this one when none is named."""

    session: Uuid | None = None


async def begin_sign_in(request: Request) -> Response:
    """Give the challenge of a sign-in."""
    await read_json(request, Nothing)
    options: dict[str, Any] = await portal_signin(request).begin_sign_in()
    return answered(options)


async def sign_in(request: Request, proof: Proof) -> Response:
    """Begin a session: the token goes into the cookie, the page learns its hash."""
    asked = await read_json(request, SignInRequest)
    opened = await portal_signin(request).sign_in(
        asked.credential,
        proof,
        Caller(
            network=request.client.host if request.client else "",
            device=device_of(request.headers.get("user-agent")),
            replaces=cookie_token(request),
        ),
    )
    if isinstance(opened, PortalRefusal):
        return answered(opened)
    answer = answered(OpenedAnswer(opened.ath, opened.ends_at.isoformat()))
    set_cookie(answer, opened.token)
    return answer


async def close_session(request: Request, shown: Presented) -> Response:
    """End one of one's own sessions; ending this one takes its cookie away."""
    asked = await read_json(request, CloseSessionRequest)
    refused = await portal_signin(request).close_session(proved_by(shown), asked.session)
    answer = answered(refused)
    if refused is None and asked.session is None:
        clear_cookie(answer)
    return answer


async def lock_session(request: Request, shown: Presented) -> Response:
    """Lock this session: nothing is asked with it until its owner touches a passkey again."""
    await read_json(request, Nothing)
    return answered(await portal_signin(request).lock_session(proved_by(shown)))


async def use_session(request: Request, _shown: Presented, _session: Session) -> Response:
    """Say that somebody is there: the guard checked the proof and keeps the session alive."""
    await read_json(request, Nothing)
    return Response(status_code=NO_CONTENT)
