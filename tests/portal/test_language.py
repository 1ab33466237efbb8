"""The language of a page: chosen by a link, kept in two letters, and leading nowhere else."""

import httpx
import pytest

from tests.http.platform import Platform

pytestmark = pytest.mark.anyio

COOKIE = "__Host-rempart-language"


async def look(platform: Platform, query: str = "", **headers: str) -> httpx.Response:
    return await platform.edge.get(f"/portal/sign-in{query}", headers=headers)


async def test_the_browser_decides_until_the_reader_does(platform: Platform) -> None:
    assert "Se connecter" in (await look(platform)).text
    english = await look(platform, **{"Accept-Language": "en-GB,fr;q=0.5"})
    assert '<html lang="en">' in english.text
    chosen = await look(platform, **{"Accept-Language": "en-GB", "Cookie": f"{COOKIE}=fr"})
    assert chosen.headers["content-language"] == "fr"
    assert '<html lang="fr">' in chosen.text
    assert 'href="?lang=en" lang="en"' in chosen.text


async def test_a_choice_is_kept_and_leads_to_the_same_page(platform: Platform) -> None:
    answer = await look(platform, "?a=1&lang=en&b=%2F%2Felsewhere.example")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/portal/sign-in?a=1&b=%2F%2Felsewhere.example"
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == COOKIE
    assert rest == "en; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000"
    assert answer.content == b""


async def test_the_link_keeps_what_the_page_was_asked(platform: Platform) -> None:
    page = await look(platform, "?a=%22%3E%3Cb%3E")
    assert 'href="?a=%22%3E%3Cb%3E&amp;lang=en"' in page.text


@pytest.mark.parametrize("choice", ["de", "EN", "", "en%0d%0aSet-Cookie:x=1", "fr;"])
async def test_a_choice_that_is_none_changes_nothing(platform: Platform, choice: str) -> None:
    answer = await look(platform, f"?lang={choice}", Cookie=f"{COOKIE}={choice}")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert '<html lang="fr">' in answer.text
