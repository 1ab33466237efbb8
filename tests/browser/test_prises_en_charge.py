"""An optician has glasses agreed to, amended, billed, withdrawn; or is told that it is too soon."""

import re

from playwright.sync_api import Browser, Route, expect

from tests.browser.cards import Cards
from tests.browser.hands import FIELDS, fill_in, is_nowhere, scan
from tests.browser.money import agreed, state
from tests.browser.place import Place
from tests.browser.test_billing import leaves_no_trace

FRAME = ("MONTURE", "1", "140", "0,05", "0,03")


def test_glasses_are_agreed_to_amended_and_billed(
    place: Place, cards: Cards, chromium: Browser
) -> None:
    card = cards.glasses(5)[4]
    with place.signed_in(chromium, "opticien") as alice:
        page = alice.page
        agreed(place, alice, 4)
        shown = page.locator("#answer")
        expect(shown).to_have_attribute("data-shown", "agreed")
        expect(page.locator("#agreed tbody tr")).to_have_count(2)
        # Of a card that was read: what is left, and from which day there is more.
        expect(page.locator("#agreed tbody tr").first).to_contain_text(re.compile("prochaine dès"))
        first = page.locator("#engagement").inner_text()
        for name in FIELDS:
            expect(page.locator(f"#{name}")).to_have_value("")
        is_nowhere(page, card)
        # The patient takes the frame alone: the lines are there, the card is asked for again.
        page.click("#amend")
        expect(page.locator("#replaces")).to_have_value(first)
        page.get_by_role("button", name="Retirer la ligne 2").click()
        scan(alice, cards.payload(card))
        page.click("#ask")
        expect(page.locator("#agreed tbody tr")).to_have_count(1)
        number = page.locator("#engagement").inner_text()
        assert number != first
        promised = page.locator("#amount").inner_text()
        # Delivered: the lines are there as they were agreed to.
        page.click("#bill-it")
        expect(page.locator("#bill .line [name=price]")).to_have_value("140,00")
        page.locator("#bill [type=submit]").click()
        expect(page.locator("#bill .billed [data-fact=amount]")).to_have_text(promised)
        page.locator("#bill .billed .close").click()
        page.click("#withdraw")
        page.click("#sure button[value=yes]")
        alice.said("Prise en charge déjà facturée")
        # The next pair, by typing: the card is wanted; once it is read the same lines are asked.
        page.keyboard.press("Escape")
        fill_in(page, card)
        state(page, FRAME)
        page.click("#ask")
        expect(shown).to_have_attribute("data-shown", "better_evidence_needed")
        scan(alice, cards.payload(card))
        expect(shown).to_have_attribute("data-shown", "nothing_agreed")
        expect(page.locator("#agreed tbody tr")).to_contain_text(
            re.compile("plus rien · prochaine dès le .* 20")
        )
        is_nowhere(page, card)
        leaves_no_trace(page, number)
        assert alice.faults == []


def test_one_is_withdrawn_and_its_units_are_free_again(place: Place, chromium: Browser) -> None:
    with place.signed_in(chromium, "opticien") as alice:
        page = alice.page
        for _ in range(2):
            agreed(place, alice, 5)
            expect(page.locator("#answer")).to_have_attribute("data-shown", "agreed")
            page.click("#withdraw")
            page.click("#sure button[value=yes]")
            alice.said("Prise en charge annulée")
            expect(page.locator("#question")).to_be_visible()
        assert alice.faults == []


def test_one_that_hangs_is_given_up_and_found_again(
    place: Place, cards: Cards, chromium: Browser
) -> None:
    """It had arrived: the same lines for the same card are the same question, and given once."""
    with place.signed_in(chromium, "opticien") as alice:
        page = alice.page
        asked: list[str] = []

        def loses_the_answer(route: Route) -> None:
            asked.append((route.request.post_data_json or {})["reference"])
            route.fetch()

        page.goto(f"{place.portal}/authorization")
        page.route("**/quotes", loses_the_answer)
        scan(alice, cards.payload(cards.glasses(7)[6]))
        state(page, FRAME)
        page.click("#ask")
        expect(page.locator("#give-up")).to_be_visible(timeout=30_000)
        page.keyboard.press("Escape")
        expect(page.locator("#read")).to_be_visible()
        page.unroute_all(behavior="ignoreErrors")
        with page.expect_request("**/quotes") as again:
            page.click("#ask")
        expect(page.locator("#answer")).to_have_attribute("data-shown", "agreed")
        assert (again.value.post_data_json or {})["reference"] == asked[0]
        assert alice.faults == []


def test_a_pharmacist_is_led_to_where_he_asks(place: Place, chromium: Browser) -> None:
    with place.signed_in(chromium) as alice:
        alice.page.goto(f"{place.portal}/authorization")
        alice.page.wait_for_url(f"{place.portal}/ask")
        expect(alice.page.locator("nav a[href='/portal/authorization']")).to_have_count(0)
