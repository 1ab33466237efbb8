"""POST /v1/installations: a one-time code and a proof in, an installation out."""

from typing import Annotated, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.problems import ProblemError
from rempart.api.strict_json import read
from rempart.identity import (
    INSTALLATIONS_PATH,
    EnrolmentRefusal,
    ProofError,
    ProofFault,
    SignIn,
)

_JSON: Final = "application/json"


class EnrolmentRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The one-time code that the site's administrator, or the insurer, was given."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Enrolment(msgspec.Struct, frozen=True):
    """What the software keeps beside its key."""

    client_id: str
    site: str | None
    insurer: str | None


async def enrol_installation(request: Request) -> Response:
    """Enrol the key that signed the proof; errors are problems (RFC 9457)."""
    signin: SignIn = request.state.signin
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise ProblemError("not_json")
    body = await request.body()
    proofs = request.headers.getlist("dpop")
    if len(proofs) != 1:
        raise ProblemError("invalid_proof")
    try:
        proof = await signin.check_proof(proofs[0], path=INSTALLATIONS_PATH, body=body)
    except ProofError as error:
        wants_nonce = error.code is ProofFault.NONCE
        raise ProblemError("use_dpop_nonce" if wants_nonce else "invalid_proof") from None
    outcome = await signin.enrol_installation(read(body, EnrolmentRequest).code, proof)
    if isinstance(outcome, EnrolmentRefusal):
        raise ProblemError(outcome.value)
    enrolment = Enrolment(outcome.client_id, outcome.site, outcome.insurer)
    return Response(msgspec.json.encode(enrolment), status_code=201, media_type=_JSON)
