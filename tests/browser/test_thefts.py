"""S10 and S11 in a real browser: a stolen cookie, a look-alike of the portal, a mailbox."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from playwright.sync_api import Browser, expect

from rempart.foundation.processes import free_port
from tests.browser.place import Place, add_authenticator

DROPPED = (
    "host", "origin", "referer", "sec-fetch-site", "connection", "accept-encoding",
    "content-length",
)  # fmt: skip

WITHOUT_THE_KEY = """async () => {
  const { send } = await import('/portal/static/proof.js');
  const kind = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(kind, false, ['sign']);
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const key = { signer: pair.privateKey, jwk: { crv, kty, x, y } };
  const tried = [];
  for (const shown of [null, key, { ...key, ath: 'A'.repeat(43) }]) {
    for (const path of ['session', 'rights-questions']) {
      try { await send(`${location.origin}/v1/portal/${path}`, {}, shown); tried.push('in'); }
      catch (error) { tried.push(error.code); }
    }
  }
  return tried;
}"""

UNDER_ANOTHER_NAME = """async (host) => {
  const answer = await fetch('/v1/signin/challenge', {
    method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } });
  const challenge = await answer.json();
  const tried = [];
  for (const rpId of [host, location.hostname]) {
    try {
      const options = { ...challenge, rpId };
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
      await navigator.credentials.get({ publicKey });
      tried.push('signed');
    } catch (error) { tried.push(error.name); }
  }
  return tried;
}"""


def test_a_stolen_cookie_in_another_browser(place: Place, chromium: Browser) -> None:
    """S10: the thief sees the account's own page, gets no answer, and changes nothing."""
    _, link, second = place.invited()
    with place.person(chromium) as alice, place.person(chromium) as thief:
        place.enrol(alice, link, second)
        place.sign_in(alice)
        (cookie,) = alice.context.cookies()
        thief.context.add_cookies(
            [
                {
                    "name": cookie["name"],
                    "value": cookie["value"],
                    "domain": "localhost",
                    "path": "/",
                    "secure": True,
                    "httpOnly": True,
                    "sameSite": "Strict",
                }
            ]
        )
        page = thief.page
        page.goto(f"{place.portal}/account")
        # What it shows is about the account; nothing of it can be done from here.
        thief.said("n’a pas la clé de cette session")
        page.fill("#label", "Clé du voleur")
        page.click("#add button")
        thief.said("n’a pas la clé de cette session")
        page.click("#sign-out")
        thief.said("n’a pas la clé de cette session")
        tried = page.evaluate(WITHOUT_THE_KEY)
        assert tried == ["invalid_proof"] * 6
        # Alice goes on as if nothing had been.
        alice.page.goto(f"{place.portal}/account")
        expect(alice.page.locator("main")).to_have_text(re.compile("Comptoir"))
        expect(alice.page.locator("main")).not_to_have_text(re.compile("voleur"))
        assert alice.faults == []


class Relay(BaseHTTPRequestHandler):
    """A look-alike: passes everything on to the real portal, and keeps what comes back."""

    portal = signin = ""
    own_port = 0
    stolen: list[str]

    def do_GET(self) -> None:
        self._pass_on("GET")

    def do_POST(self) -> None:
        self._pass_on("POST")

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def _pass_on(self, method: str) -> None:
        """Forward as the portal's own page would have sent it; rewrite addresses in what comes."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        base = self.signin if self.path.startswith("/v1/signin/") else self.portal
        headers = {n: v for n, v in self.headers.items() if n.lower() not in DROPPED}
        if method == "POST":
            headers |= {"Origin": self.portal, "Sec-Fetch-Site": "same-site"}
        answer = httpx.request(
            method, base + self.path, content=body, headers=headers, trust_env=False
        )
        self.stolen += answer.headers.get_list("set-cookie")
        here = f"http://rempart-portail.localhost:{self.own_port}"
        content = answer.content
        if "html" in answer.headers.get("content-type", ""):
            content = content.replace(self.signin.encode(), here.encode())
        self.send_response(answer.status_code)
        for name in ("content-type", "location", "dpop-nonce"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def look_alike(place: Place) -> Iterator[type[Relay]]:
    """Serve a look-alike of the portal under another name, relaying in real time."""
    port = free_port()
    settings = place.platform.settings
    relay: Any = type(
        "ThisRelay",
        (Relay,),
        {
            "portal": settings.public_url,
            "signin": settings.signin_url,
            "own_port": port,
            "stolen": [],
        },
    )
    server = ThreadingHTTPServer(("127.0.0.1", port), relay)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()


def test_a_look_alike_that_relays_everything_gets_no_session(
    place: Place, chromium: Browser
) -> None:
    """S11: the browser signs for no name but the page's own, and has no passkey for that."""
    _, link, second = place.invited()
    with look_alike(place) as relay, place.person(chromium) as alice:
        place.enrol(alice, link, second)
        fake = f"http://rempart-portail.localhost:{relay.own_port}"
        # It looks like the portal.
        alice.page.goto(f"{fake}/portal/sign-in")
        expect(alice.page.locator("#sign-in")).to_be_visible()
        alice.page.click("#sign-in")
        alice.said("annulée|n’a pas abouti")
        # Neither may it ask for a passkey under the portal's name.
        tried = alice.page.evaluate(UNDER_ANOTHER_NAME, "localhost")
        assert "signed" not in tried
        assert relay.stolen == []
        # The same person, at the real portal, comes in.
        place.sign_in(alice)


