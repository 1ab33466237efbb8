"""Where no passkey can be made: the page's own key enrols, signs in, asks; it says what it is."""

from playwright.sync_api import Browser, expect

from tests.browser.place import Place


def test_enrol_and_sign_in_by_a_key_of_the_page(place: Place, chromium: Browser) -> None:
    _, link, second = place.invited()
    with place.person(chromium) as alice:
        page = alice.page
        # This browser has no authenticator at all.
        alice.cdp.send(
            "WebAuthn.removeVirtualAuthenticator", {"authenticatorId": alice.authenticator}
        )
        page.goto(link)
        expect(page.locator("#no-passkeys")).to_be_visible()
        page.fill("#second", second)
        page.fill("#label", "Navigateur")
        page.click("#software")
        alice.said("enregistrée")
        page.goto(f"{place.portal}/sign-in")
        page.click("#software-keys button")
        expect(page.locator("#sign-out")).to_be_visible()
        page.goto(f"{place.portal}/account")
        expect(page.locator("section[aria-labelledby=passkeys] .mark")).to_have_text(
            "clé logicielle de démonstration"
        )
        # The proof of presence is by the browser's key, as ever: the session is a whole one.
        assert alice.faults == []
