"""Builds the three web programs, edge, sign-in and intake: the only file that knows every part.

Each is an ASGI factory for granian, called once in every worker:
``granian --interface asgi --factory rempart.app:edge`` (or ``:signin``, ``:intake``).
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Match, Route
from starlette.types import Scope

from rempart import routes
from rempart.api.parts import current_nonce
from rempart.api.problems import (
    ProblemError,
    on_bad_input,
    on_http,
    on_overload,
    on_problem,
    refuse,
)
from rempart.edge.body import BodyLimit
from rempart.edge.bounds import Bounds
from rempart.edge.cors import Cors
from rempart.edge.deadline import Deadline
from rempart.edge.faults import Faults
from rempart.edge.for_people import ForPeople
from rempart.edge.headers import SecurityHeaders
from rempart.edge.host import HostCheck
from rempart.edge.observe import Metrics, Observe, RouteName
from rempart.edge.origin import OriginCheck
from rempart.edge.request_id import RequestId
from rempart.edge.writes import BoundedWrites
from rempart.foundation.beginning import begin
from rempart.foundation.errors import BadInputError, OverloadedError
from rempart.foundation.reach import reach_database
from rempart.identity import ADDRESSES
from rempart.intake import PART_LIMIT
from rempart.opened import State, edge_state, intake_state, signin_state
from rempart.portal import trouble
from rempart.route import Process
from rempart.route import Route as Row

Opening = Callable[[Metrics], AbstractAsyncContextManager[State]]

_BOUNDS: Final[Mapping[Process, Bounds]] = {
    "edge": Bounds(),
    "signin": Bounds(),
    # A part of a feed over a slow line.
    "intake": Bounds(PART_LIMIT, 60, 75),
}


def edge() -> Starlette:
    """Make the program that answers questions."""
    settings = begin()

    @asynccontextmanager
    async def opening(metrics: Metrics) -> AsyncIterator[State]:
        with reach_database(settings) as reached:
            conninfo = reached.conninfo("rempart_edge")
            async with edge_state(settings, conninfo, reached.keyring, metrics) as state:
                yield state

    return application("edge", settings.public_url, opening, portal_origin=settings.public_url)


def signin() -> Starlette:
    """Make the program that mints tokens. It can ask nothing, and the edge can mint nothing."""
    settings = begin()

    @asynccontextmanager
    async def opening(metrics: Metrics) -> AsyncIterator[State]:
        with reach_database(settings) as reached:
            conninfo = reached.conninfo("rempart_signin")
            async with signin_state(settings, conninfo, reached.keyring, metrics) as state:
                yield state

    return application(
        "signin",
        settings.signin_url,
        opening,
        portal_origin=settings.public_url,
        also_at=settings.portal_signin_url,
    )


def intake() -> Starlette:
    """Make the program that takes insurers' feeds. It can read nothing of the registry back."""
    settings = begin()

    @asynccontextmanager
    async def opening(metrics: Metrics) -> AsyncIterator[State]:
        with reach_database(settings) as reached:
            conninfo = reached.conninfo("rempart_intake")
            async with intake_state(settings, conninfo, reached.keyring, metrics) as state:
                yield state

    return application("intake", settings.intake_url, opening)


def application(
    process: Process,
    public_url: str,
    opening: Opening,
    *,
    portal_origin: str | None = None,
    also_at: str | None = None,
) -> Starlette:
    """Put one process's routes behind the middleware, outermost first.

    `portal_origin` is the portal's, when it is not where this process answers; `also_at` is a
    second address of this process.
    """
    table, metrics, bounds = routes.of(process), Metrics("ask_rights"), _BOUNDS[process]
    layers = [
        Middleware(BoundedWrites),
        Middleware(RequestId),
        Middleware(SecurityHeaders, public_url=public_url, fresh=current_nonce),
        *_between_browsers(process, portal_origin or public_url),
        Middleware(Observe, metrics=metrics, route_name=_names(table)),
        *_for_people(process),
        Middleware(Faults, refuse=refuse),
        Middleware(Deadline, refuse=refuse, seconds=bounds.seconds),
        Middleware(
            HostCheck,
            public_url=public_url,
            probes=[route.path for route in table if route.is_probe],
            refuse=refuse,
            also=also_at,
        ),
        Middleware(OriginCheck, origin=portal_origin or public_url, refuse=refuse),
        Middleware(BodyLimit, refuse=refuse, limit=bounds.body, seconds=bounds.body_seconds),
    ]

    app = Starlette(
        routes=list(routes.starlette_routes(table)),
        middleware=layers,
        exception_handlers=_ANSWERED,
        lifespan=lambda _app: opening(metrics),
    )
    app.router.redirect_slashes = False  # one address a thing: a proof names it exactly
    return app


_ANSWERED: Final = {
    ProblemError: on_problem,
    BadInputError: on_bad_input,
    OverloadedError: on_overload,
    HTTPException: on_http,
}
"""What is raised to be answered, and by whom."""


def _between_browsers(process: Process, origin: str) -> list[Middleware]:
    """Let the portal's page speak to sign-in, where that has an origin of its own."""
    return [Middleware(Cors, origin=origin, prefix=ADDRESSES)] if process == "signin" else []


def _for_people(process: Process) -> list[Middleware]:
    """Show people a page where software would be told an error."""
    if process != "edge":
        return []
    return [Middleware(ForPeople, prefix=trouble.ADDRESSES, page=trouble.trouble_page)]


def _names(table: tuple[Row, ...]) -> RouteName:
    """Name a request's route: an address with a name in it has one name, whatever is in it."""
    served = list(routes.starlette_routes(table))

    def name(scope: Scope) -> str:
        routed = scope.get("route")
        if isinstance(routed, Route) and scope["method"] in (routed.methods or ()):
            return routed.name
        # Refused before it was routed, or by the router itself.
        return next((one.name for one in served if one.matches(scope)[0] is Match.FULL), "none")

    return name
