"""What an account, a site and the platform show of themselves: one site's people, real browsers."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from rempart.foundation.clock import SystemClock
from rempart.guard import Scope, close_gate, open_gate
from rempart.rights import check_held, read_held
from rempart.simulation.software import enrol
from tests.browser.place import TELEPHONE, Person, Place
from tests.browser.test_pages import look

WIDE: Any = {"viewport": {"width": 1280, "height": 800}}
NARROW: Any = {"width": 390, "height": 844}
ASK_FROM_THE_PAGE = """async (question) => {
    const { ask } = await import("/portal/static/proof.js");
    return await ask("rights-questions", question);
}"""


@dataclass
class Owner:
    """The administrator whose pages these are."""

    person: Person
    rpps: str
    site: str

    def ask(self, **changes: object) -> dict[str, Any]:
        """Ask from the page as its script would, about somebody who is insured nowhere."""
        told = {
            "insurer": "88100014", "member_number": "0042 7718 03", "birth_date": "1985-05-19",
            "birth_rank": 1, "domain": "PHAR", "evidence": "typed", "card_secret": None,
            "care_date": SystemClock().today().isoformat(), "reference": secrets.token_hex(8),
            "professional": self.rpps, "site": self.site,
        }  # fmt: skip
        found: dict[str, Any] = self.person.page.evaluate(ASK_FROM_THE_PAGE, told | changes)
        return found


@pytest.fixture(scope="module")
def owner(place: Place, chromium: Browser) -> Iterator[Owner]:
    """An administrator who is signed in, with a phone's width when a test asks for it."""
    rpps, link, second = place.invited()
    with place.person(chromium, **WIDE) as alice:
        alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
        place.enrol(alice, link, second)
        place.sign_in(alice)
        yield Owner(alice, rpps, place.site_of(rpps))
        assert alice.faults == []


def look_both(owner: Owner, name: str, screens: Path) -> None:
    """Look at a page wide and light, then narrow and dark."""
    page = owner.person.page
    look(owner.person, f"{name}-wide", screens)
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    look(owner.person, f"{name}-narrow-dark", screens)
    page.set_viewport_size(WIDE["viewport"])
    page.emulate_media(color_scheme="light")


def test_my_activity_is_listed_and_a_receipt_copied(
    place: Place, owner: Owner, screens: Path
) -> None:
    page = owner.person.page
    told = owner.ask()
    page.goto(f"{place.portal}/activity")
    rows = page.locator("#list tbody tr")
    expect(rows.first).to_contain_text("Pharmacie")
    before = rows.count()
    owner.ask()
    page.click("#filters button")
    expect(rows).to_have_count(before + 1)
    look_both(owner, "activity", screens)
    # Which nobody at this site is ever told in these tests.
    page.select_option("#outcome", "exception_possible")
    page.click("#filters button")
    expect(page.locator("#none")).to_be_visible()
    page.select_option("#outcome", "")
    page.click("#filters button")
    rows.nth(1).locator("button").click()
    expect(page.locator("#receipt")).to_be_visible()
    look_both(owner, "receipt", screens)
    page.click("#copy")
    expect(page.locator("#copied")).to_have_text("Copié.")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    held = read_held(copied.encode())
    assert held.answer["receipt"]["leaf"] == told["receipt"]["leaf"]
    check_held(held, bytes.fromhex(held.receipt_key))
    page.click("#close")
    assert "0042" not in page.url


def test_my_budgets_are_shown_in_steps(place: Place, owner: Owner, screens: Path) -> None:
    page = owner.person.page
    page.goto(f"{place.portal}/budgets")
    expect(page.locator("#taken")).to_contain_text("Relevé de")
    expect(page.locator("meter")).to_have_count(6)
    expect(page.locator("[data-bucket=fresh] .state")).to_have_text("Plein, ou presque")
    look_both(owner, "budgets", screens)
    # Ten minutes later, with nothing left.
    place.as_owner("update guard.budget set fresh_tat = guard.now() + fresh_burst * fresh_every")
    place.as_owner("update guard.level set taken_at = taken_at - 600000000")
    page.reload()
    expect(page.locator("[data-bucket=fresh] .state")).to_have_text("Vide pour l’instant")
    expect(page.locator("[data-bucket=fresh] .empty-text")).to_be_visible()
    look_both(owner, "budgets-empty", screens)
    place.as_owner("update guard.budget set fresh_tat = 0")


