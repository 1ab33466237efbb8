"""POST /v1/installations: a one-time code and a proof in, an installation out."""

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.problems import ProblemError, problem
from rempart.api.strict_json import read
from rempart.identity import (
    INSTALLATIONS_PATH,
    Enrolled,
    EnrolmentRefusal,
    ProofError,
    ProofFault,
    SignIn,
)


class EnrolmentRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The one-time code that the site's administrator was given."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Enrolment(msgspec.Struct, frozen=True):
    """What the software keeps beside its key."""

    client_id: str
    site: str


async def enrol_installation(request: Request) -> Response:
    """Enrol the key that signed the proof; errors are problems (RFC 9457)."""
    signin: SignIn = request.state.signin
    nonce = {"DPoP-Nonce": signin.nonces.current(), "Cache-Control": "no-store"}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return problem(request.scope, "not_json", headers=nonce)
    body = await request.body()
    proofs = request.headers.getlist("dpop")
    if len(proofs) != 1:
        return problem(request.scope, "invalid_proof", headers=nonce)
    try:
        proof = signin.check_proof(proofs[0], path=INSTALLATIONS_PATH, body=body)
    except ProofError as error:
        needs_nonce = error.code is ProofFault.NONCE
        code = "use_dpop_nonce" if needs_nonce else "invalid_proof"
        return problem(request.scope, code, headers=nonce)
    try:
        asked = read(body, EnrolmentRequest)
    except ProblemError as error:
        return problem(request.scope, error.code, error.field, headers=nonce)
    outcome = await signin.enrol_installation(asked.code, proof)
    match outcome:
        case Enrolled():
            return Response(
                msgspec.json.encode(Enrolment(outcome.client_id, outcome.site)),
                status_code=201,
                media_type="application/json",
                headers=nonce,
            )
        case EnrolmentRefusal():
            return problem(request.scope, outcome.value, headers=nonce)
