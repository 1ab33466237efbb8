"""One browser, two colleagues: one touch changes hands, five minutes lock, nothing stays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from rempart.simulation.population import Person as Insured
from tests.browser.cards import Cards
from tests.browser.colleagues import Counter, colleagues
from tests.browser.hands import (
    FIELDS,
    HOLD_THE_TOUCH,
    answered,
    fill_in,
    is_nowhere,
    scan,
    type_card,
)
from tests.browser.place import Place

WHEN_A_TOUCH_IS_ASKED_FOR = """() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = (options) => {
    const shown = document.getElementById('main').checkVisibility();
    const said = document.getElementById('changing').textContent;
    sessionStorage.setItem('seen', JSON.stringify([shown, said]));
    return get(options);
  };
}"""

HEARS_NOTHING = """
  window.BroadcastChannel = class extends EventTarget { postMessage() {} };
"""


@pytest.fixture(scope="module")
def pair(place: Place, chromium: Browser) -> Iterator[Counter]:
    with colleagues(place, chromium) as found:
        yield found


@pytest.fixture
def at(pair: Counter) -> Iterator[Counter]:
    """The counter, Alice's, with nothing on it."""
    pair.begin()
    yield pair
    assert pair.person.faults == []


def typed_in(at: Counter, card: Insured, tab: Page | None = None) -> None:
    """Type a card on the page that asks, and do not ask."""
    page = tab or at.person.page
    page.goto(f"{at.place.portal}/ask")
    fill_in(page, card)


def is_empty(page: Page, card: Insured) -> None:
    """Expect the page that asks, with nothing typed, nothing answered and nobody named."""
    expect(page.locator("#question")).to_be_visible()
    expect(page.locator("#answer")).to_be_hidden()
    for name in FIELDS:
        expect(page.locator(f"#{name}")).to_have_value("")
    expect(page.locator("#engagement")).to_have_text("")
    expect(page.locator("#people li")).to_have_count(0)
    is_nowhere(page, card)


def test_one_touch_changes_hands_and_the_journal_has_two_names(at: Counter, cards: Cards) -> None:
    hers, his = cards.adults(2)
    page, place, before = at.person.page, at.place, at.askers()
    typed_in(at, hers)
    with page.expect_request("**/rights-questions") as asked:
        page.keyboard.press("Enter")
    answered(at.person, "covered")
    # Whose page it is goes with the question: the platform refuses it in another's name.
    sent = asked.value.post_data_json or {}
    assert (sent["professional"], sent["site"]) == (at.rpps["Alice Martin"], at.site)
    number = page.locator("#engagement").inner_text()
    touched = at.touches("Bob Durand")
    page.evaluate(WHEN_A_TOUCH_IS_ASKED_FOR)
    at.at_hand("Bob Durand")
    page.keyboard.press("F2")
    at.is_of("Bob Durand")
    at.at_hand()
    # Out of sight before anybody has touched anything.
    seen = page.evaluate("JSON.parse(sessionStorage.getItem('seen'))")
    assert seen == [False, "Touchez votre clé d’accès\xa0: le poste passe à votre nom."]
    assert at.touches("Bob Durand") == touched + 1
    # Her answer is gone, for going back as well.
    is_empty(page, hers)
    assert number not in page.content()
    page.go_back()
    at.is_of("Bob Durand")
    page.goto(f"{place.portal}/ask")
    assert number not in page.content()
    type_card(at.person, his)
    answered(at.person, "covered")
    assert at.ask("Alice Martin") == "professional_not_linked"
    # She takes it back: the same session goes on.
    (name, kept, is_open), *_ = at.sessions()
    assert (name, is_open) == ("Alice Martin", False)
    at.at_hand("Alice Martin")
    page.get_by_role("button", name="Changer de main").click()
    at.is_of("Alice Martin")
    assert [(name, is_open) for name, _, is_open in at.sessions()] == [
        ("Alice Martin", True), ("Bob Durand", False),
    ]  # fmt: skip
    assert at.sessions()[0][1] == kept
    is_empty(page, his)
    type_card(at.person, hers)
    answered(at.person, "covered")
    alice, bob = at.rpps.values()
    assert at.askers() == [*before, alice, bob, alice]


