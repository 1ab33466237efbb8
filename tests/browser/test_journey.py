"""A professional's day: refused, scanned, answered; a session ended from elsewhere; held and back.

The steps before it, invitation, passkey and sign-in, are test_signing_in.py; the second passkey
is there too. A colleague takes over in test_counter.py, recovery is test_people.py, what is
scanned test_scanning.py, the exception in every detail test_answers.py, the theft test_theft.py.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.cards import Cards
from tests.browser.hands import answered, fill_in, is_nowhere, scan, type_card
from tests.browser.officers import REASON, give_back, hold
from tests.browser.place import TELEPHONE, Person, Place


@pytest.fixture(scope="module")
def somebody(place: Place, chromium: Browser) -> Iterator[Person]:
    with place.signed_in(chromium) as found:
        yield found
        assert found.faults == []


@pytest.fixture
def alice(place: Place, somebody: Person) -> Person:
    somebody.page.goto(f"{place.portal}/ask")
    return somebody


def carry_key(here: Person, there: Person) -> None:
    """Carry the one passkey of an authenticator, with its count of touches, to another."""
    told = {"authenticatorId": here.authenticator}
    (passkey,) = here.cdp.send("WebAuthn.getCredentials", told)["credentials"]
    told = {"authenticatorId": there.authenticator}
    there.cdp.send("WebAuthn.clearCredentials", told)
    there.cdp.send("WebAuthn.addCredential", {**told, "credential": passkey})


def asked_by(place: Place, rpps: str) -> int:
    """How many entries of the journal are somebody's questions."""
    ((count,),) = place.owned(
        "select count(*) from journal.entry e join journal.payload p using (entry_no)"
        " where p.professional = %s",
        rpps,
    )
    return int(count)


def test_refused_then_scanned_then_excepted(place: Place, alice: Person, cards: Cards) -> None:
    card, other = cards.adults(8)[4:6]
    page, keys = alice.page, alice.page.keyboard
    place.empty(alice, "typed")
    try:
        type_card(alice, card)
        answered(alice, "better_evidence_needed")
        scan(alice, cards.payload(card))
        answered(alice, "covered")
        number = page.locator("#engagement").inner_text()
        # The card in hand is known here from now on.
        keys.press("Escape")
        type_card(alice, card)
        answered(alice, "covered")
        expect(page.locator("#engagement")).to_have_text(number)
        # Another person's is not; and it cannot be scanned.
        keys.press("Escape")
        type_card(alice, other)
        answered(alice, "better_evidence_needed")
        page.click("#open-exception")
        keys.press("ArrowDown")
        keys.press("Enter")
        answered(alice, "covered")
    finally:
        place.refill(alice, "typed")


def test_a_session_ended_from_another_browser_asks_nothing(
    place: Place, alice: Person, cards: Cards, chromium: Browser
) -> None:
    card = cards.adults(1)[0]
    page = alice.page
    theirs = page.locator("section[aria-labelledby=sessions] li").filter(
        has_not_text="cette session"
    )
    with place.person(chromium) as elsewhere:
        # One security key, which she carries from one to the other and back.
        carry_key(alice, elsewhere)
        place.sign_in(elsewhere)
        # Locked there, it says so here.
        page.goto(f"{place.portal}/account")
        expect(theirs).to_have_count(1)
        expect(theirs).not_to_contain_text("verrouillée")
        elsewhere.page.click("#lock-now")
        elsewhere.page.wait_for_url(f"{place.portal}/locked")
        page.reload()
        expect(theirs.locator(".mark")).to_have_text("verrouillée")
        elsewhere.page.click("#unlock")
        elsewhere.page.wait_for_url(f"{place.portal}/ask")
        page.reload()
        expect(theirs).not_to_contain_text("verrouillée")
        # Ended from here, with a card typed there.
        fill_in(elsewhere.page, card)
        page.click("[data-close]")
        expect(theirs).to_have_count(0)
        before = asked_by(place, alice.rpps)
        elsewhere.page.keyboard.press("Enter")
        elsewhere.said("Connectez-vous de nouveau.*fermé votre session")
        expect(elsewhere.page.locator("h1")).to_have_text("Session terminée")
        # Nor is there anything in the head that a session could do.
        expect(elsewhere.page.locator("header .who, header button, nav")).to_have_count(0)
        # Nothing of the card stays, and one key leads back.
        expect(elsewhere.page.locator("input")).to_have_count(0)
        is_nowhere(elsewhere.page, card)
        elsewhere.page.keyboard.press("Enter")
        elsewhere.page.wait_for_url(f"{place.portal}/sign-in")
        assert asked_by(place, alice.rpps) == before
        carry_key(elsewhere, alice)
        assert elsewhere.faults == []
    page.goto(f"{place.portal}/ask")
    type_card(alice, card)
    answered(alice, "covered")


def test_held_while_the_page_is_open_and_back(place: Place, alice: Person, cards: Cards) -> None:
    card = cards.adults(1)[0]
    page, part = alice.page, alice.page.locator("#closed")
    hold(place, alice)
    type_card(alice, card)
    answered(alice, "closed")
    # One sentence on what happened, what still works, whom to call, the way back, the paper path.
    expect(part.locator("h2")).to_have_text(
        "Ce compte est mis en sécurité : ses questions n’ont pas de réponse."
    )
    for said in ("déjà données restent valables", TELEPHONE, "un dixième", "sur papier"):
        expect(part).to_contain_text(said)
    # Never why: whoever holds the account may not be its owner.
    expect(part).not_to_contain_text(REASON)
    is_nowhere(page, card)
    page.reload()
    expect(part).to_contain_text("mis en sécurité")
    give_back(place, alice)
    type_card(alice, card)
    answered(alice, "covered")
    expect(part).to_be_hidden()
    page.keyboard.press("Escape")
    expect(part).to_be_hidden()
