"""POST /v1/token: a signed assertion and a proof in, a five-minute token out (RFC 6749, 7523)."""

import json
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from rempart.identity import (
    TOKEN_PATH,
    ProofError,
    ProofFault,
    SignIn,
    TokenRefusal,
)

_FORM: Final = "application/x-www-form-urlencoded"
_GRANT: Final = "client_credentials"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REQUIRED: Final = frozenset({"grant_type", "client_assertion_type", "client_assertion"})
_OPTIONAL: Final = frozenset({"client_id"})
_LONGEST: Final = 16_384

_STATUS: Final = {"invalid_client": 401, "slow_down": 429}
"""By RFC 6749, 5.2 every other error is a 400."""

_SAY: Final = {
    "invalid_request": "The body must be one urlencoded form with the fields of docs/access.md.",
    "unsupported_grant_type": "Only client_credentials with a signed assertion is known.",
    "invalid_client": "The assertion does not show a live installation.",
    "invalid_dpop_proof": "One DPoP header must hold a new proof of this very request and body.",
    "use_dpop_nonce": "Sign the proof again with the nonce in the DPoP-Nonce header.",
    "slow_down": "This installation holds too many live tokens: keep one until it ends.",
}


async def create_token(request: Request) -> Response:
    """Mint a token, or answer an error in the form of RFC 6749, 5.2."""
    signin: SignIn = request.state.signin
    body = await request.body()
    form = _read_form(request, body)
    if form is None:
        return _error("invalid_request")
    if form["grant_type"] != _GRANT or form["client_assertion_type"] != _ASSERTION_TYPE:
        return _error("unsupported_grant_type")
    proofs = request.headers.getlist("dpop")
    if len(proofs) != 1:
        return _error("invalid_dpop_proof")
    try:
        proof = await signin.check_proof(proofs[0], path=TOKEN_PATH, body=body)
    except ProofError as error:
        needs_nonce = error.code is ProofFault.NONCE
        return _error("use_dpop_nonce" if needs_nonce else "invalid_dpop_proof")
    outcome = await signin.create_token(
        form["client_assertion"], proof, client_id=form.get("client_id")
    )
    if isinstance(outcome, TokenRefusal):
        return _error(outcome.value)
    content = {
        "access_token": outcome.token,
        "token_type": "DPoP",
        "expires_in": outcome.lives_s,
        "scope": outcome.scope,
    }
    return _answer(content, 200)


def _read_form(request: Request, body: bytes) -> dict[str, str] | None:
    """Read the form: known fields, each once, in UTF-8; None for anything else."""
    kind = request.headers.getlist("content-type")
    if len(kind) != 1 or kind[0].partition(";")[0].strip().lower() != _FORM:
        return None
    if len(body) > _LONGEST or request.url.query:
        return None
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=len(_REQUIRED | _OPTIONAL),
        )
    except ValueError:
        return None
    form = dict(pairs)
    if len(form) != len(pairs) or not _REQUIRED <= form.keys() <= _REQUIRED | _OPTIONAL:
        return None
    return form


def _error(error: str) -> Response:
    response = _answer({"error": error, "error_description": _SAY[error]}, _STATUS.get(error, 400))
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'DPoP algs="ES256"'
    if response.status_code == 429:
        response.headers["Retry-After"] = "60"
    return response


def _answer(content: dict[str, object], status: int) -> Response:
    # `no-store` and the nonce for the next proof are set on every answer by edge/headers.py.
    return Response(json.dumps(content), status_code=status, media_type="application/json")
