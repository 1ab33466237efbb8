"""The journey of a professional: an invitation, a passkey, a session, its end."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.place import LABEL, Place, add_authenticator


def test_from_an_invitation_to_a_session_and_out(place: Place, chromium: Browser) -> None:
    _, link, second = place.invited()
    with place.person(chromium) as alice:
        page = alice.page
        page.goto(link)
        # The code is out of the address bar before anything is typed.
        assert page.url == f"{place.portal}/enrol"
        place.enrol(alice, link, second)
        page.click("#next a")
        page.wait_for_url(f"{place.portal}/sign-in")
        page.click("#sign-in")
        # Whoever signs in comes to ask.
        page.wait_for_url(f"{place.portal}/ask")
        page.click("nav a[href='/portal/account']")
        expect(page.locator("header .who")).to_have_text(re.compile("Alice Martin"))
        expect(page.locator("header .who")).to_have_text(re.compile(LABEL))
        expect(page.locator("main")).to_have_text(re.compile("Comptoir"))
        expect(page.locator("main")).to_have_text(re.compile("Chrome \\d+, Linux"))
        (cookie,) = alice.context.cookies()
        assert cookie["name"] == "__Host-rempart"
        assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (
            True, True, "Strict", "/",
        )  # fmt: skip
        page.click("#sign-out")
        page.wait_for_url(f"{place.portal}/signed-out")
        assert alice.context.cookies() == []
        page.goto(f"{place.portal}/account")
        page.wait_for_url(f"{place.portal}/sign-in")
        assert alice.faults == []


def test_a_wrong_second_code_is_said(place: Place, chromium: Browser) -> None:
    _, link, _ = place.invited()
    with place.person(chromium) as alice:
        alice.page.goto(link)
        alice.page.fill("#second", "0000-0000")
        alice.page.fill("#label", "Comptoir")
        alice.page.click("#enrol button")
        alice.said("Invitation refusée")
        assert alice.faults == []


def test_who_is_not_verified_does_not_come_in(place: Place, chromium: Browser) -> None:
    _, link, second = place.invited()
    with place.person(chromium) as alice:
        place.enrol(alice, link, second)
        told = {"authenticatorId": alice.authenticator, "isUserVerified": False}
        alice.cdp.send("WebAuthn.setUserVerified", told)
        alice.page.goto(f"{place.portal}/sign-in")
        alice.page.click("#sign-in")
        alice.said("annulée ou a expiré")
        assert alice.context.cookies() == []
        alice.cdp.send("WebAuthn.setUserVerified", told | {"isUserVerified": True})
        alice.page.click("#sign-in")
        alice.page.wait_for_url(f"{place.portal}/ask")


def test_a_second_passkey_is_added_and_the_first_revoked(place: Place, chromium: Browser) -> None:
    _, link, second = place.invited()
    with place.person(chromium) as alice:
        place.enrol(alice, link, second)
        place.sign_in(alice)
        alice.page.goto(f"{place.portal}/account")
        expect(alice.page.locator("main .notice")).to_be_visible()
        add_authenticator(alice.cdp, "usb")
        alice.page.fill("#label", "Clé du coffre")
        alice.page.click("#add button")
        expect(alice.page.get_by_role("heading", name="Clé du coffre")).to_be_visible()
        alice.page.get_by_label("Révoquer la clé d’accès Clé du coffre").click()
        expect(alice.page.get_by_role("heading", name="Clé du coffre")).to_have_count(0)
        assert alice.faults == []


def test_no_button_is_shown_before_it_works(place: Place, chromium: Browser) -> None:
    """On a slow line a button without its script would take a click and do nothing."""
    _, link, second = place.invited()
    with place.person(chromium) as alice:
        place.enrol(alice, link, second)
        place.sign_in(alice)
        add_authenticator(alice.cdp, "usb")
        slow = {"offline": False, "latency": 1000, "downloadThroughput": -1, "uploadThroughput": -1}
        alice.cdp.send("Network.enable")
        alice.cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
        alice.cdp.send("Network.emulateNetworkConditions", slow)
        alice.page.goto(f"{place.portal}/account", wait_until="commit")
        alice.page.fill("#label", "Clé du coffre")
        alice.page.click("#add button")
        added = alice.page.get_by_role("heading", name="Clé du coffre")
        expect(added).to_be_visible(timeout=30_000)
        assert alice.faults == []


def test_the_key_cannot_be_taken_out(place: Place, chromium: Browser) -> None:
    """Even our own page's scripts cannot read the browser's private key."""
    _, link, second = place.invited()
    with place.person(chromium) as alice:
        place.enrol(alice, link, second)
        place.sign_in(alice)
        tried = alice.page.evaluate(
            """async () => {
              const open = indexedDB.open('rempart', 1);
              await new Promise((ok) => { open.onsuccess = ok; });
              const asking = open.result.transaction('keys').objectStore('keys').getAll();
              await new Promise((ok) => { asking.onsuccess = ok; });
              const { signer } = asking.result.find((kept) => kept.signer);
              const tried = [];
              for (const form of ['jwk', 'pkcs8', 'raw']) {
                try { await crypto.subtle.exportKey(form, signer); tried.push('out'); }
                catch (error) { tried.push(error.name); }
              }
              return [signer.extractable, ...tried];
            }"""
        )
        assert tried[0] is False
        assert "out" not in tried
