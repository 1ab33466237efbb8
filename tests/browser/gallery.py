"""Every page and every state of a page that people see: what `make screens` takes and tests check.

To add one, add a line to `PAGES`: its name, and what brings a browser there.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import Browser, expect

from rempart.guard import Scope, close_gate
from tests.browser import money, states
from tests.browser.cards import Cards
from tests.browser.hands import answered, scan, type_card
from tests.browser.looking import watch_network
from tests.browser.place import Person, Place
from tests.browser.stage import become, steal

Arrange = Callable[[Place, Person], None]
LOCALES: Final = {"fr": "fr-FR", "en": "en-GB"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One page in one state. `arrange` starts anywhere, and leaves the browser in the state."""

    name: str
    arrange: Arrange
    signed_in: bool = True
    """As a site's administrator; else as somebody whom nobody knows."""
    alone: bool = False
    """With a person and a site of its own: what it does would spoil the others' states."""
    languages: tuple[str, ...] = ("fr",)
    profession: str = "pharmacien"


def at(path: str) -> Arrange:
    """Go to a page, and that is all."""

    def arrange(place: Place, person: Person) -> None:
        person.page.goto(f"{place.portal}{path}", wait_until="networkidle")

    return arrange


def status(place: Place, person: Person) -> None:
    person.page.goto(f"{place.platform.settings.public_url}/status", wait_until="networkidle")


def invited(place: Place, person: Person) -> None:
    _, link, _ = place.invited()
    person.page.goto("about:blank")
    person.page.goto(link)


def enrolled(place: Place, person: Person) -> None:
    _, link, second = place.invited()
    place.enrol(person, link, second)


def enrolment_refused(place: Place, person: Person) -> None:
    invited(place, person)
    person.page.fill("#second", "0000-0000")
    person.page.fill("#label", "Comptoir")
    person.page.click("#enrol button")
    expect(person.page.locator("#said")).to_have_class("bad")


def invitation_ready(place: Place, person: Person) -> None:
    page = person.page
    page.goto(f"{place.portal}/people")
    page.fill("#name", "Bob Durand")
    page.fill("#professional", place.professional())
    page.click("#invite button")
    expect(page.locator("#second")).to_have_text(re.compile("[0-9A-Z]{4}-[0-9A-Z]{4}"))


def answered_about_nobody(place: Place, person: Person) -> None:
    page = person.page
    page.goto(f"{place.portal}/ask")
    for name, typed in (("insurer", "000000"), ("member_number", "1"), ("birth_date", "01021950")):
        page.fill(f"#{name}", typed)
    page.click("#ask")
    expect(page.locator("#answer")).to_have_attribute("data-shown", "insurer_not_served")


def asked(sample: str, outcome: str) -> Arrange:
    """Ask about a sample card by typing; `outcome` is what the page must answer."""

    def arrange(place: Place, person: Person) -> None:
        card = Cards.of(place).samples[sample].person
        person.page.goto(f"{place.portal}/ask")
        type_card(person, card)
        answered(person, outcome)

    return arrange


def out_of_budget(place: Place, person: Person) -> None:
    place.empty(person, "typed")
    asked("glasses", "better_evidence_needed")(place, person)


def exception_offered(place: Place, person: Person) -> None:
    cards = Cards.of(place)
    person.page.goto(f"{place.portal}/ask")
    place.empty(person, "fresh")
    scan(person, cards.payload(cards.samples["glasses"].person))
    answered(person, "exception_possible")


def closed_to_him(place: Place, person: Person) -> None:
    scope = (Scope.PROFESSIONAL, person.rpps)
    place.as_desk(lambda desk: close_gate(desk, *scope, reason="Essai", author="Officier"))
    asked("typed", "closed")(place, person)


def invitation_wrong(place: Place, person: Person) -> None:
    page = person.page
    page.goto(f"{place.portal}/people")
    page.fill("#professional", "1234")
    page.click("#invite button")
    expect(page.locator("#name-error")).to_be_visible()
    expect(page.locator("#professional-error")).to_be_visible()
    expect(page.locator("#name")).to_be_focused()


def people_asked_whether_sure(place: Place, person: Person) -> None:
    invitation_ready(place, person)
    person.page.reload()
    person.page.click("[data-leave]")
    expect(person.page.locator("#sure")).to_be_visible()


def signed_out(place: Place, person: Person) -> None:
    person.page.goto(f"{place.portal}/account")
    person.page.click("#sign-out")
    person.page.wait_for_url(f"{place.portal}/signed-out")


def locked(place: Place, person: Person) -> None:
    person.page.goto(f"{place.portal}/ask")
    person.page.click("#lock-now")
    person.page.wait_for_url(f"{place.portal}/locked")


