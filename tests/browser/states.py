"""States of pages that take some doing: a network that hangs, the bank's alerts, half a theft."""

import hashlib

from playwright.sync_api import Route, expect

from tests.browser.cards import Cards
from tests.browser.hands import fill_in
from tests.browser.place import Person, Place
from tests.browser.stage import become


def late(place: Place, person: Person) -> None:
    """A question that hangs on the network, for as long as somebody has patience."""
    person.page.goto(f"{place.portal}/ask", wait_until="networkidle")
    person.page.route("**/rights-questions", lambda _route: None)
    fill_in(person.page, Cards.of(place).samples["typed"].person)
    person.page.press("#birth_date", "Enter")
    expect(person.page.locator("#give-up")).to_be_visible(timeout=30_000)


def alerted(place: Place, person: Person) -> None:
    """A payment came back from the bank, and another account waits to be in force."""
    insurer, site = Cards.of(place).samples["typed"].person.insurer, place.site_of(person.rpps)
    for last_four in ("2606", "3000"):
        place.as_owner("select billing.set_bank(%s, %s, %s)", site, bytes(1200), last_four)
    mark = hashlib.sha256(site.encode()).hexdigest()[:32]
    place.as_owner(
        "with made as (insert into billing.batch"
        " (insurer_id, on_day, message, made_at, file_digest, paid_at)"
        " select insurer_id, current_date, 'RP' || %s, now(), sha256(''), now()"
        " from registry.insurer where amc_number = %s returning batch_id)"
        " insert into billing.transfer"
        " (batch_id, site_id, detail_id, end_to_end, claims, amount_cents, state)"
        " select batch_id, d.site_id, detail_id, 'RP' || %s, 1, 700, 'paid'"
        " from made, billing.bank_detail d join identity.site s using (site_id)"
        " where s.identifier = %s and last_four = '2606'",
        *(mark, insurer, mark[::-1], site),
    )
    place.as_owner("select billing.take_return('RP' || %s, 'AC04')", mark[::-1])
    person.page.goto(f"{place.portal}/site", wait_until="networkidle")
    expect(person.page.locator("#alerts .mark.bad")).to_contain_text("2606")


def stealing(place: Place, person: Person) -> None:
    """Two thirds of a theft: what comes after that is never told to this page."""
    page = person.page
    become(person, place, "Alice Martin")
    page.emulate_media(reduced_motion="reduce")
    looks: list[float] = []

    def look(route: Route) -> None:
        if looks and looks[-1] > 0.66:
            return
        told = route.fetch()
        seen = told.json()
        if seen.get("curves"):
            looks.append(seen["curves"]["elapsed"] / seen["seconds"])
        route.fulfill(response=told)

    page.route("**/theft/watch", look)
    page.goto(f"{place.portal}/theft", wait_until="networkidle")
    page.click("#steal")
    for _ in range(600):
        if looks and looks[-1] > 0.66:
            break
        page.wait_for_timeout(200)
    expect(page.locator("#left")).to_contain_text("restantes")
