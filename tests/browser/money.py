"""What a site's money goes through, and the states of its pages that the gallery shows."""

import itertools

from playwright.sync_api import Page, expect

from tests.browser.cards import Cards
from tests.browser.hands import answered, scan, type_card
from tests.browser.place import Person, Place

LINE = {
    "category": "PH7",
    "quantity": 1,
    "price_cents": 2000,
    "base_cents": 2000,
    "obligatory_cents": 1300,
}
_CLAIM = """async ([engagement, line]) => {
  const { ask } = await import("/portal/static/proof.js");
  return ask("claims", { engagement, reference: crypto.randomUUID(), lines: [line] });
}"""
_OTHERS = itertools.count(10)
"""Who may have glasses, and has had none here: a state needs somebody of its own."""
_LIVED: dict[str, list[str]] = {}


def engaged(place: Place, person: Person, count: int, skipped: int = 0) -> list[str]:
    """Ask about covered people by typing; the numbers that the page showed."""
    page, numbers = person.page, []
    page.goto(f"{place.portal}/ask")
    for card in Cards.of(place).adults(skipped + count)[skipped:]:
        type_card(person, card)
        answered(person, "covered")
        numbers.append(page.locator("#engagement").inner_text())
        page.keyboard.press("Escape")
        expect(page.locator("#question")).to_be_visible()
    return numbers


def claim(person: Person, number: str) -> str:
    """Claim a guarantee as the page does; the claim's name."""
    return str(person.page.evaluate(_CLAIM, [number, LINE])["claim"])


def pay(place: Place, person: Person) -> str:
    """Pay what is owed to somebody's site, on a day of its own; the payment's name."""
    site = place.site_of(person.rpps)
    put = "select refused_because from billing.set_bank(%s, %s, '2606')"
    if not place.owned("select 1 from billing.bank_detail d join identity.site s using (site_id)"
                       " where s.identifier = %s", site):  # fmt: skip
        assert place.owned(put, site, bytes(1200)) == [(None,)]
    for (batch,) in place.owned("select batch_id from billing.batch order by on_day"):
        place.as_owner("update billing.batch set on_day = on_day - 1 where batch_id = %s", batch)
    place.as_owner("select billing.open_batch(o.insurer_id) from billing.list_owing() o")
    place.as_owner("select billing.note_file(batch_id, sha256('')) from billing.batch")
    place.as_owner("select billing.confirm_batch(message) from billing.batch")
    ((name,),) = place.owned(
        "select t.end_to_end from billing.transfer t join identity.site s using (site_id)"
        " where s.identifier = %s order by t.transfer_id desc limit 1",
        site,
    )
    return str(name)


def lived(place: Place, person: Person) -> list[str]:
    """Give a site a day: one claim paid, one to be paid, two to be billed; their numbers.

    Once for a site: whoever looks at it again sees the same.
    """
    if person.rpps not in _LIVED:
        numbers = engaged(place, person, 4)
        claim(person, numbers[0])
        pay(place, person)
        claim(person, numbers[1])
        _LIVED[person.rpps] = numbers
    return _LIVED[person.rpps]


def state(page: Page, *lines: tuple[str, str, str, str, str]) -> None:
    """Fill in the lines of a quote: category, quantity, price, base, obligatory part."""
    for place, told in enumerate(lines):
        if place:
            page.click("#question .lines .add")
        part = page.locator("#question .line").nth(place)
        part.locator("[name=category]").select_option(told[0])
        for name, typed in zip(("quantity", "price", "base", "obligatory"), told[1:], strict=True):
            part.locator(f"[name={name}]").fill(typed)


def agreed(place: Place, person: Person, nth: int, price: str = "140") -> None:
    """Scan the card of the nth of those who may have glasses, and ask for a frame and lenses."""
    page, cards = person.page, Cards.of(place)
    page.goto(f"{place.portal}/authorization")
    scan(person, cards.payload(cards.glasses(nth + 1)[nth]))
    expect(page.locator("#read")).to_be_visible()
    state(page, ("MONTURE", "1", price, "0,05", "0,03"), ("VERRE", "2", "260,00", "0,10", "0,06"))
    page.click("#ask")
    expect(page.locator("#answer")).to_be_visible()


def payments(place: Place, person: Person) -> None:
    lived(place, person)
    person.page.goto(f"{place.portal}/payments", wait_until="networkidle")
    expect(person.page.locator("#paid tbody tr").first).to_be_visible()


def payment_found(place: Place, person: Person) -> None:
    payments(place, person)
    person.page.fill("#engagement", lived(place, person)[0])
    person.page.press("#engagement", "Enter")
    expect(person.page.locator("#found")).to_have_attribute("data-shown", "paid")


def payment_opened(place: Place, person: Person) -> None:
    payments(place, person)
    person.page.locator("#paid tbody button").first.click()
    expect(person.page.locator("#notice")).to_be_visible()


def billing(place: Place, person: Person) -> None:
    payments(place, person)
    person.page.locator("#to-bill tbody button").first.click()
    expect(person.page.locator("#bill")).to_be_visible()
    person.page.click("#bill .add")


def billing_wrong(place: Place, person: Person) -> None:
    billing(place, person)
    person.page.fill("#bill .line:first-child [name=price]", "12,5")
    person.page.click("#bill [type=submit]")
    expect(person.page.locator("#bill .error:visible").first).to_be_visible()


def authorized(place: Place, person: Person) -> None:
    agreed(place, person, next(_OTHERS))
    expect(person.page.locator("#answer")).to_have_attribute("data-shown", "agreed")


def authorization_wanted(place: Place, person: Person) -> None:
    cards = Cards.of(place)
    person.page.goto(f"{place.portal}/authorization")
    scan(person, cards.payload(cards.glasses(3)[2]))
    expect(person.page.locator("#read")).to_be_visible()


def authorization_over(place: Place, person: Person) -> None:
    """Somebody who had his glasses already: nothing, and from which day again."""
    nth = next(_OTHERS)
    agreed(place, person, nth)
    person.page.keyboard.press("Escape")
    agreed(place, person, nth, price="90")
    expect(person.page.locator("#answer")).to_have_attribute("data-shown", "nothing_agreed")


def payment_sent_back(place: Place, person: Person) -> None:
    (number,) = engaged(place, person, 1, skipped=5)
    claim(person, number)
    place.as_owner("select billing.take_return(%s, 'AC04')", pay(place, person))
    person.page.goto(f"{place.portal}/payments", wait_until="networkidle")
    expect(person.page.locator("#bank-returned")).to_be_visible()
