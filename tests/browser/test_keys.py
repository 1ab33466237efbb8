"""Keys pressed twice, held down, or too early on the page that asks: one card is one question."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.cards import Cards
from tests.browser.hands import HOLD_THE_TOUCH, answered, fill_in, scan, type_card
from tests.browser.place import Person, Place

DOUBLE_PRESS = 450  # milliseconds in which a key is taken for one pressed twice


@dataclass
class Asker:
    """Somebody at the page that asks, and the questions that left it since the test began."""

    person: Person
    asked: list[dict[str, str]] = field(default_factory=list)
    held: list[Route] = field(default_factory=list)
    """Questions that wait: `hold` keeps them until `release`."""

    def hold(self) -> None:
        def keep(route: Route) -> None:
            self.held.append(route)

        self.person.page.route("**/rights-questions", keep)

    def release(self) -> None:
        while self.held:
            self.held.pop().continue_()
        self.person.page.unroute("**/rights-questions")

    def hold_down(self, key: str, times: int = 4) -> None:
        """Hold a key: it goes down again and again, as a keyboard repeats it."""
        for _ in range(times):
            self.person.page.keyboard.down(key)
        self.person.page.keyboard.up(key)


@pytest.fixture(scope="module")
def somebody(place: Place, cards: Cards, chromium: Browser) -> Iterator[Asker]:
    assert cards.samples
    with place.signed_in(chromium) as alice:
        asker = Asker(alice)
        alice.page.on(
            "request",
            lambda request: (
                asker.asked.append(request.post_data_json or {})
                if request.url.endswith("/rights-questions")
                else None
            ),
        )
        yield asker
        assert alice.faults == []


@pytest.fixture
def at(place: Place, somebody: Asker) -> Iterator[Asker]:
    somebody.person.page.goto(f"{place.portal}/ask")
    expect(somebody.person.page.locator("#insurer")).to_be_focused()
    somebody.asked.clear()
    yield somebody
    somebody.release()


def test_a_key_held_down_asks_once_and_ends_one_answer(at: Asker, cards: Cards) -> None:
    page = at.person.page
    fill_in(at.person.page, cards.adults(1)[0])
    at.hold_down("Enter")
    answered(at.person, "covered")
    assert len(at.asked) == 1
    # The button of the answer gives way to a form that has the focus, while the key is still down.
    page.wait_for_timeout(DOUBLE_PRESS)
    page.focus("#next")
    at.hold_down("Enter")
    expect(page.locator("#insurer")).to_be_focused()
    page.wait_for_timeout(DOUBLE_PRESS)
    expect(page.locator("#insurer-error")).to_have_text("")
    assert len(at.asked) == 1


def test_the_space_bar_ends_an_answer_and_types_nothing(at: Asker, cards: Cards) -> None:
    page = at.person.page
    type_card(at.person, cards.adults(1)[0])
    answered(at.person, "covered")
    page.focus("#next")
    page.keyboard.press("Space")
    expect(page.locator("#insurer")).to_be_focused()
    expect(page.locator("#insurer")).to_have_value("")
    assert len(at.asked) == 1


def test_a_question_that_waits_is_neither_changed_nor_asked_twice(at: Asker, cards: Cards) -> None:
    card, other = cards.adults(2)
    page = at.person.page
    at.hold()
    fill_in(at.person.page, card)
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_have_attribute("aria-busy", "true")
    # Corrected too late: the answer would be about what was sent.
    page.keyboard.press("Backspace")
    page.keyboard.type("9")
    assert page.input_value("#birth_date") == f"{card.birth_date:%d%m%Y}"
    page.keyboard.press("Enter")
    page.locator("#ask").dispatch_event("click")
    # Nor given up: the answer would come over the next card's.
    page.keyboard.press("Escape")
    # Nor overtaken: whoever scanned the next one would read this answer as its own.
    scan(at.person, cards.payload(other))
    at.person.said("n’a pas été interrogée")
    at.release()
    answered(at.person, "covered")
    at.person.said("n’a pas été interrogée")
    assert [one["member_number"] for one in at.asked] == [card.member_number]
    page.keyboard.press("Escape")
    expect(page.locator("#said")).to_have_text("")
    expect(page.locator("#insurer")).to_be_editable()


def test_a_scan_that_ends_twice_asks_once(at: Asker, cards: Cards) -> None:
    page = at.person.page
    # However long the code's check takes.
    page.evaluate(
        """() => {
          const digest = crypto.subtle.digest.bind(crypto.subtle);
          const later = () => new Promise((done) => setTimeout(done, 150));
          crypto.subtle.digest = async (...given) => { await later(); return digest(...given); };
        }"""
    )
    scan(at.person, cards.payload(cards.adults(1)[0]), ends=2)
    answered(at.person, "covered")
    assert [one["evidence"] for one in at.asked] == ["scan"]
    # On the answer, too: the card after it.
    first = page.locator("#slip-entry").text_content()
    scan(at.person, cards.payload(cards.adults(2)[1]), ends=2)
    expect(page.locator("#slip-entry")).not_to_have_text(str(first))
    answered(at.person, "covered")
    assert [one["evidence"] for one in at.asked] == ["scan", "scan"]


def test_a_scan_chooses_nobody_of_a_family(at: Asker, cards: Cards) -> None:
    page, family = at.person.page, cards.family()
    scan(at.person, cards.payload(*family), ends=2)
    expect(page.locator("#people li button").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_timeout(DOUBLE_PRESS)
    expect(page.locator("#people li")).to_have_count(len(family))
    assert at.asked == []
    # Whoever is asked about while the answer is awaited cannot be given up, or changed.
    at.hold()
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_have_attribute("aria-busy", "true")
    page.locator("#people li button").nth(1).click()
    page.click("#no-card")
    page.keyboard.press("Escape")
    at.release()
    answered(at.person, "covered")
    assert len(at.asked) == 1


def test_an_exception_that_waits_for_its_touch_is_not_left(
    place: Place, at: Asker, cards: Cards
) -> None:
    page, keys = at.person.page, at.person.page.keyboard
    place.empty(at.person, "typed")
    try:
        type_card(at.person, cards.adults(12)[11])
        answered(at.person, "better_evidence_needed")
        page.evaluate(HOLD_THE_TOUCH)
        page.click("#open-exception")
        keys.press("ArrowDown")
        # Held down it does not ask twice.
        at.hold_down("Enter")
        expect(page.locator("#why-exception")).to_be_hidden()
        expect(page.locator("#ask")).to_be_disabled()
        keys.press("Escape")
        page.click("#next")
        page.click("#open-exception")
        scan(at.person, cards.payload(cards.adults(2)[1]))
        at.person.said("n’a pas été interrogée")
        answered(at.person, "better_evidence_needed")
        page.evaluate("window.touch()")
        answered(at.person, "covered")
        assert ["exception" in one for one in at.asked] == [False, True]
    finally:
        place.refill(at.person, "typed")
