"""Every page: its policy, its headers, a keyboard alone. What it looks like is test_gallery.py."""

import re
from pathlib import Path

import httpx
from playwright.sync_api import Browser

from tests.browser.looking import too_wide, violations
from tests.browser.place import Person, Place


def look(person: Person, name: str, screens: Path) -> None:
    """Take a picture of a page, check it, and check that nothing sticks out sideways."""
    page = person.page
    page.screenshot(path=screens / f"{name}.png", full_page=True)
    assert violations(page) == [], name
    assert too_wide(page) == 0, name


def test_a_keyboard_is_enough(place: Place, chromium: Browser) -> None:
    """From the invitation to the end of the session without a pointer."""
    _, link, second = place.invited()
    with place.person(chromium) as alice:
        page, keys = alice.page, alice.page.keyboard

        def walk_to(selector: str) -> None:
            for _ in range(30):
                keys.press("Tab")
                if page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector):
                    return
            raise AssertionError(f"{selector} cannot be reached by keyboard")

        page.goto(link)
        walk_to("#second")
        keys.type(second)
        walk_to("#label")
        keys.type("Comptoir")
        keys.press("Enter")
        alice.said("enregistrée")
        walk_to("#next a")
        keys.press("Enter")
        page.wait_for_url(f"{place.portal}/sign-in")
        walk_to("#sign-in")
        keys.press("Enter")
        page.wait_for_url(f"{place.portal}/ask")
        walk_to("nav a[href='/portal/people']")
        keys.press("Enter")
        page.wait_for_url(f"{place.portal}/people")
        walk_to("#sign-out")
        keys.press("Enter")
        page.wait_for_url(f"{place.portal}/signed-out")


def test_the_headers_of_a_page(place: Place) -> None:
    page = httpx.get(f"{place.portal}/sign-in", trust_env=False)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert f"connect-src 'self' {place.platform.settings.signin_url};" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "http" not in re.sub(place.platform.settings.signin_url, "", page.text)


def test_a_page_of_a_session_leads_strangers_to_the_sign_in(place: Place) -> None:
    for path in ("", "/ask", "/account", "/people"):
        for cookie in ({}, {"Cookie": f"__Host-rempart={'A' * 43}"}):
            answer = httpx.get(f"{place.portal}{path}", headers=cookie, trust_env=False)
            assert answer.status_code == 303
            assert answer.headers["location"] == "/portal/sign-in"
            assert answer.content == b""
