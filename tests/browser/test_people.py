"""An administrator's page: somebody leaves and is out at once; somebody comes back by paper."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from rempart.identity import Codes
from tests.browser.colleagues import invite
from tests.browser.place import Place
from tests.browser.test_pages import look


def test_leaving_is_felt_at_once_and_a_letter_brings_back(
    place: Place, chromium: Browser, screens: Path
) -> None:
    _, link, second = place.invited()
    with place.person(chromium) as alice, place.person(chromium) as bob:
        place.enrol(alice, link, second)
        place.sign_in(alice)
        place.enrol(bob, *invite(place, alice, "Bob Durand"))
        place.sign_in(bob)
        # A colleague has no page about people.
        expect(bob.page.locator("nav a[href='/portal/people']")).to_have_count(0)
        bob.page.goto(f"{place.portal}/people")
        bob.page.wait_for_url(f"{place.portal}/ask")

        # His passkey is lost: she approves, the paper says the other half.
        alice.page.goto(f"{place.portal}/people")
        alice.page.get_by_label("Récupérer l’accès de Bob Durand, qui a perdu sa clé").click()
        alice.page.click("#sure .danger")
        expect(alice.page.locator("#recovery-link")).to_have_text(re.compile("/portal/enrol#"))
        look(alice, "people-recovery", screens)
        code = alice.page.locator("#recovery-link").inner_text().split("#")[1]
        known = Codes(code, "ABCD-2345")
        place.as_owner(
            "update identity.invitation set spoken_hash = %s where code_hash = %s",
            known.hashes[1],
            known.hashes[0],
        )
        with place.person(chromium) as again:
            place.enrol(again, place.link(known), known.second, "Nouveau téléphone")
            # The old browser is out; the new one is in.
            bob.page.goto(f"{place.portal}/account")
            bob.page.wait_for_url(f"{place.portal}/sign-in")
            place.sign_in(again)

            # He leaves.
            alice.page.goto(f"{place.portal}/people")
            alice.page.get_by_label("Fermer l’accès de Bob Durand").click()
            # Asked first; whoever goes back has changed nothing.
            alice.page.keyboard.press("Escape")
            expect(alice.page.get_by_role("heading", name="Bob Durand")).to_have_count(1)
            alice.page.get_by_label("Fermer l’accès de Bob Durand").click()
            alice.page.click("#sure .danger")
            expect(alice.page.get_by_role("heading", name="Bob Durand")).to_have_count(0)
            again.page.goto(f"{place.portal}/account")
            again.page.wait_for_url(f"{place.portal}/sign-in")
            again.page.click("#sign-in")
            again.said("Clé d’accès refusée")
        assert alice.faults == []
