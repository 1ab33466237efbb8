"""The whole URL table: method, path, handler, who may. Without a guard, nothing starts."""

from collections.abc import Iterator
from typing import Final

from starlette.routing import Route as StarletteRoute

from rempart import portal_routes
from rempart.api import (
    authorizations,
    claims,
    guards,
    received_claims,
    remittances,
)
from rempart.api import quote_messages as told
from rempart.api import received_messages as received
from rempart.api.claim_messages import ClaimAnswer, ClaimRequest
from rempart.api.feed_messages import FeedReport
from rempart.api.feeds import confirm_feed, report_feed, send_feed
from rempart.api.installations import Enrolment, EnrolmentRequest, enrol_installation
from rempart.api.probes import Alive, Ready, healthz, metrics, readyz
from rempart.api.problem_groups import (
    ANSWERING,
    ASKING,
    CLAIMING,
    OWN_AUTHORIZATION,
    OWN_CLAIM,
    OWN_MONEY,
    PROVING,
    QUOTING,
    READING,
    SENDING,
)
from rempart.api.quotes import ask_quote
from rempart.api.reader import openapi, reader, reader_style
from rempart.api.receipt_keys import ReceiptKeys, receipt_keys
from rempart.api.remittance_messages import RemittanceNotice, RemittancesAnswer
from rempart.api.rights_messages import RightsAnswer, RightsQuestion
from rempart.api.rights_questions import ask_rights
from rempart.api.signin_messages import TokenAnswer, TokenRequest
from rempart.api.token import create_token
from rempart.edge.guarded import Guarded, anyone
from rempart.foundation.errors import RempartError
from rempart.route import Process, Route


class RouteWithoutGuardError(RempartError):
    """Somebody wrote a route that says not who may call it. Names the path."""

    def __init__(self, path: str) -> None:
        """Take the route's path."""
        super().__init__(f"{path} has no guard: wrap its handler with one of api/guards.py")


