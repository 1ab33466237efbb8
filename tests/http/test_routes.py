"""The URL table: all of it is served, all of it is guarded, and nothing else answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.routing import Route as StarletteRoute

from rempart import routes
from rempart.api.problems import TABLE as PROBLEMS
from rempart.app import application
from rempart.edge.observe import Metrics
from rempart.foundation.texts import Language, texts
from rempart.route import Process
from tests.http.platform import EDGE, client
from tests.http.shape import assert_problem


@asynccontextmanager
async def nothing(_metrics: Metrics) -> AsyncIterator[dict[str, object]]:
    yield {}


def bare(process: Process) -> Starlette:
    return application(process, EDGE, nothing)


@pytest.mark.parametrize("process", ["edge", "signin", "intake"])
def test_what_is_served_is_the_table(process: Process) -> None:
    served = {
        (one.path, *sorted((one.methods or set()) - {"HEAD"}))
        for one in bare(process).routes
        if isinstance(one, StarletteRoute)
    }
    assert served == {(one.path, one.method) for one in routes.of(process)}


def test_every_route_has_a_guard_with_a_text() -> None:
    for row in routes.TABLE:
        for language in Language:
            assert texts(language)(f"who.{row.guarded.who}")


def test_a_route_without_a_guard_stops_the_program() -> None:
    async def handler(_request: object) -> None: ...

    row = replace(routes.TABLE[0], guarded=handler)  # type: ignore[arg-type]  # the fault to catch
    with pytest.raises(routes.RouteWithoutGuardError):
        list(routes.starlette_routes((row,)))
    assert isinstance(next(routes.starlette_routes(routes.of("edge"))), StarletteRoute)


def test_asking_is_for_installations_alone_and_metrics_for_this_machine() -> None:
    who = {(row.process, row.path): row.guarded.who for row in routes.TABLE}
    assert who["edge", "/v1/rights-questions"] == "installation"
    assert {who[one, "/metrics"] for one in ("edge", "signin", "intake")} == {"this_machine"}
    pages = {(row.process, row.path) for row in routes.TABLE if row.for_portal}
    open_to_all = {path for (name, path), guard in who.items() if guard == "anyone"} - {
        path for _, path in pages
    }
    assert open_to_all == {
        "/healthz", "/readyz", "/v1/docs", "/v1/docs/style.css", "/v1/openapi.json",
        "/v1/receipt-keys",
    }  # fmt: skip


def test_what_the_portal_shows_to_anybody_is_known() -> None:
    shown = {row.path for row in routes.TABLE if row.for_portal and row.guarded.who == "anyone"}
    assert {path for path in shown if not path.startswith("/portal/static/")} == {
        "/portal/sign-in", "/portal/signed-out", "/portal/enrol", "/status",
        # On a marked database alone: tests/portal/test_demonstration.py.
        "/demo",
    }  # fmt: skip
    fetched = [row for row in routes.TABLE if row.for_portal and row.method == "POST"]
    assert {row.guarded.who for row in fetched} == {"portal", "browser", "session"}
    assert {row.guarded.who for row in fetched if row.process == "edge"} == {"session"}


def test_every_problem_that_a_route_names_is_in_the_table() -> None:
    assert [code for row in routes.TABLE for code in row.problems if code not in PROBLEMS] == []


@pytest.mark.anyio
async def test_an_unknown_path_and_method_are_problems() -> None:
    async with client(bare("edge"), EDGE) as asking:
        assert_problem(await asking.get("/v1/rights-questions/1850519004001"), "not_found")
        assert_problem(await asking.get("/V1/docs"), "not_found")
        refused = await asking.get("/v1/rights-questions")
        assert_problem(refused, "method_not_allowed")
        assert refused.headers["allow"] == "POST"


@pytest.mark.anyio
async def test_a_slash_too_many_is_no_redirection() -> None:
    async with client(bare("edge"), EDGE) as asking:
        assert_problem(await asking.get("/v1/docs/"), "not_found")


@pytest.mark.anyio
async def test_the_edge_mints_nothing_and_signin_answers_nothing() -> None:
    async with client(bare("edge"), EDGE) as asking:
        assert_problem(await asking.post("/v1/token"), "not_found")
    async with client(bare("signin"), EDGE) as asking:
        assert_problem(await asking.post("/v1/rights-questions"), "not_found")
