"""Where no page can be shown: a page for whoever looks, an error for whatever else asks."""

import httpx
import pytest

from rempart.edge.cookie import COOKIE
from tests.http.platform import Platform
from tests.portal.visitor import Visitor

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


async def looked_at(
    platform: Platform, path: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    return await platform.edge.get(path, headers=BROWSER | (headers or {}))


def assert_a_page(shown: httpx.Response, status: int, title: str) -> None:
    assert shown.status_code == status
    assert shown.headers["content-type"].startswith("text/html")
    assert f"<h1>{title}</h1>" in shown.text
    assert "script-src 'self'" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "no-store"
    assert len(shown.headers["x-request-id"]) == 16
    assert 'href="/portal"' in shown.text


@pytest.mark.parametrize("path", ["/portal/nowhere", "/portal/", "/portal/static/nothing.js"])
async def test_no_such_page(platform: Platform, path: str) -> None:
    assert_a_page(await looked_at(platform, path), 404, "Cette page n’existe pas")
    english = await looked_at(platform, path, {"Accept-Language": "en"})
    assert_a_page(english, 404, "There is no such page")


async def test_what_was_sent_is_not_said_back(platform: Platform) -> None:
    shown = await looked_at(platform, "/portal/nowhere?member=CANARY%3Cscript%3E")
    assert shown.status_code == 404
    assert "<script" not in shown.text.replace('<script type="module" src="/portal/', "")
    assert "member" not in shown.text.partition('<a class="tongue"')[0]
    assert "CANARY<" not in shown.text


@pytest.mark.parametrize("accept", ["application/json", "*/*", None])
async def test_software_is_told_the_error(platform: Platform, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    told = await platform.edge.get("/portal/nowhere", headers=headers)
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["code"] == "not_found"


@pytest.mark.parametrize("path", ["/nowhere", "/v1/nowhere", "/portalx"])
async def test_elsewhere_an_error_is_told_to_browsers_too(platform: Platform, path: str) -> None:
    assert (await looked_at(platform, path)).json()["code"] == "not_found"


async def test_what_a_page_fetches_is_told_the_error(alice: Visitor) -> None:
    """A fetch is a POST: nothing of it is exchanged, whatever it accepts."""
    answer = await alice.platform.edge.post(
        "/portal/nowhere", headers=BROWSER | {"Origin": "http://localhost:8765"}
    )
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_fault_is_ours_and_has_a_number(alice: Visitor) -> None:
    headers = {"Cookie": f"{COOKIE}={alice.cookie}"}
    assert (await looked_at(alice.platform, "/portal/account", headers)).status_code == 200
    alice.platform.db.owner.execute(
        "revoke execute on function identity.find_session from rempart_edge"
    )
    shown = await looked_at(alice.platform, "/portal/account", headers)
    assert_a_page(shown, 500, "Cette page n’a pas pu être affichée")
    assert "find_session" not in shown.text
    assert shown.headers["x-request-id"] in shown.text
    assert "carte" in shown.text


@pytest.mark.usefixtures("away")
async def test_the_database_is_away(platform: Platform) -> None:
    shown = await looked_at(platform, "/portal/account", {"Cookie": f"{COOKIE}={'A' * 43}"})
    assert_a_page(shown, 503, "Le service ne répond pas en ce moment")
    assert "/status" in shown.text
