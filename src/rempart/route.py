"""What one row of the URL table says: process, method, path, handler, who may."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from rempart.edge.guarded import Guarded
from rempart.identity import ADDRESSES

Process = Literal["edge", "signin", "intake"]


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


def fetched(process: Process, rows: list[tuple[str, str, Guarded]]) -> Iterator[Route]:
    """Make the rows of what the portal's pages fetch: all of them change something, or ask."""
    for path, name, guarded in rows:
        yield Route(process, "POST", _PREFIX[process] + path, name, guarded, for_portal=True)


def pages(rows: list[tuple[str, str, Guarded]]) -> Iterator[Route]:
    """Make the rows of the portal's pages and of what they are made of."""
    for path, name, guarded in rows:
        yield Route("edge", "GET", f"/portal{path}", name, guarded, for_portal=True)
