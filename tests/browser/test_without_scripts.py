"""A page whose scripts do not come, or are not run, is still a page: never blank."""

from playwright.sync_api import Browser, Page, expect

from rempart.portal.menu import MENU
from tests.browser.place import Place

PUBLIC = ("/portal/sign-in", "/portal/enrol", "/portal/signed-out", "/status")


def painted(page: Page) -> None:
    """Expect the browser to have shown something: what waits for its scripts is there, unseen."""
    page.wait_for_function(
        "() => performance.getEntriesByName('first-contentful-paint').length > 0", polling=100
    )
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("footer")).to_be_visible()


def test_a_page_is_shown_though_its_scripts_are_missing(place: Place, chromium: Browser) -> None:
    with place.signed_in(chromium, "opticien") as alice:
        for missing, paths in (
            ("**/static/*.js", (*PUBLIC, *(one.path for one in MENU))),
            # What the page's own script begins by importing.
            ("**/static/proof.js", ("/portal/ask", "/portal/payments")),
        ):
            alice.page.unroute_all()
            alice.page.route(missing, lambda route: route.abort())
            for path in paths:
                answer = alice.page.goto(f"{place.platform.settings.public_url}{path}")
                assert answer is not None
                assert answer.ok, path
                assert alice.page.url.endswith(path)
                painted(alice.page)


def test_without_javascript_a_page_says_what_it_needs_and_the_rest_works(
    place: Place, chromium: Browser
) -> None:
    url = place.platform.settings.public_url
    with place.signed_in(chromium) as alice:
        kept = alice.context.storage_state()
    plain = chromium.new_context(java_script_enabled=False, storage_state=kept, locale="fr-FR")
    try:
        page = plain.new_page()
        for path in ("/portal/ask", "/portal/account", "/portal/sign-in"):
            page.goto(f"{url}{path}")
            expect(page.locator("h1")).to_be_visible()
            expect(page.locator("noscript .notice")).to_contain_text("JavaScript")
        # What is open and closed, and what is refused, need none, and do not ask for it.
        page.goto(f"{url}/status")
        expect(page.locator(".verdict")).to_be_visible()
        expect(page.locator("noscript")).to_have_count(0)
        page.goto(f"{url}/portal/nowhere")
        expect(page.locator("noscript")).to_have_count(0)
        page.click("main a.button")
        expect(page.locator("h1")).to_be_visible()
        assert page.url == f"{url}/portal/ask"
    finally:
        plain.close()