def test_a_passkey_made_for_a_look_alike_opens_nothing(place: Place, chromium: Browser) -> None:
    """An invitation's link and code are typed at the look-alike, which relays the making."""
    _, link, second = place.invited()
    with look_alike(place) as relay, place.person(chromium) as alice:
        fake = f"http://rempart-portail.localhost:{relay.own_port}"
        alice.page.goto(f"{fake}/portal/enrol#{link.split('#')[1]}")
        alice.page.fill("#second", second)
        alice.page.fill("#label", "Comptoir")
        alice.page.click("#enrol button")
        alice.said("annulée|n’a pas abouti|ne peut pas en créer")
        assert relay.stolen == []


def test_a_mailbox_opens_nothing(place: Place, chromium: Browser) -> None:
    """S11: who reads the mail has the link, at most; the second code never went that way."""
    _, link, second = place.invited()
    with place.person(chromium) as thief, place.person(chromium) as alice:
        thief.page.goto(link)
        thief.page.fill("#label", "x")
        for guess in range(5):
            thief.page.fill("#second", f"0000-000{guess}")
            thief.page.click("#enrol button")
            thief.said("Invitation refusée")
            expect(thief.page.locator("#enrol button.main")).to_be_enabled()
        # He has used it up: the one that it was for asks for another, and nobody is in.
        alice.page.goto(link)
        alice.page.fill("#second", second)
        alice.page.fill("#label", "Comptoir")
        alice.page.click("#enrol button")
        alice.said("Invitation refusée")
        assert thief.context.cookies() == []


def test_two_people_at_one_machine(place: Place, chromium: Browser) -> None:
    """A shared counter: each has a passkey and a key of his own there."""
    _, link, second = place.invited("Alice Martin")
    with place.person(chromium) as counter:
        place.enrol(counter, link, second)
        place.sign_in(counter)
        counter.page.goto(f"{place.portal}/people")
        counter.page.fill("#name", "Bob Durand")
        counter.page.fill("#professional", place.professional())
        counter.page.click("#invite button")
        expect(counter.page.locator("#codes")).to_be_visible()
        his = [counter.page.locator(what).inner_text() for what in ("#link", "#second")]
        counter.page.click("#sign-out")
        counter.page.wait_for_url(f"{place.portal}/signed-out")
        counter.cdp.send(
            "WebAuthn.removeVirtualAuthenticator", {"authenticatorId": counter.authenticator}
        )
        add_authenticator(counter.cdp)
        place.enrol(counter, *his)
        place.sign_in(counter)
        expect(counter.page.locator("header .who")).to_have_text(re.compile("Bob Durand"))
        keys = counter.page.evaluate(
            """async () => {
              const open = indexedDB.open('rempart', 1);
              await new Promise((ok) => { open.onsuccess = ok; });
              const asking = open.result.transaction('keys').objectStore('keys').getAllKeys();
              await new Promise((ok) => { asking.onsuccess = ok; });
              return asking.result.filter((name) => name.startsWith('key ')).length;
            }"""
        )
        assert keys == 2
        assert json.dumps(counter.faults) == "[]"
