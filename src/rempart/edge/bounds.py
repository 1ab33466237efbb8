"""How much a request may take of a process: its body's size and time, its answer's time."""

from dataclasses import dataclass

from rempart.edge.body import BODY_LIMIT, BODY_SECONDS
from rempart.edge.deadline import REQUEST_SECONDS


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes of a body, seconds in which it must be there, seconds for all of the request."""

    body: int = BODY_LIMIT
    body_seconds: float = BODY_SECONDS
    seconds: float = REQUEST_SECONDS
