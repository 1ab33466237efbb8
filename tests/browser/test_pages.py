"""Every page: nothing for axe to find or the policy to refuse; narrow, dark, by keyboard alone."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import too_wide, violations
from tests.browser.place import Person, Place


def look(person: Person, name: str, screens: Path) -> None:
    """Take a picture of a page, check it, and check that nothing sticks out sideways."""
    page = person.page
    page.screenshot(path=screens / f"{name}.png", full_page=True)
    assert violations(page) == [], name
    assert too_wide(page) == 0, name


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"viewport": {"width": 1280, "height": 800}}, id="wide"),
        pytest.param(
            {
                "viewport": {"width": 390, "height": 844},
                "color_scheme": "dark",
                "locale": "en-GB",
            },
            id="narrow-dark-english",
        ),
    ],
)
def test_every_page_can_be_read_by_everybody(
    place: Place,
    chromium: Browser,
    screens: Path,
    how: dict[str, Any],
    request: pytest.FixtureRequest,
) -> None:
    _, link, second = place.invited()
    kind = request.node.callspec.id
    with place.person(chromium, **how) as alice:
        page = alice.page
        page.goto(link)
        look(alice, f"enrol-{kind}", screens)
        place.enrol(alice, link, second)
        look(alice, f"enrolled-{kind}", screens)
        page.goto(f"{place.portal}/sign-in")
        look(alice, f"sign-in-{kind}", screens)
        place.sign_in(alice)
        look(alice, f"ask-{kind}", screens)
        page.goto(f"{place.portal}/account")
        look(alice, f"account-{kind}", screens)
        page.goto(f"{place.portal}/people")
        page.fill("#name", "Bob Durand")
        page.fill("#professional", place.professional())
        page.click("#invite button")
        expect(page.locator("#second")).to_have_text(re.compile("[0-9A-Z]{4}-[0-9A-Z]{4}"))
        look(alice, f"people-{kind}", screens)
        page.click("#sign-out")
        page.wait_for_url(f"{place.portal}/signed-out")
        look(alice, f"signed-out-{kind}", screens)
        assert alice.faults == []


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
