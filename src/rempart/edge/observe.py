"""Access log and metrics: by route and class of status, so that no count tells an outcome."""

import time
from collections.abc import Callable
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rempart.edge.request_id import request_id

RouteName = Callable[[Scope], str]
"""The name of the route that a request matched: paths themselves are never logged."""

_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The counters of one worker process."""

    def __init__(self, questions_route: str) -> None:
        """Take the name of the route whose answers and refusals are totalled."""
        self._questions_route = questions_route
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "rempart_requests",
            "Requests by route and class of status.",
            ("route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "rempart_request_seconds",
            "Time to answer, by route.",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._questions = Counter(
            "rempart_questions",
            "Questions answered (whatever the outcome) and refused.",
            ("result",),
            registry=self._registry,
        )
        # Looked up once: as many as there are routes and classes of status.
        self._found: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def count(self, route: str, status: int, seconds: float) -> None:
        """Note one request."""
        key = (route, status // 100)
        found = self._found.get(key)
        if found is None:
            requests = self._requests.labels(route, f"{status // 100}xx")
            found = self._found[key] = (requests, self._seconds.labels(route))
        found[0].inc()
        found[1].observe(seconds)
        if route == self._questions_route:
            self._questions.labels("answered" if status == 200 else "refused").inc()

    def watch_in_hand(self, count: Callable[[], int]) -> None:
        """Show, each time somebody looks, how many questions are in hand."""
        gauge = Gauge(
            "rempart_questions_in_hand",
            "Questions that this process has in hand; at REMPART_EDGE_QUESTIONS it refuses.",
            registry=self._registry,
        )
        gauge.set_function(count)

    def render(self) -> bytes:
        """Return the text exposition format."""
        return generate_latest(self._registry)


class Observe:
    """Times each request, counts it and logs one line: no path, address or body."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, route_name: RouteName) -> None:
        """Take where to count and how a request's route is named."""
        self._app = app
        self._metrics = metrics
        self._route_name = route_name
        self._log = structlog.get_logger("rempart.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 0

        async def send_noticed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noticed)
        finally:
            seconds = time.perf_counter() - begun
            route = self._route_name(scope)
            self._metrics.count(route, status, seconds)
            self._log.info(
                "request",
                request_id=request_id(scope),
                method=scope["method"] if scope["method"] in _METHODS else "other",
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 1),
            )