def test_what_one_typed_is_gone_for_the_other(at: Counter, cards: Cards) -> None:
    card = cards.adults(1)[0]
    page, before = at.person.page, at.askers()
    typed_in(at, card)
    at.at_hand("Bob Durand")
    page.keyboard.press("F2")
    at.is_of("Bob Durand")
    is_empty(page, card)
    page.keyboard.press("Enter")
    expect(page.locator("#insurer-error")).not_to_be_empty()
    page.go_back()
    page.wait_for_load_state()
    is_nowhere(page, card)
    assert at.askers() == before


def test_nothing_is_asked_while_a_touch_is_awaited(at: Counter, cards: Cards) -> None:
    """A scanner, or a key pressed twice, while the counter is between two people."""
    card, other = cards.adults(2)
    page, before = at.person.page, at.askers()
    typed_in(at, card)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.evaluate(HOLD_THE_TOUCH)
    page.keyboard.press("F2")
    expect(page.locator("#changing")).not_to_be_empty()
    expect(page.locator("#main")).to_be_hidden()
    scan(at.person, cards.payload(other))
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    at.at_hand("Bob Durand")
    page.evaluate("window.touch()")
    at.is_of("Bob Durand")
    is_empty(page, card)
    assert [one for one in asked if one.endswith("/rights-questions")] == []
    assert at.askers() == before


def test_a_tab_that_missed_the_hand_over_asks_nothing(at: Counter, cards: Cards) -> None:
    """One that slept: it still shows her card, and its own scripts never heard of the change."""
    card = cards.adults(1)[0]
    before = at.askers()
    tab = at.person.context.new_page()
    try:
        tab.add_init_script(HEARS_NOTHING)
        typed_in(at, card, tab)
        at.at_hand("Bob Durand")
        at.person.page.keyboard.press("F2")
        at.is_of("Bob Durand")
        expect(tab.locator("header .hands")).to_have_text("Alice Martin")
        tab.locator("#birth_date").press("Enter")
        expect(tab.locator("header .hands")).to_have_text("Bob Durand")
        is_empty(tab, card)
        assert at.askers() == before
    finally:
        tab.close()


def test_a_hand_over_that_nobody_takes_leaves_it_as_it_was(at: Counter, cards: Cards) -> None:
    card = cards.adults(1)[0]
    page = at.person.page
    typed_in(at, card)
    # The browser's own refusal, as when somebody closes its question.
    verified(at, verifies=False)
    try:
        at.at_hand("Bob Durand")
        page.keyboard.press("F2")
        at.person.said("annulée ou a expiré")
    finally:
        verified(at, verifies=True)
    at.is_of("Alice Martin")
    assert page.input_value("#insurer") == card.insurer
    page.locator("#birth_date").press("Enter")
    answered(at.person, "covered")


def verified(at: Counter, *, verifies: bool) -> None:
    """Say whether every key at hand verifies whose finger it is."""
    for key in at.keys.values():
        told = {"authenticatorId": key, "isUserVerified": verifies}
        at.person.cdp.send("WebAuthn.setUserVerified", told)


