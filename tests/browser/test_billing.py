"""A guarantee is billed from the portal: from the answer, from the waiting list, and then paid."""

import csv
import io
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.cards import Cards
from tests.browser.hands import answered, is_nowhere, type_card
from tests.browser.money import engaged, lived, pay
from tests.browser.place import Place
from tests.browser.test_pages import look
from tests.support.paying import MORE_PAID


def line_of(page: Page, nth: int = 0) -> Locator:
    return page.locator("#bill .line").nth(nth)


def fill(line: Locator, price: str, base: str, obligatory: str) -> None:
    for name, typed in (("price", price), ("base", base), ("obligatory", obligatory)):
        line.locator(f"[name={name}]").fill(typed)


def leaves_no_trace(page: Page, number: str) -> None:
    """A number and what was delivered stand in no address, history or storage."""
    kept = page.evaluate(
        "JSON.stringify([location.href, history.state, { ...localStorage }, { ...sessionStorage }])"
    )
    assert number not in kept
    assert "?" not in page.url
    assert "#" not in page.url


def test_an_answer_is_billed_by_keyboard(
    place: Place, cards: Cards, chromium: Browser, screens: Path
) -> None:
    card = cards.adults(30)[29]
    with place.signed_in(chromium, viewport={"width": 1280, "height": 800}) as alice:
        page, keys = alice.page, alice.page.keyboard
        type_card(alice, card)
        answered(alice, "covered")
        number = page.locator("#engagement").inner_text()
        # By keyboard alone: the button, then field after field, and Enter. (One that comes within
        # 0.4 s of an answer is the question's own, pressed twice.)
        page.wait_for_timeout(500)
        page.focus("#bill-it")
        keys.press("Enter")
        expect(page.locator("#bill")).to_be_visible()
        # Escape closes the dialog, not the answer, and leads back to where one was.
        keys.press("Escape")
        expect(page.locator("#bill")).to_be_hidden()
        expect(page.locator("#bill-it")).to_be_focused()
        keys.press("Enter")
        expect(page.locator("#bill")).to_be_visible()
        expect(page.locator("#bill [data-fact=number]")).to_have_text(number)
        page.wait_for_function("document.activeElement?.id === 'bill-title'")
        keys.press("Tab")
        keys.press("ArrowDown")
        for typed in ("", "20,00", "20", "20,5"):
            keys.press("Tab")
            keys.type(typed)
        keys.press("Enter")
        expect(line_of(page).locator(".error:visible")).to_have_text("Au plus le prix et la base.")
        # All of it is paid by the obligatory insurance: nothing is promised, and why is said.
        keys.press("ControlOrMeta+a")
        keys.type("20")
        keys.press("Enter")
        refused = page.locator("[data-refusal=above_promise]")
        expect(refused).to_contain_text("ne promet rien pour ces lignes")
        look(alice, "bill-refused", screens)
        line_of(page).locator("[name=obligatory]").fill("13,00 €")
        keys.press("Enter")
        expect(page.locator("#bill .billed [data-fact=amount]")).to_have_text("7,00 €")
        expect(page.locator("#bill .billed [data-fact=patient]")).to_have_text("0,00 €")
        # A mistake: cancelled while it can be, and it waits again.
        page.click("#bill .cancel")
        page.click("#sure button[value=yes]")
        expect(page.locator("#bill")).to_be_hidden()
        expect(page.locator("#bill-it")).to_be_focused()
        is_nowhere(page, card)
        leaves_no_trace(page, number)
        assert alice.faults == []


