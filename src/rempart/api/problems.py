"""The one table of errors over HTTP, and the one shape that they are told in (RFC 9457)."""

import secrets
from dataclasses import dataclass
from typing import Final

import msgspec
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from rempart.edge.refusal import RefusalCode
from rempart.edge.request_id import request_id
from rempart.foundation.errors import BadInputError, OverloadedError, RempartError
from rempart.foundation.texts import Language, negotiate, texts

MEDIA_TYPE: Final = "application/problem+json"
DOCS_PATH: Final = "/v1/docs"
_OVERLOAD_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One row: what happened, as a code that stays, and how HTTP says it.

    Its texts are ``problem.CODE.title``, ``.detail`` and ``.remedy``; its anchor ``problem-CODE``.
    """

    code: str
    status: int
    names_field: bool = False
    challenge: str | None = None

    @property
    def anchor(self) -> str:
        """Where /v1/docs and docs/errors.md explain it."""
        return f"problem-{self.code}"


_INVALID_PROOF: Final = 'DPoP error="invalid_dpop_proof", algs="ES256"'

TABLE: Final = {
    row.code: row
    for row in (
        # The request cannot be read.
        Problem("not_json", 415),
        Problem("not_octets", 415),
        Problem("not_utf8", 400),
        Problem("malformed_json", 400),
        Problem("duplicate_key", 400, names_field=True),
        Problem("body_too_large", 413),
        Problem("body_too_slow", 408),
        Problem("hung_up", 400),
        # A field cannot be understood.
        Problem("unknown_field", 422),
        Problem("missing_field", 422, names_field=True),
        Problem("wrong_type", 422, names_field=True),
        Problem("bad_format", 422, names_field=True),
        Problem("bad_date", 422, names_field=True),
        Problem("bad_check_digit", 422, names_field=True),
        Problem("looks_like_nir", 422, names_field=True),
        Problem("card_secret_required", 422, names_field=True),
        Problem("card_secret_forbidden", 422, names_field=True),
        Problem("care_date_out_of_window", 422, names_field=True),
        # Who asks.
        Problem("token_required", 401, challenge='DPoP algs="ES256"'),
        Problem("invalid_token", 401, challenge='DPoP error="invalid_token", algs="ES256"'),
        Problem("invalid_proof", 401, challenge=_INVALID_PROOF),
        Problem("use_dpop_nonce", 401, challenge='DPoP error="use_dpop_nonce", algs="ES256"'),
        Problem("proof_repeated", 401, challenge=_INVALID_PROOF),
        Problem("code_not_valid", 403),
        Problem("key_already_enrolled", 409),
        Problem("professional_not_linked", 403),
        Problem("account_not_ready", 403),
        Problem("domain_not_allowed", 403, names_field=True),
        Problem("loopback_only", 403),
        # Who signs in at the portal.
        Problem("wrong_origin", 403),
        Problem("session_over", 401, challenge='DPoP algs="ES256"'),
        Problem("session_locked", 401, challenge='DPoP algs="ES256"'),
        Problem("sign_in_again", 403),
        Problem("passkey_refused", 403),
        Problem("account_idle", 403),
        Problem("ceremony_over", 409),
        Problem("invitation_not_valid", 403),
        Problem("passkey_known", 409),
        Problem("software_key_refused", 403),
        Problem("too_many_passkeys", 409),
        Problem("last_passkey", 409),
        Problem("not_administrator", 403),
        Problem("account_stopped", 403),
        Problem("not_yours", 404),
        Problem("professional_unknown", 409, names_field=True),
        Problem("has_a_passkey", 409),
        Problem("last_administrator", 409),
        Problem("not_oneself", 409),
        Problem("not_blocked", 409),
        Problem("too_many_codes", 409),
        Problem("theft_under_way", 409),
        # A feed.
        Problem("feed_too_large", 413),
        Problem("not_a_prepared_feed", 422),
        Problem("feed_of_another_insurer", 403),
        Problem("feeds_closed", 403),
        Problem("feed_unknown", 404),
        Problem("feed_differs", 409),
        Problem("feed_under_way", 409),
        Problem("part_under_way", 409),
        Problem("part_not_due", 409),
        Problem("nothing_to_confirm", 409),
        # A claim.
        Problem("engagement_unknown", 404),
        Problem("engagement_used", 409),
        Problem("engagement_cancelled", 409),
        Problem("engagement_expired", 409),
        Problem("category_unknown", 422),
        Problem("agreement_needed", 409),
        Problem("amounts_do_not_fit", 422),
        Problem("line_not_agreed", 409),
        Problem("above_promise", 409),
        Problem("claim_reference_reused", 409),
        Problem("claim_unknown", 404),
        Problem("claim_in_payment", 409),
        Problem("remittance_unknown", 404),
        Problem("received_claim_unknown", 404),
        Problem("answers_closed", 403),
        # A prise en charge.
        Problem("authorization_unknown", 404),
        Problem("authorization_claimed", 409),
        # What is asked.
        Problem("not_found", 404),
        Problem("method_not_allowed", 405),
        Problem("reference_reused", 409, names_field=True),
        Problem("touch_required", 403),
        Problem("wrong_host", 421),
        Problem("too_many_questions", 429),
        # The platform.
        Problem("fault", 500),
        Problem("unavailable", 503),
        Problem("overloaded", 503),
    )
}


class ProblemError(RempartError):
    """A request refused with a code of the table, and the public name of the field at fault."""

    def __init__(
        self, code: str, field: str | None = None, *, headers: dict[str, str] | None = None
    ) -> None:
        """Take a code of the table, and the field at fault where the row names one."""
        super().__init__(code if field is None else f"{code}: {field}")
        self.code = code
        self.field = field
        self.headers = headers or {}


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True):
    """An error, as application/problem+json (RFC 9457). Every key is always there."""

    type: str
    title: str
    status: int
    code: str
    field: str | None
    detail: str
    request_id: str


def language_of(scope: Scope) -> Language:
    """Return the language that the client asks for."""
    return negotiate(Headers(scope=scope).get("accept-language"))


def problem(
    scope: Scope, code: str, field: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Build the answer for a code of the table, in the client's language."""
    row = TABLE[code]
    language = language_of(scope)
    say = texts(language)
    body = ProblemBody(
        type=f"{DOCS_PATH}#{row.anchor}",
        title=say(f"problem.{code}.title"),
        status=row.status,
        code=code,
        field=field if row.names_field else None,
        detail=say(f"problem.{code}.detail"),
        request_id=request_id(scope),
    )
    return Response(
        msgspec.json.encode(body),
        status_code=row.status,
        media_type=MEDIA_TYPE,
        headers={
            "Content-Language": language.value,
            **({"WWW-Authenticate": row.challenge} if row.challenge else {}),
            **(headers or {}),
        },
    )


def refuse(scope: Scope, code: RefusalCode) -> ASGIApp:
    """Refuse for the middleware."""
    return problem(scope, code)


def on_problem(request: Request, error: Exception) -> Response:
    """Answer for a `ProblemError`."""
    if not isinstance(error, ProblemError):
        raise TypeError
    return problem(request.scope, error.code, error.field, error.headers)


def on_bad_input(request: Request, error: Exception) -> Response:
    """Answer for a feature that could not understand a field."""
    if not isinstance(error, BadInputError):
        raise TypeError
    return problem(request.scope, "bad_format", error.field)


def on_overload(request: Request, error: Exception) -> Response:
    """Answer whoever found no place: nothing was begun, and when to come again."""
    if not isinstance(error, OverloadedError):
        raise TypeError
    # Not all at the same second.
    wait = 1 + secrets.randbelow(_OVERLOAD_SECONDS)
    return problem(request.scope, "overloaded", headers={"Retry-After": str(wait)})


def on_http(request: Request, error: Exception) -> Response:
    """Answer for what the router refuses by itself: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise TypeError
    code = "method_not_allowed" if error.status_code == 405 else "not_found"
    return problem(request.scope, code, headers=dict(error.headers or {}))
