"""What a site's money goes through, so that its pages have something to show."""

from playwright.sync_api import expect

from tests.browser.cards import Cards
from tests.browser.hands import answered, type_card
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
