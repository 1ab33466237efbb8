"""The whole URL table: method, path, handler, who may. Without a guard, nothing starts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from starlette.routing import Route as StarletteRoute

from rempart.api import (
    activity,
    authorizations,
    claims,
    colleagues,
    demonstration,
    devices,
    guards,
    levels,
    passkeys,
    remittances,
    sessions,
    touches,
)
from rempart.api import browser_guards as by
from rempart.api import quote_messages as told
from rempart.api.claim_messages import ClaimAnswer, ClaimRequest
from rempart.api.feed_messages import FeedReport
from rempart.api.feeds import confirm_feed, report_feed, send_feed
from rempart.api.installations import Enrolment, EnrolmentRequest, enrol_installation
from rempart.api.probes import Alive, Ready, healthz, metrics, readyz
from rempart.api.problem_groups import (
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
from rempart.api.rights_questions import ask_from_portal, ask_rights
from rempart.api.signin_messages import TokenAnswer, TokenRequest
from rempart.api.token import create_token
from rempart.edge.guarded import Guarded, anyone
from rempart.foundation.errors import RempartError
from rempart.identity import ADDRESSES
from rempart.portal import (
    account,
    ask,
    budgets,
    demo,
    enrol,
    locked,
    people,
    sign_in,
    site,
    status,
)
from rempart.portal import activity as activity_page
from rempart.portal import guards as portal_guards
from rempart.portal.assets import ASSETS, asset

Process = Literal["edge", "signin", "intake"]


class RouteWithoutGuardError(RempartError):
    """Somebody wrote a route that says not who may call it. Names the path."""

    def __init__(self, path: str) -> None:
        """Take the route's path."""
        super().__init__(f"{path} has no guard: wrap its handler with one of api/guards.py")


@dataclass(frozen=True, slots=True)
class Route:
    """One row. ``route.NAME.summary`` and ``.description`` are its texts."""

    process: Process
    method: Literal["GET", "POST", "PUT"]
    path: str
    name: str
    guarded: Guarded
    for_portal: bool = False
    """A page of the portal, or what such a page fetches: no interface for software."""
    is_probe: bool = False
    """Answers also by address, for balancers and collectors."""
    asks: Any = None
    """Type of the request's body."""
    answers: Any = None
    """Type of the answer's body."""
    problems: tuple[str, ...] = field(default=())
    """Codes of api/problems.py that it may answer, besides those that any route may."""


_PREFIX: Final = {"edge": "/v1/portal/", "signin": ADDRESSES}


def _portal(process: Process, rows: list[tuple[str, str, Guarded]]) -> Iterator[Route]:
    """Make the rows of what the portal's pages fetch: all of them change something, or ask."""
    for path, name, guarded in rows:
        yield Route(process, "POST", _PREFIX[process] + path, name, guarded, for_portal=True)


def _pages(rows: list[tuple[str, str, Guarded]]) -> Iterator[Route]:
    """Make the rows of the portal's pages and of what they are made of."""
    for path, name, guarded in rows:
        yield Route("edge", "GET", f"/portal{path}", name, guarded, for_portal=True)


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
        "edge", "GET", "/v1/remittances/{remittance}", "read_remittance",
        guards.installation(remittances.read_remittance),
        answers=RemittanceNotice, problems=(*OWN_MONEY, "remittance_unknown"),
    ),
    Route(
        "edge", "GET", "/v1/receipt-keys", "receipt_keys", anyone(receipt_keys),
        answers=ReceiptKeys,
    ),
    Route("edge", "GET", "/demo", "demo", anyone(demo.demo), for_portal=True),
    *_pages([
        ("", "portal_home", portal_guards.cookie(account.home)),
        ("/sign-in", "portal_sign_in", anyone(sign_in.sign_in)),
        ("/signed-out", "portal_signed_out", anyone(sign_in.signed_out)),
        ("/locked", "portal_locked", locked.lock_screen()),
        ("/enrol", "portal_enrol", anyone(enrol.enrol)),
        ("/ask", "portal_ask", portal_guards.asking(ask.ask)),
        ("/account", "portal_account", portal_guards.cookie(account.account)),
        ("/people", "portal_people", portal_guards.cookie(people.people)),
        ("/activity", "portal_activity", portal_guards.cookie(activity_page.activity)),
        ("/closed", "portal_closed", portal_guards.asking(status.closed)),
        ("/site", "portal_site", portal_guards.cookie(site.site)),
        ("/budgets", "portal_budgets", portal_guards.cookie(budgets.budgets)),
        ("/theft", "portal_theft", portal_guards.cookie(demo.theft)),
        *((f"/static/{name}", "portal_asset", anyone(asset(name))) for name in ASSETS),
    ]),
    Route("edge", "GET", "/status", "status", anyone(status.status), for_portal=True),
    *_portal("edge", [
        ("rights-questions", "ask_from_portal", by.asking_session(ask_from_portal)),
        ("claims", "claim_from_portal", by.asking_session(claims.claim_from_portal)),
        (
            "claims/{claim}/cancellation", "cancel_from_portal",
            by.asking_session(claims.cancel_from_portal),
        ),
        ("session", "use_session", by.asking_session(sessions.use_session)),
        ("activity", "list_activity", by.asking_session(activity.list_activity)),
        ("budgets", "show_levels", by.asking_session(levels.show_levels)),
        ("site/days", "count_days", by.asking_session(devices.count_days)),
        ("activity/receipt", "open_receipt", by.asking_session(activity.open_receipt)),
        ("theft", "steal_account", by.asking_session(demonstration.steal_account)),
        ("theft/watch", "watch_theft", by.asking_session(demonstration.watch_theft)),
    ]),
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
    *_portal("signin", [
        ("challenge", "begin_sign_in", by.portal(sessions.begin_sign_in)),
        ("session", "sign_in", by.browser(sessions.sign_in)),
        ("session/lock", "lock_session", by.session(sessions.lock_session)),
        ("session/close", "close_session", by.session(sessions.close_session)),
        ("enrolment", "begin_enrolment", by.portal(passkeys.begin_enrolment)),
        ("passkey", "enrol_passkey", by.portal(passkeys.enrol_passkey)),
        ("another", "begin_another_passkey", by.session(passkeys.begin_another_passkey)),
        ("passkeys", "add_passkey", by.session(passkeys.add_passkey)),
        ("passkeys/revoke", "revoke_passkey", by.session(passkeys.revoke_passkey)),
        ("touch", "begin_touch", by.session(touches.begin_touch)),
        ("touch/passkey", "touch", by.session(touches.touch)),
        ("colleagues", "invite_colleague", by.session(colleagues.invite)),
        ("colleagues/leave", "leave_colleague", by.session(colleagues.leave)),
        ("colleagues/recover", "approve_recovery", by.session(colleagues.recover)),
        ("devices", "obtain_code", by.session(devices.obtain)),
        ("devices/revoke", "revoke_device", by.session(devices.revoke)),
        ("colleagues/unblock", "unblock_colleague", by.session(colleagues.unblock)),
    ]),
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
