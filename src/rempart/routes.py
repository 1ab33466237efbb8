"""The whole URL table: method, path, handler, who may. Without a guard, nothing starts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from starlette.routing import Route as StarletteRoute

from rempart.api import guards
from rempart.api.installations import Enrolment, EnrolmentRequest, enrol_installation
from rempart.api.probes import Alive, Ready, healthz, metrics, readyz
from rempart.api.reader import openapi, reader, reader_style
from rempart.api.receipt_keys import ReceiptKeys, receipt_keys
from rempart.api.rights_messages import RightsAnswer, RightsQuestion
from rempart.api.rights_questions import ask_rights
from rempart.api.signin_messages import TokenAnswer, TokenRequest
from rempart.api.token import create_token
from rempart.foundation.errors import RempartError

Process = Literal["edge", "signin"]


class RouteWithoutGuardError(RempartError):
    """Somebody wrote a route that says not who may call it. Names the path."""

    def __init__(self, path: str) -> None:
        """Take the route's path."""
        super().__init__(f"{path} has no guard: wrap its handler with one of api/guards.py")


@dataclass(frozen=True, slots=True)
class Route:
    """One row. ``route.NAME.summary`` and ``.description`` are its texts."""

    process: Process
    method: Literal["GET", "POST"]
    path: str
    name: str
    guarded: guards.Guarded
    is_probe: bool = False
    """Answers also by address, for balancers and collectors."""
    asks: Any = None
    """Type of the request's body."""
    answers: Any = None
    """Type of the answer's body."""
    problems: tuple[str, ...] = field(default=())
    """Codes of api/problems.py that it may answer, besides those that any route may."""


_READING: Final = (
    "not_json", "not_utf8", "malformed_json", "duplicate_key", "body_too_large", "body_too_slow",
    "unknown_field", "missing_field", "wrong_type", "bad_format",
)  # fmt: skip
_PROVING: Final = ("invalid_proof", "use_dpop_nonce", "proof_repeated")
_ASKING: Final = (
    "bad_date", "bad_check_digit", "looks_like_nir", "card_secret_required",
    "card_secret_forbidden", "care_date_out_of_window", "token_required", "invalid_token",
    "professional_not_linked", "account_not_ready", "domain_not_allowed", "reference_reused",
    "too_many_questions", "overloaded",
)  # fmt: skip

TABLE: Final = (
    Route(
        "edge", "POST", "/v1/rights-questions", "ask_rights", guards.installation(ask_rights),
        asks=RightsQuestion, answers=RightsAnswer, problems=(*_READING, *_ASKING, *_PROVING),
    ),
    Route(
        "edge", "GET", "/v1/receipt-keys", "receipt_keys", guards.anyone(receipt_keys),
        answers=ReceiptKeys,
    ),
    Route("edge", "GET", "/v1/openapi.json", "openapi", guards.anyone(openapi)),
    Route("edge", "GET", "/v1/docs", "reader", guards.anyone(reader)),
    Route("edge", "GET", "/v1/docs/style.css", "reader_style", guards.anyone(reader_style)),
    Route(
        "edge", "GET", "/healthz", "healthz", guards.anyone(healthz),
        is_probe=True, answers=Alive,
    ),
    Route(
        "edge", "GET", "/readyz", "readyz", guards.anyone(readyz),
        is_probe=True, answers=Ready,
    ),
    Route(
        "edge", "GET", "/metrics", "metrics", guards.this_machine(metrics),
        is_probe=True, problems=("loopback_only",),
    ),
    Route(
        "signin", "POST", "/v1/token", "create_token", guards.assertion(create_token),
        asks=TokenRequest, answers=TokenAnswer,
        problems=("body_too_large", "body_too_slow", "overloaded"),
    ),
    Route(
        "signin", "POST", "/v1/installations", "enrol_installation",
        guards.enrolment_code(enrol_installation), asks=EnrolmentRequest, answers=Enrolment,
        problems=(*_READING, *_PROVING, "code_not_valid", "key_already_enrolled", "overloaded"),
    ),
    Route(
        "signin", "GET", "/healthz", "healthz", guards.anyone(healthz),
        is_probe=True, answers=Alive,
    ),
    Route(
        "signin", "GET", "/metrics", "metrics", guards.this_machine(metrics),
        is_probe=True, problems=("loopback_only",),
    ),
)  # fmt: skip


def of(process: Process) -> tuple[Route, ...]:
    """Return the rows that a process serves."""
    return tuple(route for route in TABLE if route.process == process)


def starlette_routes(routes: tuple[Route, ...]) -> Iterator[StarletteRoute]:
    """Turn rows into what the framework serves; raise `RouteWithoutGuardError`."""
    for route in routes:
        if not isinstance(route.guarded, guards.Guarded):
            raise RouteWithoutGuardError(route.path)
        yield StarletteRoute(
            route.path, route.guarded.endpoint, methods=[route.method], name=route.name
        )
