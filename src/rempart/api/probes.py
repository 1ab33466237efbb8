"""What operators' tools ask: alive, ready, measured. None of it says anything about a person."""

from typing import Final

import msgspec
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from rempart.api.parts import EdgeParts, IntakeParts
from rempart.edge.observe import Metrics

_JSON: Final = "application/json"


class Alive(msgspec.Struct, frozen=True):
    """The program runs."""

    alive: bool


class Ready(msgspec.Struct, frozen=True):
    """Whether every part is well, and each by name: ``ok`` or ``red``."""

    ready: bool
    parts: dict[str, str]


async def healthz(_request: Request) -> Response:
    """Say that the program runs."""
    return Response(msgspec.json.encode(Alive(alive=True)), media_type=_JSON)


async def readyz(request: Request) -> Response:
    """Say whether this process can do its work: 503 names the parts that are red."""
    opened: object = request.state.parts
    if not isinstance(opened, EdgeParts | IntakeParts):
        raise TypeError
    parts = await opened.readiness.look()
    ready = all(parts.values())
    body = Ready(ready, {name: "ok" if well else "red" for name, well in parts.items()})
    return Response(msgspec.json.encode(body), status_code=200 if ready else 503, media_type=_JSON)


async def metrics(request: Request) -> Response:
    """Give this worker's counters in the Prometheus text format."""
    counters: object = request.state.metrics
    if not isinstance(counters, Metrics):
        raise TypeError
    return Response(counters.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})
