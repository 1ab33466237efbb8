"""Who has gone is noticed while his answer is made; nobody else's cancelling is taken for that."""

import asyncio

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

from rempart.api.problems import refuse
from rempart.edge import hangup
from rempart.edge.body import BodyLimit
from rempart.edge.deadline import Deadline
from tests.http.platform import EDGE, client

pytestmark = pytest.mark.anyio

ENDED: list[str] = []


async def slow(request: Request) -> Response:
    try:
        await asyncio.sleep(float((await request.body()).decode()))
    except asyncio.CancelledError:
        ENDED.append("cancelled")
        raise
    ENDED.append("answered")
    return PlainTextResponse("here")


def app(seconds: float = 10) -> Starlette:
    return Starlette(
        routes=[Route("/slow", slow, methods=["POST"])],
        middleware=[
            Middleware(Deadline, refuse=refuse, seconds=seconds),
            Middleware(BodyLimit, refuse=refuse),
        ],
    )


@pytest.fixture(autouse=True)
def looks_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hangup, "LOOK_AFTER_S", 0.01)
    ENDED.clear()


async def drive(messages: list[Message], seconds: float = 10) -> list[Message]:
    """Give the application these messages, one each time that it asks, and then silence."""
    sent: list[Message] = []
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(3600)
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/slow", "headers": [], "query_string": b""}
    async with asyncio.timeout(20):
        await app(seconds)(scope, receive, send)
    return sent


def question(seconds: str) -> Message:
    return {"type": "http.request", "body": seconds.encode(), "more_body": False}


LEFT: Message = {"type": "http.disconnect"}


async def test_the_work_for_one_who_left_is_ended() -> None:
    sent = await drive([question("3600"), LEFT])
    assert ENDED == ["cancelled"]
    assert sent[0]["status"] == 400


async def test_who_stays_is_answered_however_long_it_takes() -> None:
    sent = await drive([question("0.1")])
    assert ENDED == ["answered"]
    assert sent[0]["status"] == 200


async def test_who_leaves_within_his_body_is_not_worked_for() -> None:
    sent = await drive([{"type": "http.request", "body": b"1", "more_body": True}, LEFT])
    assert (ENDED, sent[0]["status"]) == ([], 400)


async def test_the_deadline_is_not_taken_for_a_client_that_left() -> None:
    sent = await drive([question("3600")], seconds=0.1)
    assert ENDED == ["cancelled"]
    assert sent[0]["status"] == 503


async def test_no_look_out_is_left_when_the_answer_is_there() -> None:
    before = asyncio.all_tasks()
    async with client(app(), EDGE) as asking:
        response: httpx.Response = await asking.post("/slow", content="0.1")
    assert response.text == "here"
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_it_is_told_as_every_problem_is() -> None:
    sent = await drive([question("3600"), LEFT])
    told = msgspec.json.decode(sent[1]["body"])
    assert (told["code"], told["status"], told["field"]) == ("hung_up", 400, None)
