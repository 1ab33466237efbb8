"""A site at a real platform, and people at real browsers with virtual passkeys."""

import asyncio
import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from rempart.cli.demo_platform import Platform
from rempart.foundation.database import Database
from rempart.foundation.reach import MIGRATOR
from rempart.identity import (
    Codes,
    Invited,
    add_professional,
    add_site,
    invite_administrator,
    open_account,
)

CHROMIUM = Path("/usr/bin/chromium")
TELEPHONE = "+33 1 99 00 12 34"
LABEL = "Pharmacie du Marché"
_SITES = itertools.count(10)
# RPPS numbers whose check digit is right, for nobody who exists.
_PEOPLE = iter([f"100000{n:04d}" for n in range(100, 999)])


def next_rpps() -> str:
    """Return an RPPS number that no other test has."""
    from stdnum import luhn as check

    stem = next(_PEOPLE)
    return stem + str(check.calc_check_digit(stem))


@dataclass
class Person:
    """Somebody at a browser: a context of its own, a page, a virtual authenticator."""

    context: BrowserContext
    page: Page
    cdp: CDPSession
    authenticator: str
    rpps: str = ""
    faults: list[str] = field(default_factory=list)
    """What the page complained of: errors, and what its policy refused."""

    def said(self, what: str) -> None:
        """Expect the page to say something."""
        expect(self.page.locator("#said")).to_have_text(re.compile(what))


@dataclass
class Place:
    """One platform that runs."""

    platform: Platform

    @classmethod
    def furnish(cls, platform: Platform) -> "Place":
        return cls(platform)

    @property
    def portal(self) -> str:
        return f"{self.platform.settings.public_url}/portal"

    def as_desk(self, *steps: Any) -> list[Any]:  # noqa: ANN401 - coroutine functions of one database
        async def work() -> list[Any]:
            async with await Database.open(
                self.platform.reached.conninfo("rempart_desk"), max_size=1
            ) as desk:
                return [await step(desk) for step in steps]

        # Playwright has a loop in this thread already.
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(asyncio.run, work()).result()

    def as_owner(self, statement: str, *args: object) -> None:
        """Arrange something as the migrator: what a test must know, and no page tells."""
        with psycopg.connect(self.platform.reached.conninfo(MIGRATOR)) as owner:
            owner.execute(statement.encode(), args)

    def owned(self, statement: str, *args: object) -> list[tuple[Any, ...]]:
        """Look at something as the migrator: what is on record, and no page tells."""
        with psycopg.connect(self.platform.reached.conninfo(MIGRATOR)) as owner:
            return owner.execute(statement.encode(), args).fetchall()

    def professional(self, profession: str = "pharmacien") -> str:
        """Put a professional on record who works nowhere; the RPPS number."""
        rpps = next_rpps()
        self.as_desk(lambda desk: add_professional(desk, rpps, profession))
        return rpps

    def invited(
        self, name: str = "Alice Martin", profession: str = "pharmacien"
    ) -> tuple[str, str, str]:
        """Open a site with an administrator who is invited; RPPS number, link, second code."""
        rpps, site = self.professional(profession), f"7500{next(_SITES):05d}"
        *_, found = self.as_desk(
            lambda desk: add_site(desk, site, LABEL),
            lambda desk: open_account(desk, rpps, site),
            lambda desk: invite_administrator(desk, rpps, site, name),
        )
        assert isinstance(found, Invited)
        return rpps, self.link(found.codes), found.codes.second

    def site_of(self, rpps: str) -> str:
        """Return the number of the one site where somebody works."""
        with psycopg.connect(self.platform.reached.conninfo(MIGRATOR)) as owner:
            row = owner.execute(
                "select s.identifier from identity.site s join identity.account using (site_id)"
                " join identity.professional using (professional_id) where rpps = %s",
                (rpps,),
            ).fetchone()
        assert row is not None
        return str(row[0])

    @contextmanager
    def signed_in(
        self,
        chromium: Browser,
        profession: str = "pharmacien",
        **how: Any,  # noqa: ANN401 - Playwright's own
    ) -> Iterator[Person]:
        """Give somebody a browser who is signed in and about to ask."""
        rpps, link, second = self.invited(profession=profession)
        with self.person(chromium, **how) as person:
            person.rpps = rpps
            self.enrol(person, link, second)
            self.sign_in(person)
            yield person

    def empty(self, person: Person, bucket: str) -> None:
        """Use up a budget of somebody's account: all, new, fresh, typed or miss."""
        self.as_owner(
            f"update guard.budget set {bucket}_tat = guard.now() + {bucket}_burst * {bucket}_every"
            f" where kind = 2 and {bucket}_every > 0 and id = (select a.account_id"
            " from identity.account a join identity.professional p using (professional_id)"
            " where p.rpps = %s)",
            person.rpps,
        )

    def refill(self, person: Person, bucket: str) -> None:
        """Give a budget of somebody's account back."""
        self.as_owner(
            f"update guard.budget set {bucket}_tat = 0 where kind = 2 and id = (select a.account_id"
            " from identity.account a join identity.professional p using (professional_id)"
            " where p.rpps = %s)",
            person.rpps,
        )

    def link(self, codes: Codes) -> str:
        return f"{self.portal}/enrol#{codes.link}"

    @contextmanager
    def person(self, chromium: Browser, **how: Any) -> Iterator[Person]:  # noqa: ANN401 - Playwright's own
        """Give somebody a browser: French, in Paris, with a passkey's device."""
        told = {"locale": "fr-FR", "timezone_id": "Europe/Paris"} | how
        context = chromium.new_context(**told)
        try:
            page = context.new_page()
            cdp = context.new_cdp_session(page)
            cdp.send("WebAuthn.enable", {"enableUI": False})
            person = Person(context, page, cdp, add_authenticator(cdp))
            watch(person)
            yield person
        finally:
            context.close()

    def enrol(self, person: Person, link: str, second: str, label: str = "Comptoir") -> None:
        person.page.goto(link)
        person.page.fill("#second", second)
        person.page.fill("#label", label)
        person.page.click("#enrol button")
        person.said("enregistrée|on record")

    def sign_in(self, person: Person) -> None:
        person.page.goto(f"{self.portal}/sign-in")
        person.page.click("#sign-in")
        person.page.wait_for_url(f"{self.portal}/ask")


def add_authenticator(cdp: CDPSession, transport: str = "internal") -> str:
    """Plug in a virtual authenticator that verifies its user; its id."""
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    found = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return str(found["authenticatorId"])


def watch(person: Person) -> None:
    """Note whatever a page complains of."""
    page, faults = person.page, person.faults
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        # A refusal over HTTP is shown to people; the browser also writes it down.
        lambda said: (
            faults.append(said.text)
            if said.type == "error" and "Failed to load resource" not in said.text
            else None
        ),
    )
    page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (e) => console.error('policy', e.violatedDirective, e.blockedURI))"
    )
