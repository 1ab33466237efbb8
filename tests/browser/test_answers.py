"""Answers as people see them: a word, a picture, what to do next; on paper; under an exception."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from rempart.guard import Scope, close_gate, open_gate
from tests.browser.cards import Cards
from tests.browser.hands import answered, is_nowhere, scan, type_card
from tests.browser.place import LABEL, Person, Place
from tests.browser.test_pages import look


def shows(alice: Person, outcome: str, word: str, screens: Path) -> None:
    """Check one answer as people see it: icon, word, size, and what to do; then the next one."""
    page = alice.page
    answered(alice, outcome)
    expect(page.locator(".word:visible")).to_have_text(word)
    expect(page.locator(".word:visible svg")).to_have_count(1)
    expect(page.locator(".why:visible")).not_to_be_empty()
    size = page.locator(".word:visible").evaluate(
        "(word) => parseFloat(getComputedStyle(word).fontSize)"
    )
    assert 40 <= size <= 60
    look(alice, f"answer-{outcome}", screens)
    page.keyboard.press("Escape")


def test_every_outcome_says_what_to_do(
    place: Place, cards: Cards, chromium: Browser, screens: Path
) -> None:
    """All that a pharmacist may meet; budgets and gates are arranged, and then asked against."""
    with place.signed_in(chromium, viewport={"width": 1280, "height": 800}) as alice:
        gate = (Scope.PROFESSIONAL, alice.rpps)
        others = iter(cards.adults(12)[4:])
        type_card(alice, cards.samples["typed"].person)
        shows(alice, "covered", "Droits ouverts", screens)
        type_card(alice, cards.samples["wrong_birth_date"].person)
        shows(alice, "no_right_found", "Aucun droit trouvé", screens)
        type_card(alice, cards.samples["insurer_elsewhere"].person)
        shows(alice, "insurer_not_served", "Organisme absent d’ici", screens)
        place.empty(alice, "typed")
        type_card(alice, next(others))
        shows(alice, "better_evidence_needed", "Meilleure preuve attendue", screens)
        place.empty(alice, "fresh")
        scan(alice, cards.payload(next(others)))
        shows(alice, "exception_possible", "Exception possible", screens)
        place.as_desk(lambda desk: close_gate(desk, *gate, reason="Essai", author="Officier"))
        type_card(alice, next(others))
        shows(alice, "closed", "Service fermé", screens)
        place.as_desk(lambda desk: open_gate(desk, *gate, reason="Essai", author="Officier"))
        place.empty(alice, "all")
        type_card(alice, next(others))
        shows(alice, "too_many_questions", "Trop de questions", screens)
        assert alice.faults == []


def test_an_optician_in_the_dark_on_a_telephone(
    place: Place, cards: Cards, chromium: Browser, screens: Path
) -> None:
    how: dict[str, Any] = {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "dark",
        "locale": "en-GB",
    }
    with place.signed_in(chromium, "opticien", **how) as alice:
        look(alice, "ask-narrow-dark", screens)
        type_card(alice, cards.samples["glasses"].person)
        answered(alice, "covered_on_request")
        expect(alice.page.locator(".word:visible")).to_have_text("Covered on request")
        expect(alice.page.locator("#copy")).to_be_hidden()
        look(alice, "answer-covered_on_request-narrow-dark", screens)
        assert alice.faults == []


def test_an_answer_is_copied_and_printed_without_anybody(
    place: Place, cards: Cards, chromium: Browser, screens: Path
) -> None:
    card = cards.adults(1)[0]
    with place.signed_in(chromium, permissions=["clipboard-read", "clipboard-write"]) as alice:
        page = alice.page
        type_card(alice, card)
        answered(alice, "covered")
        number = page.locator("#engagement").inner_text()
        page.keyboard.press("Control+c")
        expect(page.locator("#copied")).to_have_text("Numéro copié.")
        assert page.evaluate("navigator.clipboard.readText()") == number
        page.evaluate("navigator.clipboard.writeText('')")
        page.click("#copy")
        assert page.evaluate("navigator.clipboard.readText()") == number
        page.evaluate("window.print = () => { window.printed = true; }")
        page.click("#print")
        assert page.evaluate("window.printed") is True
        page.emulate_media(media="print")
        page.screenshot(path=screens / "slip.png", full_page=True)
        slip = page.locator("body").inner_text()
        assert number in slip
        assert LABEL in slip
        assert re.search("[0-9a-f]{32}", slip)
        assert "Droits ouverts" in slip
        for nobody in ("Alice Martin", "Interroger", "Question suivante", card.member_number):
            assert nobody not in slip
        is_nowhere(page, card)
        assert alice.faults == []


def test_what_cannot_be_scanned_is_asked_under_an_exception(
    place: Place, cards: Cards, chromium: Browser, screens: Path
) -> None:
    card, other = cards.adults(12)[10:]
    with place.signed_in(chromium, viewport={"width": 1280, "height": 800}) as alice:
        page, keys = alice.page, alice.page.keyboard
        place.empty(alice, "typed")
        type_card(alice, card)
        answered(alice, "better_evidence_needed")
        # Changing one's mind asks nothing.
        page.click("#open-exception")
        look(alice, "exception", screens)
        keys.press("Escape")
        expect(page.locator("#why-exception")).to_be_hidden()
        answered(alice, "better_evidence_needed")
        # By keyboard: the second of four reasons, and the passkey.
        page.focus("#open-exception")
        keys.press("Enter")
        expect(page.locator("#why-exception input")).to_have_count(4)
        keys.press("ArrowDown")
        with page.expect_request("**/rights-questions") as asked:
            keys.press("Enter")
        answered(alice, "covered")
        sent = asked.value.post_data_json or {}
        assert sent["exception"]["reason"] == "card_unreadable"
        is_nowhere(page, card)
        # It was for that one answer.
        keys.press("Escape")
        type_card(alice, other)
        answered(alice, "better_evidence_needed")
        # The site's administrator is told when, who and why; on a telephone too.
        page.goto(f"{place.portal}/people")
        expect(page.locator("#exceptions tbody tr")).to_have_count(1)
        expect(page.locator("#exceptions tbody")).to_contain_text("Carte illisible ou abîmée")
        is_nowhere(page, card)
        look(alice, "people-exceptions", screens)
        page.set_viewport_size({"width": 390, "height": 844})
        look(alice, "people-exceptions-narrow", screens)
        assert alice.faults == []