def test_my_site_connects_a_software_and_revokes_it(
    place: Place, owner: Owner, screens: Path
) -> None:
    page = owner.person.page
    page.goto(f"{place.portal}/site")
    expect(page.locator("#no-days")).to_be_visible()
    page.fill("#vendor", "Officine 9")
    page.click("#code button")
    owner.person.said("Cochez au moins une personne")
    page.check("#code input[type=checkbox]")
    page.click("#code button")
    code = page.locator("#obtained-code")
    expect(code).to_have_text(re.compile("^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$"))
    enrol(code.inner_text(), place.platform.addresses)
    page.reload()
    expect(page.locator("#devices li")).to_have_count(1)
    expect(page.locator("#devices .mark")).to_have_text("Relié")
    look_both(owner, "site", screens)
    page.click("[data-revoke]")
    page.click("#sure button[value=yes]")
    expect(page.locator("#devices .mark")).to_have_text("Révoqué")


def test_who_is_stopped_reads_what_to_do_and_everybody_the_state(
    place: Place, owner: Owner, screens: Path
) -> None:
    page = owner.person.page
    reason = "Fuite chez un éditeur, reprise après son correctif"
    place.as_desk(
        *(
            partial(close_gate, scope=scope, value=value, reason=reason, author="alice")
            for scope, value in ((Scope.SITE, owner.site), (Scope.GRADE, "typed"))
        )
    )
    page.goto(f"{place.portal}/closed")
    expect(page.locator("#closed-title")).to_have_text("Les questions de ce site sont arrêtées.")
    expect(page.locator("#closed")).to_contain_text(TELEPHONE)
    expect(page.locator("#closed")).not_to_contain_text("éditeur")
    look_both(owner, "closed", screens)
    page.goto(f"{place.portal.removesuffix('/portal')}/status")
    expect(page.locator(".verdict .word")).to_contain_text("Une partie est fermée")
    expect(page.locator("main")).to_contain_text(reason)
    expect(page.locator("main")).to_contain_text(TELEPHONE)
    look_both(owner, "status", screens)
    place.as_desk(
        *(
            partial(open_gate, scope=scope, value=value, reason="Fin", author="alice")
            for scope, value in ((Scope.SITE, owner.site), (Scope.GRADE, "typed"))
        )
    )
    page.goto(f"{place.portal}/closed")
    expect(page.locator("#closed")).to_be_hidden()


def test_an_answer_that_says_closed_shows_what_to_do(
    place: Place, owner: Owner, screens: Path
) -> None:
    """Closed while the page is open: under the verdict; and at the top of a page opened after."""
    page = owner.person.page
    page.goto(f"{place.portal}/ask")
    expect(page.locator("#closed")).to_be_hidden()
    gate: Any = {"scope": Scope.SITE, "value": owner.site, "reason": "Essai", "author": "alice"}
    place.as_desk(partial(close_gate, **gate))
    for name, text in (
        ("insurer", "88100014"),
        ("member_number", "0042771803"),
        ("birth_date", "19051985"),
    ):
        page.fill(f"#{name}", text)
    page.click("#ask")
    expect(page.locator('#answer [data-outcome="closed"]')).to_be_visible()
    expect(page.locator("#answer #closed")).to_contain_text(TELEPHONE)
    look_both(owner, "ask-closed", screens)
    page.click("#next")
    expect(page.locator("#closed")).to_be_hidden()
    page.reload()
    expect(page.locator("#closed-title")).to_have_text("Les questions de ce site sont arrêtées.")
    place.as_desk(partial(open_gate, **gate))
