"""Who may call a route: a handler reaches the URL table only inside one of these."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from rempart.api.parts import edge_parts
from rempart.api.problems import ProblemError
from rempart.edge.guarded import Endpoint, Guarded
from rempart.edge.host import comes_from_this_machine
from rempart.foundation.errors import OverloadedError
from rempart.identity import NonceClock, Proof, ProofError, ProofFault, SignIn, check_proof
from rempart.rights import Presented

InstallationEndpoint = Callable[[Request, Presented], Awaitable[Response]]

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_PROOF_LIMIT: Final = 4_096


def this_machine(handler: Endpoint) -> Guarded:
    """Let in the machine that serves, by the connection's peer; never a proxy for another."""

    async def guarded(request: Request) -> Response:
        if not comes_from_this_machine(request.scope):
            raise ProblemError("loopback_only")
        return await handler(request)

    return Guarded("this_machine", guarded)


def assertion(handler: Endpoint) -> Guarded:
    """Leave it to the handler, which checks an assertion signed by the installation's key."""
    return Guarded("assertion", handler)


def enrolment_code(handler: Endpoint) -> Guarded:
    """Leave it to the handler, which takes a one-time code and a proof of the new key."""
    return Guarded("enrolment_code", handler)


def installation(handler: InstallationEndpoint) -> Guarded:
    """Let in an installation that shows a token and proves this request with its key.

    Whether the token lives, and whether the proof is new, is decided where the question is asked,
    in the same transaction as the charge.
    """

    async def guarded(request: Request) -> Response:
        if edge_parts(request).asker.room.is_full:
            raise OverloadedError  # before even the proof is paid for
        return await handler(request, await presented(request, _token(request)))

    return Guarded("installation", guarded)


def insurer(handler: InstallationEndpoint) -> Guarded:
    """Let in an insurer's installation, as `installation` does.

    Whose token it is, and whether its scope is the route's (``feeds`` or ``claims``), is for SQL to
    say: the same proof opens nothing there with a token that asks about people.
    """

    async def guarded(request: Request) -> Response:
        return await handler(request, await presented(request, _token(request)))

    return Guarded("insurer", guarded)


async def presented(request: Request, token: str) -> Presented:
    """Check the proof that was shown with a token; raise `ProblemError`."""
    proof, jwt, body = await checked_proof(request, token)
    return Presented(
        token=token,
        jkt=proof.jkt,
        proof_jti=proof.jti,
        proof_jwt=jwt,
        body=body,
        network=request.client.host if request.client else "",
    )


async def checked_proof(request: Request, token: str | None) -> tuple[Proof, str, bytes]:
    """Check a request's proof, with the token that it must name; the proof, its text, the body."""
    proofs = request.headers.getlist("dpop")
    if len(proofs) != 1 or len(proofs[0]) > _PROOF_LIMIT:
        raise ProblemError("invalid_proof")
    body = await request.body()
    signin: SignIn | None = getattr(request.state, "signin", None)
    if signin is not None:
        await signin.renew()  # as for software: after a restore no older proof is accepted
    nonces: NonceClock = request.state.nonces
    public_url: str = request.state.public_url
    try:
        proof = check_proof(
            proofs[0],
            method=request.method,
            url=public_url + request.scope["path"],
            body=body,
            token=token,
            nonces=nonces,
        )
    except ProofError as error:
        wants_nonce = error.code is ProofFault.NONCE
        raise ProblemError("use_dpop_nonce" if wants_nonce else "invalid_proof") from None
    return proof, proofs[0], body


def _token(request: Request) -> str:
    given = request.headers.getlist("authorization")
    if not given:
        raise ProblemError("token_required")
    scheme, _, token = given[0].partition(" ")
    if len(given) != 1 or scheme.lower() != "dpop" or not _TOKEN.fullmatch(token):
        raise ProblemError("invalid_token")
    return token
