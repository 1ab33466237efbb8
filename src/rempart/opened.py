"""What each web program opens when it starts, and closes when it ends."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from rempart.api.parts import EdgeParts, IntakeParts
from rempart.api.readiness import IntakeReadiness, Readiness
from rempart.api.receipt_keys import published
from rempart.api.release import ReleaseGrid
from rempart.billing import Authorizations, Claims, Received, Remittances
from rempart.database import migrations_known
from rempart.edge.observe import Metrics
from rempart.foundation.clock import Clock, SystemClock
from rempart.foundation.database import Database
from rempart.foundation.errors import RempartError
from rempart.foundation.keyring import FileKeyring
from rempart.foundation.settings import Settings
from rempart.identity import NonceClock, PortalSignIn, SignIn
from rempart.intake import Receiving, Spool
from rempart.journal import ReceiptSigner
from rempart.portal.state import portal_state
from rempart.published import documents
from rempart.rights import Asker, BlindingClient, Lane, LiveGenerations, Room

State = dict[str, Any]

_LANES: Final = 2
_QUESTIONS: Final = _LANES + 1
"""Connections for questions: each lane's, and one for readiness. Nothing else takes any of them."""
_OTHERS: Final = 2
"""For what software asks beside questions, and as many for pages: anybody may send either, with a
token or a cookie of his own invention, and what he keeps busy are these."""


class SchemaMismatchError(RempartError):
    """The database's tables are of another version than this program."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("the database's schema is not this program's: run `rempart db upgrade`")


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
    signer = ReceiptSigner(keyring.secret("receipt"))
    async with AsyncExitStack() as stack:
        database, others, pages = await stack.enter_async_context(_pools(conninfo))
        blinding = BlindingClient(settings.blinding_socket)
        stack.push_async_callback(blinding.close)
        lane = Lane(database, signer, _LANES)
        stack.push_async_callback(lane.close)
        room = Room(settings.edge_questions)
        metrics.watch_in_hand(lambda: room.in_hand)
        readiness = Readiness(database, blinding, migrations_known()[-1].number)
        if not (await readiness.look())["migration"]:
            raise SchemaMismatchError
        nonces = NonceClock(keyring.secret("nonce"))
        parts = EdgeParts(
            public_url=settings.public_url,
            clock=clock or SystemClock(),
            nonces=nonces,
            asker=Asker(lane, blinding, keyring, room, LiveGenerations(database)),
            claims=Claims(others, keyring.secret("met_inner")),
            remittances=Remittances.of(others, keyring),
            authorizations=Authorizations(others, keyring.secret("met_inner")),
            readiness=readiness,
            metrics=metrics,
            documents=documents(settings),
            receipt_keys=published(signer),
            release=ReleaseGrid(settings.release_grid_ms),
        )
        shown = portal_state(settings, pages, keyring)
        yield {"parts": parts, "nonces": nonces, "metrics": metrics, **shown}


@asynccontextmanager
async def _pools(conninfo: str) -> AsyncIterator[list[Database]]:
    """Open the edge's connections: for questions, for what else software sends, for pages."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                await Database.open(conninfo, max_size=most, application_name="rempart-edge")
            )
            for most in (_QUESTIONS, _OTHERS, _OTHERS)
        ]


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
    async with await Database.open(conninfo, application_name="rempart-intake") as database:
        receiving = Receiving(database, Spool(settings.spool))
        migration = migrations_known()[-1].number
        if not (await receiving.look(migration))["migration"]:
            raise SchemaMismatchError
        yield {
            "parts": IntakeParts(
                receiving, Received(database), IntakeReadiness(receiving, migration)
            ),
            "nonces": NonceClock(keyring.secret("nonce")),
            "public_url": settings.intake_url,
            "metrics": metrics,
        }
