"""Builds the three web programs, edge, sign-in and intake: the only file that knows every part.

Each is an ASGI factory for granian, called once in every worker:
``granian --interface asgi --factory rempart.app:edge`` (or ``:signin``, ``:intake``).
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Match, Route
from starlette.types import Scope

from rempart import routes
from rempart.api.parts import EdgeParts, IntakeParts, current_nonce
from rempart.api.problems import (
    ProblemError,
    on_bad_input,
    on_http,
    on_overload,
    on_problem,
    refuse,
)
from rempart.api.readiness import IntakeReadiness, Readiness
from rempart.api.receipt_keys import published
from rempart.api.release import ReleaseGrid
from rempart.billing import Authorizations, Claims, Remittances
from rempart.database import migrations_known
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
from rempart.foundation.clock import Clock, SystemClock
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError, OverloadedError, RempartError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.reach import reach_database
from rempart.foundation.settings import Settings
from rempart.identity import ADDRESSES, NonceClock, PortalSignIn, SignIn
from rempart.intake import PART_LIMIT, Receiving, Spool
from rempart.journal import ReceiptSigner
from rempart.portal import trouble
from rempart.portal.state import portal_state
from rempart.published import documents
from rempart.rights import Asker, BlindingClient, Lane, Room

State = dict[str, Any]
Opening = Callable[[Metrics], AbstractAsyncContextManager[State]]

_LANES: Final = 2
_CONNECTIONS: Final = _LANES + 4
"""Four more than the lanes: readiness, pages and claims must not wait for questions."""


_BOUNDS: Final[Mapping[routes.Process, Bounds]] = {
    "edge": Bounds(),
    "signin": Bounds(),
    # A part of a feed over a slow line.
    "intake": Bounds(PART_LIMIT, 60, 75),
}


class SchemaMismatchError(RempartError):
    """The database's tables are of another version than this program."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("the database's schema is not this program's: run `rempart db upgrade`")


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


@asynccontextmanager
async def edge_state(
    settings: Settings,
    conninfo: str,
    keyring: FileKeyring,
    metrics: Metrics,
    *,
    clock: Clock | None = None,
) -> AsyncIterator[State]:
    """Open what the edge's handlers use; `conninfo` is for ``rempart_edge``.

    Raises `UnavailableError`, `KeyMissingError` or `SchemaMismatchError`: it does not start half.
    """
    database = await Database.open(conninfo, max_size=_CONNECTIONS, application_name="rempart-edge")
    signer = ReceiptSigner(keyring.secret("receipt"))
    lane = Lane(database, signer, _LANES)
    blinding = BlindingClient(settings.blinding_socket)
    room = Room(settings.edge_questions)
    metrics.watch_in_hand(lambda: room.in_hand)
    try:
        readiness = Readiness(database, blinding, migrations_known()[-1].number)
        if not (await readiness.look())["migration"]:
            raise SchemaMismatchError
        nonces = NonceClock(keyring.secret("nonce"))
        parts = EdgeParts(
            public_url=settings.public_url,
            clock=clock or SystemClock(),
            nonces=nonces,
            asker=Asker(lane, blinding, keyring, room),
            claims=Claims(database, keyring.secret("met_inner")),
            remittances=Remittances.of(database, keyring),
            authorizations=Authorizations(database, keyring.secret("met_inner")),
            readiness=readiness,
            metrics=metrics,
            documents=documents(settings),
            receipt_keys=published(signer),
            release=ReleaseGrid(settings.release_grid_ms),
        )
        shown = portal_state(settings, database, keyring)
        yield {"parts": parts, "nonces": nonces, "metrics": metrics, **shown}
    finally:
        await lane.close()
        await blinding.close()
        await database.close()


@asynccontextmanager
async def signin_state(
    settings: Settings, conninfo: str, keyring: FileKeyring, metrics: Metrics
) -> AsyncIterator[State]:
    """Open what sign-in's handlers use; `conninfo` is for ``rempart_signin``."""
    opened = await SignIn.open(
        conninfo, nonce_key=keyring.secret("nonce"), signin_url=settings.signin_url
    )
    try:
        yield {
            "signin": opened,
            "portal_signin": PortalSignIn(
                opened.database, settings.public_url, settings.letters_dir
            ),
            "nonces": opened.nonces,
            "public_url": settings.portal_signin_url,
            "portal_origin": settings.public_url,
            "metrics": metrics,
        }
    finally:
        await opened.close()


@asynccontextmanager
async def intake_state(
    settings: Settings, conninfo: str, keyring: FileKeyring, metrics: Metrics
) -> AsyncIterator[State]:
    """Open what the intake's handlers use; `conninfo` is for ``rempart_intake``."""
    database = await Database.open(conninfo, application_name="rempart-intake")
    try:
        receiving = Receiving(database, Spool(settings.spool))
        migration = migrations_known()[-1].number
        if not (await receiving.look(migration))["migration"]:
            raise SchemaMismatchError
        yield {
            "parts": IntakeParts(receiving, IntakeReadiness(receiving, migration)),
            "nonces": NonceClock(keyring.secret("nonce")),
            "public_url": settings.intake_url,
            "metrics": metrics,
        }
    finally:
        await database.close()


def application(
    process: routes.Process,
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


def _between_browsers(process: routes.Process, origin: str) -> list[Middleware]:
    """Let the portal's page speak to sign-in, where that has an origin of its own."""
    return [Middleware(Cors, origin=origin, prefix=ADDRESSES)] if process == "signin" else []


def _for_people(process: routes.Process) -> list[Middleware]:
    """Show people a page where software would be told an error."""
    if process != "edge":
        return []
    return [Middleware(ForPeople, prefix=trouble.ADDRESSES, page=trouble.trouble_page)]


def _names(table: tuple[routes.Route, ...]) -> RouteName:
    """Name a request's route: an address with a name in it has one name, whatever is in it."""
    served = list(routes.starlette_routes(table))

    def name(scope: Scope) -> str:
        routed = scope.get("route")
        if isinstance(routed, Route) and scope["method"] in (routed.methods or ()):
            return routed.name
        # Refused before it was routed, or by the router itself.
        return next((one.name for one in served if one.matches(scope)[0] is Match.FULL), "none")

    return name