def ended(place: Place, person: Person) -> None:
    # Once the page has proved that somebody is there: what is refused next is the question.
    person.page.goto(f"{place.portal}/ask", wait_until="networkidle")
    place.as_owner(
        "update identity.token set revoked_at = clock_timestamp() where token_hash in"
        " (select s.token_hash from identity.session s join identity.account a using (account_id)"
        " join identity.professional p using (professional_id) where p.rpps = %s)",
        person.rpps,
    )
    person.page.press("#insurer", "Enter")
    expect(person.page.locator("main a.button")).to_be_focused()


def demonstration(place: Place, person: Person) -> None:
    url = place.platform.settings.public_url
    person.page.goto(f"{url}/demo", wait_until="networkidle")


def stolen(place: Place, person: Person) -> None:
    become(person, place, "Alice Martin")
    steal(person, place)
    # As it is opened again: what was fetched while it ran is no part of the page.
    person.page.reload()
    expect(person.page.locator("#after")).to_be_visible(timeout=60_000)


PAGES: Final = (
    Shown("sign_in", at("/sign-in"), signed_in=False, languages=("fr", "en")),
    Shown("status", status, signed_in=False, languages=("fr", "en")),
    Shown("enrol", invited, signed_in=False),
    Shown("enrol-refused", enrolment_refused, signed_in=False),
    Shown("enrol-done", enrolled, signed_in=False, alone=True),
    Shown("ask", at("/ask"), languages=("fr", "en")),
    Shown("ask-late", states.late, alone=True, languages=("fr", "en")),
    Shown("ask-answer", answered_about_nobody, languages=("fr", "en")),
    Shown("ask-covered", asked("typed", "covered"), languages=("fr", "en")),
    Shown("ask-not-found", asked("wrong_birth_date", "no_right_found")),
    Shown("ask-better-evidence", out_of_budget, alone=True),
    Shown("ask-exception", exception_offered, alone=True),
    Shown("ask-closed", closed_to_him, alone=True),
    Shown("closed", at("/closed")),
    Shown("account", at("/account"), languages=("fr", "en")),
    Shown("activity", at("/activity")),
    Shown("budgets", at("/budgets")),
    Shown("authorization", at("/authorization"), languages=("fr", "en"), profession="opticien"),
    Shown("authorization-read", money.authorization_wanted, profession="opticien"),
    Shown("authorization-agreed", money.authorized, languages=("fr", "en"), profession="opticien"),
    Shown("authorization-over", money.authorization_over, profession="opticien"),
    Shown("payments", money.payments, languages=("fr", "en")),
    Shown("payments-found", money.payment_found),
    Shown("payments-notice", money.payment_opened),
    Shown("payments-bill", money.billing),
    Shown("payments-bill-wrong", money.billing_wrong),
    Shown("payments-returned", money.payment_sent_back, alone=True),
    Shown("people", at("/people")),
    Shown("people-wrong", invitation_wrong),
    Shown("people-sure", people_asked_whether_sure),
    Shown("site", at("/site")),
    Shown("site-alerts", states.alerted, alone=True),
    Shown("theft", at("/theft"), languages=("fr", "en")),
    Shown("people-invitation", invitation_ready, languages=("fr", "en")),
    Shown("locked", locked, alone=True, languages=("fr", "en")),
    Shown("session-over", ended, alone=True),
    Shown("signed_out", signed_out, alone=True),
)

STAGED: Final = (
    Shown("demo", demonstration, signed_in=False, languages=("fr", "en")),
    Shown("theft-after", stolen, signed_in=False, alone=True),
    Shown("theft-running", states.stealing, signed_in=False, alone=True),
)
"""Pages of a demonstration with its stage; test_theft.py goes through them."""


@dataclass
class Gallery:
    """Whoever looks at the pages: made when first needed, shared by the pages that allow it."""

    place: Place
    chromium: Browser
    _stack: ExitStack
    _people: dict[tuple[str, bool, str], Person] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def opened(cls, place: Place, chromium: Browser) -> Iterator["Gallery"]:
        with ExitStack() as stack:
            yield cls(place, chromium, stack)

    @contextmanager
    def showing(self, shown: Shown, language: str) -> Iterator[Person]:
        """Bring somebody's browser into the state, wide and light."""
        with ExitStack() as until_shown:
            if shown.alone:
                person = self._come(until_shown, language, shown.signed_in, shown.profession)
            else:
                whose = (language, shown.signed_in, shown.profession)
                if whose not in self._people:
                    self._people[whose] = self._come(self._stack, *whose)
                person = self._people[whose]
            person.page.set_viewport_size({"width": 1280, "height": 800})
            person.page.emulate_media(color_scheme="light")
            shown.arrange(self.place, person)
            yield person
            person.page.unroute_all(behavior="ignoreErrors")

    def _come(self, stack: ExitStack, language: str, signed_in: bool, profession: str) -> Person:
        how = {"locale": LOCALES[language], "viewport": {"width": 1280, "height": 800}}
        person = stack.enter_context(self.place.person(self.chromium, **how))
        watch_network(person, self.place)
        if signed_in:
            person.rpps, link, second = self.place.invited(profession=profession)
            self.place.enrol(person, link, second)
            self.place.sign_in(person)
        return person