def test_five_minutes_lock_and_one_touch_unlocks(
    place: Place, chromium: Browser, cards: Cards
) -> None:
    """With a browser of its own, whose clock is moved."""
    card = cards.adults(1)[0]
    with colleagues(place, chromium) as at:
        at.begin()
        page = at.person.page
        page.clock.install()
        typed_in(at, card)
        before, asked = at.sessions(), at.askers()
        page.clock.fast_forward(4 * 60_000 + 30_000)
        assert page.input_value("#insurer") == card.insurer
        page.clock.fast_forward(31_000)
        page.wait_for_url(f"{place.portal}/locked")
        expect(page.locator("main .hands")).to_contain_text("Alice Martin")
        expect(page.locator("nav, #sign-out")).to_have_count(0)
        is_nowhere(page, card)
        # Not signed out, and yet nothing can be asked: not even from this very browser.
        assert [(name, number) for name, number, _ in at.sessions()] == [
            (name, number) for name, number, _ in before
        ]
        assert [is_open for _, _, is_open in at.sessions()] == [False]
        scan(at.person, cards.payload(card))
        assert at.ask("Alice Martin") == "session_locked"
        page.wait_for_url(f"{place.portal}/locked")
        assert at.askers() == asked
        page.go_back()
        page.wait_for_url(f"{place.portal}/locked")
        # One key to wake it, one touch; back where she was, with nothing typed.
        touched = at.touches("Alice Martin")
        at.at_hand("Alice Martin")
        page.locator("#unlock").press("Enter")
        page.wait_for_url(f"{place.portal}/ask")
        at.is_of("Alice Martin")
        assert at.touches("Alice Martin") == touched + 1
        is_empty(page, card)
        assert [(name, number, True) for name, number, _ in before] == at.sessions()
        # An answer goes the same way.
        type_card(at.person, card)
        answered(at.person, "covered")
        number = page.locator("#engagement").inner_text()
        page.clock.fast_forward(5 * 60_000 + 1_000)
        page.wait_for_url(f"{place.portal}/locked")
        assert number not in page.content()
        page.locator("#unlock").press("Enter")
        page.wait_for_url(f"{place.portal}/ask")
        is_empty(page, card)
        assert at.askers() == [*asked, at.rpps["Alice Martin"]]
        assert at.person.faults == []


def test_a_colleague_takes_over_at_the_lock_screen(at: Counter) -> None:
    page = at.person.page
    page.get_by_role("button", name="Verrouiller").click()
    page.wait_for_url(f"{at.place.portal}/locked")
    at.at_hand("Bob Durand")
    page.keyboard.press("F2")
    at.is_of("Bob Durand")
    assert [(name, is_open) for name, _, is_open in at.sessions()] == [
        ("Alice Martin", False), ("Bob Durand", True),
    ]  # fmt: skip


def test_the_database_locks_whatever_the_page_does(at: Counter, chromium: Browser) -> None:
    """A page whose clock stands still, a cookie that was stolen: neither asks anything."""
    place, page = at.place, at.person.page
    with place.person(chromium) as thief:
        place.as_owner(
            "update identity.token set locks_at = clock_timestamp() where token_hash in"
            " (select token_hash from identity.session where session_no::text = %s)",
            at.sessions()[0][1],
        )
        asked = at.askers()
        assert at.ask("Alice Martin") == "session_locked"
        page.wait_for_url(f"{place.portal}/locked")
        (cookie,) = at.person.context.cookies()
        kept = ("name", "value", "domain", "path", "secure", "httpOnly", "sameSite")
        thief.context.add_cookies([{name: cookie[name] for name in kept}])  # type: ignore[list-item, literal-required]  # the same keys
        for path in ("", "/account", "/people"):
            thief.page.goto(place.portal + path)
            thief.page.wait_for_url(f"{place.portal}/locked")
            expect(thief.page.locator("nav")).to_have_count(0)
        assert at.askers() == asked


def test_every_tab_locks_and_changes_hands(at: Counter) -> None:
    place, page, other = at.place, at.person.page, at.person.context.new_page()
    try:
        other.goto(f"{place.portal}/people")
        other.fill("#name", "Jeanne Patient")
        page.get_by_role("button", name="Verrouiller").click()
        for tab in (page, other):
            tab.wait_for_url(f"{place.portal}/locked")
        at.at_hand("Bob Durand")
        page.keyboard.press("F2")
        at.is_of("Bob Durand")
        expect(other.locator("header .hands")).to_have_text("Bob Durand")
        assert "Jeanne" not in other.content()
    finally:
        other.close()
