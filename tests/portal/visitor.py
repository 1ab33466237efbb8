"""Somebody at a browser, over HTTP: a passkey, a browser's key, and what the page would fetch."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from rempart.edge.cookie import COOKIE
from rempart.foundation.database import Database
from rempart.identity import ClientKey, Codes, Invited, invite_administrator
from tests.http.platform import EDGE, RPPS, SIGNIN, SITE, Platform
from tests.support.authenticator import Authenticator

IN = "/v1/signin/"


@dataclass
class Visitor:
    """One person at one browser; ``cookie`` is the token, ``page`` what the page was told."""

    platform: Platform
    device: Authenticator = field(default_factory=lambda: Authenticator(EDGE))
    key: ClientKey = field(default_factory=ClientKey.generate)
    cookie: str | None = None
    page: dict[str, Any] = field(default_factory=dict)

    async def post(
        self,
        path: str,
        message: dict[str, Any] | None = None,
        *,
        proved: bool = True,
        edge: bool = False,
        key: ClientKey | None = None,
        cookie: str | None = None,
        headers: dict[str, str | None] | None = None,
        body: bytes | None = None,
    ) -> httpx.Response:
        """Send what the page would; ``headers`` replace what a browser adds, None leaves it out."""
        base = EDGE if edge else SIGNIN
        http = self.platform.edge if edge else self.platform.signin
        content = json.dumps(message or {}).encode() if body is None else body
        token = cookie or self.cookie
        sent: dict[str, str | None] = {
            "Content-Type": "application/json",
            "Origin": EDGE,
            "Sec-Fetch-Site": "same-origin" if edge else "same-site",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36",
        }
        if token is not None:
            sent["Cookie"] = f"{COOKIE}={token}"
        if proved:
            named = None if path == IN + "session" else token
            nonce = self.platform.nonces.get(base)
            sent["DPoP"] = (key or self.key).proof("POST", base + path, content, named, nonce)
        sent |= headers or {}
        kept = {name: value for name, value in sent.items() if value is not None}
        return await http.post(path, content=content, headers=kept)

    async def enrol(self, codes: Codes, label: str = "Ordinateur du comptoir") -> httpx.Response:
        """Make a first passkey with an invitation's two codes."""
        both = {"link": codes.link, "second": codes.second}
        begun = await self.post(IN + "enrolment", both, proved=False)
        if begun.status_code != 200:
            return begun
        made = self.device.make(begun.json())
        told = both | {"credential": made, "label": label}
        return await self.post(IN + "passkey", told, proved=False)

    async def challenge(self) -> dict[str, Any]:
        begun = await self.post(IN + "challenge", {}, proved=False)
        assert begun.status_code == 200, begun.text
        options: dict[str, Any] = begun.json()
        return options

    async def sign_in(self, **changes: object) -> httpx.Response:
        """Touch the passkey and begin a session; ``changes`` replace what the browser writes."""
        touched = self.device.touch(await self.challenge(), **changes)
        answer = await self.post(IN + "session", {"credential": touched})
        if answer.status_code == 200:
            self.cookie = answer.headers["set-cookie"].split(";")[0].split("=", 1)[1]
            self.page = answer.json()
        return answer

    async def use(self, **how: Any) -> httpx.Response:  # noqa: ANN401 - as `post` takes them
        """Say that somebody is there: the least that a live session with its key can do."""
        return await self.post("/v1/portal/session", {}, edge=True, **how)


async def administrator(platform: Platform) -> Visitor:
    """Return the site's administrator, invited by the operator and enrolled, not signed in."""
    visitor = Visitor(platform)
    enrolled = await visitor.enrol(await invited(platform))
    assert enrolled.status_code == 204, enrolled.text
    return visitor


async def invited(platform: Platform, rpps: str = RPPS, name: str = "Alice Martin") -> Codes:
    """Invite an administrator as the operator does; the codes."""
    async with await Database.open(platform.db.dsn("rempart_desk"), max_size=1) as desk:
        found = await invite_administrator(desk, rpps, SITE, name)
    assert isinstance(found, Invited)
    return found.codes