def test_from_the_list_to_the_money(place: Place, chromium: Browser) -> None:
    with place.signed_in(chromium) as alice:
        page, (number,) = alice.page, engaged(place, alice, 1, skipped=30)
        page.goto(f"{place.portal}/payments")
        to_bill = page.locator("#to-bill tbody tr", has_text=number).get_by_role("button")
        to_bill.press("Enter")
        expect(page.locator("#bill")).to_be_visible()
        page.keyboard.press("Escape")
        expect(to_bill).to_be_focused()
        page.keyboard.press("Enter")
        fill(line_of(page), "20,00", "20,00", "13,00")
        page.click("#bill .add")
        fill(line_of(page, 1), "10", "abc", "0")
        page.locator("#bill [type=submit]").click()
        expect(line_of(page, 1).locator(".error:visible")).to_have_text("Un montant, comme 12,50.")
        expect(line_of(page, 1).locator("[name=base]")).to_be_focused()
        page.get_by_role("button", name="Retirer la ligne 2").click()
        expect(page.locator("#bill .total")).to_have_text(
            "Total 20,00 €, dont part obligatoire 13,00 €"
        )
        page.locator("#bill [type=submit]").click()
        page.locator("#bill .billed .close").click()
        expect(page.locator("#claimed tbody tr", has_text=number)).to_contain_text("7,00 €")
        expect(page.locator("#to-bill")).to_be_hidden()
        # Its row is gone: one goes on from the list where it was.
        expect(page.locator("#to-bill-title")).to_be_focused()

        name = pay(place, alice)
        page.reload()
        page.fill("#engagement", number.lower().replace("-", " "))
        page.press("#engagement", "Enter")
        expect(page.locator("#found .word:visible")).to_have_text("Payée")
        expect(page.locator("#found [data-fact=amount]")).to_have_text("7,00 €")
        expect(page.locator("#found [data-fact=remittance]")).to_have_text(name)
        page.locator("#paid tbody button").first.click()
        with page.expect_download() as saved:
            page.click("#save-notice")
        told = Path(saved.value.path()).read_text("utf-8-sig")
        (row,) = list(csv.DictReader(io.StringIO(told), delimiter=";"))
        assert (row["Numéro"], row["Montant"]) == (number, "7,00")
        leaves_no_trace(page, number)
        assert alice.faults == []


def test_older_payments_come_below_and_one_goes_on_there(
    place: Place, chromium: Browser, screens: Path
) -> None:
    with place.signed_in(chromium) as alice:
        page, (number, *_) = alice.page, lived(place, alice)
        place.as_owner(MORE_PAID, place.site_of(alice.rpps), 1, 250)
        page.goto(f"{place.portal}/payments")
        rows, earlier = page.locator("#paid tbody tr"), page.locator("#earlier")
        expect(rows).to_have_count(200)
        look(alice, "payments-older", screens)
        earlier.press("Enter")
        expect(rows).to_have_count(251)
        expect(rows.nth(200).get_by_role("button")).to_be_focused()
        expect(earlier).to_be_hidden()
        # The first of all payments is the last of the list.
        rows.last.get_by_role("button").click()
        expect(page.locator("#notice-lines tbody tr")).to_contain_text(number)
        assert alice.faults == []


def test_a_claim_that_is_billed_twice_says_what_to_do(place: Place, chromium: Browser) -> None:
    """Two tabs of one counter: the second is told, and nothing is owed twice."""
    with place.signed_in(chromium) as alice:
        (number,) = engaged(place, alice, 1, skipped=31)
        page, other = alice.page, alice.context.new_page()
        for tab in (page, other):
            tab.goto(f"{place.portal}/payments")
            tab.locator("#to-bill tbody button").click()
            fill(line_of(tab), "20", "20", "13")
        page.locator("#bill [type=submit]").click()
        expect(page.locator("#bill .billed")).to_be_visible()
        other.locator("#bill [type=submit]").click()
        expect(other.locator("[data-refusal=engagement_used]")).to_contain_text("existe déjà")
        assert place.owned(
            "select count(*), sum(c.amount_cents) from billing.claim c"
            " join identity.site s using (site_id) where s.identifier = %s",
            place.site_of(alice.rpps),
        ) == [(1, 700)]
        assert number not in other.url
        assert alice.faults == []
