"""One browser, two colleagues: one touch changes hands, five minutes lock, nothing stays."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.place import Person, Place, add_authenticator
from tests.browser.test_pages import look
from tests.browser.test_people import invite

ASKED = """async ([professional, site]) => {
  const { ask } = await import('/portal/static/proof.js');
  const question = {
    insurer: '99999997', member_number: 'CANARY771', birth_date: '1985-05-19', birth_rank: 1,
    domain: 'PHAR', care_date: new Date().toISOString().slice(0, 10), evidence: 'typed',
    card_secret: null, reference: crypto.randomUUID(), professional, site,
  };
  try { return (await ask('rights-questions', question)).outcome; }
  catch (error) { return error.code; }
}"""

WHEN_A_TOUCH_IS_ASKED_FOR = """() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = (options) => {
    const shown = document.getElementById('main').checkVisibility();
    const said = document.getElementById('changing').textContent;
    sessionStorage.setItem('seen', JSON.stringify([shown, said]));
    return get(options);
  };
}"""

AN_ANSWER = """() => {
  const shown = document.createElement('p');
  shown.textContent = 'Pris en charge, engagement 7K2M';
  document.getElementById('main').append(shown);
}"""


@dataclass
class Counter:
    """Two colleagues of one site at one browser, each with a security key of his own."""

    place: Place
    person: Person
    site: str
    rpps: dict[str, str]
    keys: dict[str, str]

    def at_hand(self, *names: str) -> None:
        """Say whose finger is on his key: the others' keys wait."""
        for name, key in self.keys.items():
            self.person.cdp.send(
                "WebAuthn.setAutomaticPresenceSimulation",
                {"authenticatorId": key, "enabled": name in names},
            )

    def touches(self, name: str) -> int:
        """How often somebody has touched his key, as the key itself counts."""
        found = self.person.cdp.send(
            "WebAuthn.getCredentials", {"authenticatorId": self.keys[name]}
        )
        return int(found["credentials"][0]["signCount"])

    def ask(self, name: str) -> str:
        said: str = self.person.page.evaluate(ASKED, [self.rpps[name], self.site])
        return said

    def is_of(self, name: str) -> None:
        expect(self.person.page.locator("header .hands")).to_have_text(name)

    def sessions(self) -> list[tuple[Any, ...]]:
        return self.place.owned(
            "select c.name, s.session_no::text, t.locks_at > clock_timestamp() as open"
            " from identity.session s join identity.token t using (token_hash)"
            " join identity.colleague c using (account_id)"
            " join identity.account a using (account_id)"
            " join identity.site st on st.site_id = a.site_id"
            " where t.revoked_at is null and st.identifier = %s order by c.name",
            self.site,
        )

    def askers(self) -> list[str]:
        found = self.place.owned(
            "select p.professional from journal.entry e join journal.payload p using (entry_no)"
            " where e.kind = 'answer' and p.site = %s order by e.entry_no",
            self.site,
        )
        return [row[0] for row in found]


@contextmanager
def counter(place: Place, chromium: Browser, **how: Any) -> Iterator[Counter]:  # noqa: ANN401 - Playwright's own
    """Enrol Alice and Bob at one browser; Alice is signed in, nobody's finger is on a key."""
    rpps, link, second = place.invited("Alice Martin")
    with place.person(chromium, **how) as person:
        place.enrol(person, link, second)
        place.sign_in(person)
        codes = invite(place, person, "Bob Durand")
        ((site, his),) = place.owned(
            "select s.identifier, q.rpps from identity.colleague c"
            " join identity.account a using (account_id) join identity.site s using (site_id)"
            " join identity.account o on o.site_id = s.site_id and o.account_id <> a.account_id"
            " join identity.professional p on p.professional_id = a.professional_id"
            " join identity.professional q on q.professional_id = o.professional_id"
            " where p.rpps = %s",
            rpps,
        )
        keys = {"Alice Martin": person.authenticator, "Bob Durand": ""}
        found = Counter(place, person, site, {"Alice Martin": rpps, "Bob Durand": his}, keys)
        del keys["Bob Durand"]
        found.at_hand()
        keys["Bob Durand"] = add_authenticator(person.cdp, "usb")
        place.enrol(person, *codes)
        found.at_hand()
        # Two pages, so that there is something to go back to.
        person.page.goto(f"{place.portal}/people")
        person.page.goto(f"{place.portal}/account")
        found.is_of("Alice Martin")
        yield found
        assert person.faults == []


