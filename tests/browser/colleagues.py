"""Two colleagues of one site at one browser, and an administrator who invites on the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.place import Person, Place, add_authenticator

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


def invite(place: Place, alice: Person, name: str) -> tuple[str, str]:
    """Invite a colleague on the page; the link and the second code that it shows."""
    page = alice.page
    page.goto(f"{place.portal}/people")
    page.fill("#name", name)
    page.fill("#professional", place.professional())
    page.click("#invite button")
    expect(page.locator("#codes")).to_be_visible()
    return page.locator("#link").inner_text(), page.locator("#second").inner_text()


@dataclass
class Counter:
    """Two colleagues of one site at one browser, each with a security key of his own."""

    place: Place
    person: Person
    site: str
    rpps: dict[str, str]
    keys: dict[str, str]

    def begin(self) -> None:
        """Begin as if nobody had been here: Alice signs in, then nobody's finger is on a key."""
        self.place.as_owner(
            "update identity.token set revoked_at = clock_timestamp() where revoked_at is null"
            " and token_hash in (select s.token_hash from identity.session s"
            " join identity.account a using (account_id) join identity.site t using (site_id)"
            " where t.identifier = %s)",
            self.site,
        )
        self.person.context.clear_cookies()
        self.at_hand("Alice Martin")
        self.place.sign_in(self.person)
        self.at_hand()
        # Two pages, so that there is something to go back to.
        self.person.page.goto(f"{self.place.portal}/people")
        self.person.page.goto(f"{self.place.portal}/account")
        self.is_of("Alice Martin")

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
def colleagues(place: Place, chromium: Browser, **how: Any) -> Iterator[Counter]:  # noqa: ANN401 - Playwright's own
    """Enrol Alice and Bob at one browser. `begin` makes it Alice's."""
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
        yield found
