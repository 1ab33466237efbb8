"""Middleware, one layer at a time: what passes, what is refused, what is never said."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from rempart.api.problems import refuse
from rempart.edge.body import BodyLimit
from rempart.edge.deadline import Deadline
from rempart.edge.faults import BrokenAnswerError, Faults
from rempart.edge.headers import SecurityHeaders
from rempart.edge.host import HostCheck
from rempart.edge.observe import Metrics, Observe
from rempart.edge.request_id import RequestId
from rempart.foundation.errors import UnavailableError
from tests.http.platform import client
from tests.http.shape import assert_problem

pytestmark = pytest.mark.anyio

CANARY = "CANARY-1850519004001"


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def bug(_request: Request) -> Response:
    raise ValueError(CANARY)


async def missing_part(_request: Request) -> Response:
    raise UnavailableError("a part")


async def slow(_request: Request) -> Response:
    await asyncio.sleep(5)
    return PlainTextResponse("late")


async def breaks_off(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[str]:
        yield "begun"
        raise ValueError(CANARY)

    return StreamingResponse(pieces())


def stack(*middleware: Middleware) -> Starlette:
    handlers = (echo, bug, missing_part, slow, breaks_off)
    return Starlette(
        routes=[Route(f"/{one.__name__}", one, methods=["GET", "POST"]) for one in handlers],
        middleware=[
            Middleware(RequestId),
            Middleware(SecurityHeaders, public_url=URL),
            *middleware,
        ],
    )


URL = "https://rempart.example.org"
HOST = Middleware(HostCheck, public_url=URL, probes=["/slow"], refuse=refuse)


Headers = dict[str, str] | list[tuple[str, str]] | list[tuple[str, bytes]]


async def get(
    app: Starlette, path: str, url: str = URL, headers: Headers | None = None
) -> httpx.Response:
    async with client(app, url) as asking:
        return await asking.get(path, headers=headers)  # type: ignore[arg-type]  # bytes pass too


@pytest.mark.parametrize(
    "host",
    [
        "rempart.example.org",
        "REMPART.example.org",
        "rempart.example.org:443",
    ],
)
async def test_the_public_host_is_answered(host: str) -> None:
    assert (await get(stack(HOST), "/echo", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "10.0.0.1",
        "rempart.example.org:80",
        "rempart.example.org.evil.example",
        "rempart.example.org:443:443",
        "evil@rempart.example.org",
        "rempart.example.org/../x",
        "rempart.example.org\t",
        "rempart.example.org:a",
        "[::1",
        "rempart.example.org\u00e9",
    ],
)
async def test_another_host_is_refused(host: str) -> None:
    response = await get(stack(HOST), "/echo", headers=[("Host", host.encode())])
    assert_problem(response, "wrong_host", never=("evil",))


async def test_two_hosts_are_refused() -> None:
    hosts = [("Host", "rempart.example.org"), ("Host", "rempart.example.org")]
    assert_problem(await get(stack(HOST), "/echo", headers=hosts), "wrong_host")


async def test_a_probe_is_answered_by_address_but_not_by_another_name() -> None:
    app = stack(HOST, Middleware(Deadline, refuse=refuse, seconds=0.01))
    for host in ("10.1.2.3:8765", "[::1]:8765", "localhost"):
        assert (await get(app, "/slow", headers={"Host": host})).status_code == 503
    assert_problem(await get(app, "/slow", headers={"Host": "evil.example"}), "wrong_host")


async def test_the_headers_are_on_every_answer() -> None:
    for path in ("/echo", "/bug", "/none"):
        headers = (await get(stack(Middleware(Faults, refuse=refuse)), path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert len(headers["x-request-id"]) == 16


async def test_no_hsts_without_https() -> None:
    app = Starlette(
        routes=[Route("/echo", echo)],
        middleware=[Middleware(SecurityHeaders, public_url="http://localhost:8765")],
    )
    assert "strict-transport-security" not in (await get(app, "/echo", "http://localhost")).headers


async def test_the_clients_request_id_is_not_taken() -> None:
    response = await get(stack(), "/echo", headers={"X-Request-Id": CANARY})
    assert response.headers["x-request-id"] != CANARY


async def test_a_bug_is_told_by_its_id_and_logged_without_its_message() -> None:
    with capture_logs() as logs:
        response = await get(stack(Middleware(Faults, refuse=refuse)), "/bug")
    assert_problem(response, "fault", never=(CANARY, "ValueError"))
    (line,) = logs
    assert line["request_id"] == response.json()["request_id"]
    assert line["event"] == "fault"


async def test_a_missing_part_is_503() -> None:
    with capture_logs():
        response = await get(stack(Middleware(Faults, refuse=refuse)), "/missing_part")
    assert_problem(response, "unavailable")


async def test_an_answer_that_breaks_off_does_not_carry_the_message_to_the_server() -> None:
    app = stack(Middleware(Faults, refuse=refuse))
    transport = httpx.ASGITransport(app)
    with capture_logs(), pytest.raises(BrokenAnswerError) as raised:
        async with httpx.AsyncClient(transport=transport, base_url=URL) as asking:
            await asking.get("/breaks_off")
    assert CANARY not in str(raised.value)
    assert raised.value.__suppress_context__


async def test_past_the_deadline_nothing_is_answered() -> None:
    app = stack(Middleware(Deadline, refuse=refuse, seconds=0.05))
    assert_problem(await get(app, "/slow"), "unavailable")


async def test_a_body_that_does_not_come_is_refused() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(1)
        yield b"b"

    async with client(stack(Middleware(BodyLimit, refuse=refuse, seconds=0.05)), URL) as asking:
        response = await asking.post("/echo", content=pieces())
    assert_problem(response, "body_too_slow")


@pytest.mark.parametrize("size, status", [(0, 200), (10, 200), (11, 413), (100_000, 413)])
async def test_bytes_are_counted_as_they_come(size: int, status: int) -> None:
    taken = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(size):
            taken += 1
            yield b"a"

    async with client(stack(Middleware(BodyLimit, refuse=refuse, limit=10)), URL) as asking:
        response = await asking.post("/echo", content=pieces())
    assert response.status_code == status
    assert response.content == b"a" * size or status == 413
    assert taken <= 11  # no more is read than it takes to know


async def test_logs_and_counts_name_routes_never_paths() -> None:
    metrics = Metrics("echo")
    observe = Middleware(Observe, metrics=metrics, route_name=lambda _scope: "none")
    with capture_logs() as logs:
        await get(stack(observe), f"/{CANARY}?nir={CANARY}")
    assert CANARY not in repr(logs)
    assert CANARY.encode() not in metrics.render()
    assert logs[0]["route"] == "none"