def test_one_touch_changes_hands_and_the_journal_has_two_names(
    place: Place, chromium: Browser
) -> None:
    with counter(place, chromium) as at:
        page = at.person.page
        assert at.ask("Alice Martin") == "insurer_not_served"
        page.fill("#label", "Martin 1850519")
        page.evaluate(AN_ANSWER)
        before = at.touches("Bob Durand")
        page.evaluate(WHEN_A_TOUCH_IS_ASKED_FOR)
        at.at_hand("Bob Durand")
        page.keyboard.press("F2")
        at.is_of("Bob Durand")
        at.at_hand()
        # Out of sight before anybody has touched anything.
        seen = page.evaluate("JSON.parse(sessionStorage.getItem('seen'))")
        assert seen == [False, "Touchez votre clé d’accès : le poste passe à votre nom."]
        assert at.touches("Bob Durand") == before + 1
        expect(page.locator("main")).to_be_visible()
        expect(page.locator("main")).not_to_have_text(re.compile("Pris en charge"))
        page.goto(f"{place.portal}/account")
        assert page.input_value("#label") == ""
        # Going back shows nothing of hers.
        page.go_back()
        at.is_of("Bob Durand")
        assert "7K2M" not in page.content()
        assert at.ask("Bob Durand") == "insurer_not_served"
        assert at.ask("Alice Martin") == "professional_not_linked"
        # She takes it back: the same session goes on.
        (hers, _, is_open), *_ = at.sessions()
        assert (hers, is_open) == ("Alice Martin", False)
        kept = at.sessions()[0][1]
        at.at_hand("Alice Martin")
        page.get_by_role("button", name="Changer de main").click()
        at.is_of("Alice Martin")
        assert [(name, is_open) for name, _, is_open in at.sessions()] == [
            ("Alice Martin", True), ("Bob Durand", False),
        ]  # fmt: skip
        assert at.sessions()[0][1] == kept
        assert at.ask("Alice Martin") == "insurer_not_served"
        alice, bob = at.rpps.values()
        assert at.askers() == [alice, bob, alice]


def test_a_hand_over_that_nobody_takes_leaves_it_as_it_was(place: Place, chromium: Browser) -> None:
    with counter(place, chromium) as at:
        page = at.person.page
        page.fill("#label", "En cours")
        # The browser's own refusal, as when somebody closes its question.
        for key in at.keys.values():
            at.person.cdp.send(
                "WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False}
            )
        at.at_hand("Bob Durand")
        page.keyboard.press("F2")
        at.person.said("annulée ou a expiré")
        at.is_of("Alice Martin")
        assert page.input_value("#label") == "En cours"
        assert at.ask("Alice Martin") == "insurer_not_served"


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"viewport": {"width": 1280, "height": 800}}, id="wide"),
        pytest.param(
            {
                "viewport": {"width": 390, "height": 844},
                "color_scheme": "dark",
                "locale": "en-GB",
            },
            id="narrow-dark-english",
        ),
    ],
)
def test_five_minutes_lock_and_one_touch_unlocks(
    place: Place,
    chromium: Browser,
    screens: Path,
    how: dict[str, Any],
    request: pytest.FixtureRequest,
) -> None:
    with counter(place, chromium, **how) as at:
        page = at.person.page
        page.clock.install()
        page.reload()
        at.is_of("Alice Martin")
        look(at.person, f"counter-{request.node.callspec.id}", screens)
        page.fill("#label", "Martin 1850519")
        page.evaluate(AN_ANSWER)
        before = at.sessions()
        page.clock.fast_forward(4 * 60_000 + 30_000)
        assert page.input_value("#label") == "Martin 1850519"
        page.clock.fast_forward(31_000)
        page.wait_for_url(f"{place.portal}/locked")
        look(at.person, f"locked-{request.node.callspec.id}", screens)
        expect(page.locator("main .hands")).to_contain_text("Alice Martin")
        expect(page.locator("nav, #sign-out")).to_have_count(0)
        assert "1850519" not in page.content()
        assert "7K2M" not in page.content()
        # Not signed out, and yet nothing can be asked: not even from this very browser.
        assert [(name, number) for name, number, _ in at.sessions()] == [
            (name, number) for name, number, _ in before
        ]
        assert [is_open for _, _, is_open in at.sessions()] == [False]
        asked = at.askers()
        assert at.ask("Alice Martin") == "session_locked"
        page.wait_for_url(f"{place.portal}/locked")
        assert at.askers() == asked
        page.go_back()
        page.wait_for_url(f"{place.portal}/locked")
        # One key to wake it, one touch; back where she was, with nothing typed.
        touched = at.touches("Alice Martin")
        at.at_hand("Alice Martin")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{place.portal}/account")
        at.is_of("Alice Martin")
        assert at.touches("Alice Martin") == touched + 1
        assert page.input_value("#label") == ""
        assert [(name, number, True) for name, number, _ in before] == at.sessions()
        assert at.ask("Alice Martin") == "insurer_not_served"


def test_a_colleague_takes_over_at_the_lock_screen(place: Place, chromium: Browser) -> None:
    with counter(place, chromium) as at:
        page = at.person.page
        page.get_by_role("button", name="Verrouiller").click()
        page.wait_for_url(f"{place.portal}/locked")
        at.at_hand("Bob Durand")
        page.keyboard.press("F2")
        at.is_of("Bob Durand")
        assert [(name, is_open) for name, _, is_open in at.sessions()] == [
            ("Alice Martin", False), ("Bob Durand", True),
        ]  # fmt: skip


def test_the_database_locks_whatever_the_page_does(place: Place, chromium: Browser) -> None:
    """A page whose clock stands still, a cookie that was stolen: neither asks anything."""
    with counter(place, chromium) as at, place.person(chromium) as thief:
        page = at.person.page
        place.as_owner("update identity.token set locks_at = clock_timestamp()")
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


def test_every_tab_locks_and_changes_hands(place: Place, chromium: Browser) -> None:
    with counter(place, chromium) as at:
        page, other = at.person.page, at.person.context.new_page()
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
