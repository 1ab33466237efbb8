"""What a worker opened at its start and its handlers use: nothing here is made by a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope

from rempart.api.readiness import Readiness
from rempart.api.release import ReleaseGrid
from rempart.billing import Authorizations, Claims, Received, Remittances
from rempart.edge.observe import Metrics
from rempart.foundation.clock import Clock
from rempart.foundation.texts import Language
from rempart.identity import NonceClock
from rempart.intake import Receiving
from rempart.rights import Asker


class Looked(Protocol):
    """Looks at every part that a process needs: by name, whether it is well."""

    async def look(self) -> Mapping[str, bool]: ...


@dataclass(frozen=True, slots=True)
class Documents:
    """The description of the interface in one language, made once: JSON for machines, a page."""

    openapi: bytes
    reader: bytes


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What the edge's handlers use."""

    public_url: str
    clock: Clock
    nonces: NonceClock
    asker: Asker
    claims: Claims
    remittances: Remittances
    authorizations: Authorizations
    readiness: Readiness
    metrics: Metrics
    documents: Mapping[Language, Documents]
    receipt_keys: bytes
    release: ReleaseGrid


@dataclass(frozen=True, slots=True)
class IntakeParts:
    """What the intake's handlers use."""

    receiving: Receiving
    received: Received
    readiness: Looked


def edge_parts(request: Request) -> EdgeParts:
    """Return the parts; a `TypeError` here means that the lifespan did not run."""
    found: object = request.state.parts
    if not isinstance(found, EdgeParts):
        raise TypeError
    return found


def current_nonce(scope: Scope) -> tuple[str, str] | None:
    """Return the header that carries a fresh proof nonce, on the routes where proofs are shown."""
    nonces: object = scope.get("state", {}).get("nonces")
    if isinstance(nonces, NonceClock) and scope["path"].startswith("/v1/"):
        return "DPoP-Nonce", nonces.current()
    return None