TABLE: Final = (
    Route(
        "edge", "POST", "/v1/rights-questions", "ask_rights", guards.installation(ask_rights),
        asks=RightsQuestion, answers=RightsAnswer, problems=(*READING, *ASKING, *PROVING),
    ),
    Route(
        "edge", "POST", "/v1/quotes", "ask_quote", guards.installation(ask_quote),
        asks=told.QuoteRequest, answers=told.QuoteAnswer,
        problems=(*READING, *ASKING, *PROVING, *QUOTING),
    ),
    Route(
        "edge", "POST", "/v1/authorizations/look-ups", "read_authorization",
        guards.installation(authorizations.read_authorization), asks=told.AuthorizationRequest,
        answers=told.AuthorizationAnswer, problems=(*READING, *OWN_AUTHORIZATION),
    ),
    Route(
        "edge", "POST", "/v1/authorizations/cancellations", "cancel_authorization",
        guards.installation(authorizations.cancel_authorization),
        asks=told.AuthorizationRequest, answers=told.AuthorizationAnswer,
        problems=(*READING, *OWN_AUTHORIZATION, "authorization_claimed"),
    ),
    Route(
        "edge", "POST", "/v1/claims", "claim", guards.installation(claims.claim),
        asks=ClaimRequest, answers=ClaimAnswer, problems=(*READING, *OWN_CLAIM, *CLAIMING),
    ),
    Route(
        "edge", "GET", "/v1/claims/{claim}", "read_claim", guards.installation(claims.read_claim),
        answers=ClaimAnswer, problems=OWN_CLAIM,
    ),
    Route(
        "edge", "POST", "/v1/claims/{claim}/cancellation", "cancel_claim",
        guards.installation(claims.cancel_claim),
        answers=ClaimAnswer, problems=(*OWN_CLAIM, "claim_in_payment"),
    ),
    Route(
        "edge", "GET", "/v1/remittances", "list_remittances",
        guards.installation(remittances.list_remittances),
        answers=RemittancesAnswer, problems=OWN_MONEY,
    ),
    Route(
        "edge", "GET", "/v1/remittances/{remittance}/earlier", "list_earlier_remittances",
        guards.installation(remittances.list_earlier),
        answers=RemittancesAnswer, problems=(*OWN_MONEY, "remittance_unknown"),
    ),
    Route(
        "edge", "GET", "/v1/remittances/{remittance}", "read_remittance",
        guards.installation(remittances.read_remittance),
        answers=RemittanceNotice, problems=(*OWN_MONEY, "remittance_unknown"),
    ),
    Route(
        "edge", "GET", "/v1/receipt-keys", "receipt_keys", anyone(receipt_keys),
        answers=ReceiptKeys,
    ),
    *portal_routes.ON_EDGE,
    Route("edge", "GET", "/v1/openapi.json", "openapi", anyone(openapi)),
    Route("edge", "GET", "/v1/docs", "reader", anyone(reader)),
    Route("edge", "GET", "/v1/docs/style.css", "reader_style", anyone(reader_style)),
    Route(
        "edge", "GET", "/healthz", "healthz", anyone(healthz),
        is_probe=True, answers=Alive,
    ),
    Route(
        "edge", "GET", "/readyz", "readyz", anyone(readyz),
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
        problems=(*READING, *PROVING, "code_not_valid", "key_already_enrolled", "overloaded"),
    ),
    *portal_routes.AT_SIGN_IN,
    Route(
        "signin", "GET", "/healthz", "healthz", anyone(healthz),
        is_probe=True, answers=Alive,
    ),
    Route(
        "signin", "GET", "/metrics", "metrics", guards.this_machine(metrics),
        is_probe=True, problems=("loopback_only",),
    ),
    Route(
        "intake", "PUT", "/v1/feeds/{feed_id}", "send_feed", guards.insurer(send_feed),
        answers=FeedReport, problems=(
            *SENDING, "body_too_large", "body_too_slow", "not_octets", "feed_too_large",
            "not_a_prepared_feed", "feed_of_another_insurer", "feed_differs", "feed_under_way",
            "part_under_way", "part_not_due",
        ),
    ),
    Route(
        "intake", "GET", "/v1/feeds/{feed_id}", "report_feed", guards.insurer(report_feed),
        answers=FeedReport, problems=(*SENDING, "feed_unknown"),
    ),
    Route(
        "intake", "POST", "/v1/feeds/{feed_id}/confirmation", "confirm_feed",
        guards.insurer(confirm_feed),
        problems=(*SENDING, "feed_unknown", "nothing_to_confirm"),
    ),
    Route(
        "intake", "POST", "/v1/received-claims/look-ups", "list_received",
        guards.insurer(received_claims.list_received), asks=received.ReceivedClaimsRequest,
        answers=received.ReceivedClaims, problems=(*READING, *ANSWERING, "received_claim_unknown"),
    ),
    Route(
        "intake", "GET", "/v1/received-claims/{claim}", "read_received",
        guards.insurer(received_claims.read_received), answers=received.ReceivedClaim,
        problems=(*ANSWERING, "received_claim_unknown"),
    ),
    Route(
        "intake", "POST", "/v1/received-claims/answers", "answer_claims",
        guards.insurer(received_claims.answer_claims), asks=received.AnswersRequest,
        answers=received.AnswersTaken, problems=(*READING, *ANSWERING),
    ),
    Route(
        "intake", "GET", "/healthz", "healthz", anyone(healthz),
        is_probe=True, answers=Alive,
    ),
    Route(
        "intake", "GET", "/readyz", "readyz", anyone(readyz),
        is_probe=True, answers=Ready,
    ),
    Route(
        "intake", "GET", "/metrics", "metrics", guards.this_machine(metrics),
        is_probe=True, problems=("loopback_only",),
    ),
)  # fmt: skip


PUBLISHED: Final = tuple(row for row in TABLE if not row.for_portal)
"""What software may build on."""


def of(process: Process) -> tuple[Route, ...]:
    """Return the rows that a process serves."""
    return tuple(route for route in TABLE if route.process == process)


def starlette_routes(routes: tuple[Route, ...]) -> Iterator[StarletteRoute]:
    """Turn rows into what the framework serves; raise `RouteWithoutGuardError`."""
    for route in routes:
        if not isinstance(route.guarded, Guarded):
            raise RouteWithoutGuardError(route.path)
        yield StarletteRoute(
            route.path, route.guarded.endpoint, methods=[route.method], name=route.name
        )
