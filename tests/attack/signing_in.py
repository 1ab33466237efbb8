"""A sign-in process as its clients see it, over ASGI on a real database, for the attacks on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from rempart.app import application
from rempart.edge.observe import Metrics
from rempart.foundation.settings import Settings
from rempart.identity import ClientKey, NonceClock
from rempart.opened import signin_state
from tests.http.platform import client, served
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest

SIGNIN = "http://localhost:8766"
TOKEN_URL = SIGNIN + "/v1/token"
INSTALLATIONS_URL = SIGNIN + "/v1/installations"
FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Door:
    """One sign-in process, and a good nonce for it."""

    http: httpx.AsyncClient
    nonces: NonceClock

    async def post(
        self, url: str, body: bytes, headers: list[tuple[str, str]] | dict[str, str]
    ) -> httpx.Response:
        return await self.http.post(url, content=body, headers=headers)

    async def token(
        self,
        key: ClientKey,
        *,
        form: dict[str, str] | None = None,
        body: bytes | None = None,
        assertion: str | None = None,
        signer: ClientKey | None = None,
        proof: str | None = None,
    ) -> httpx.Response:
        """Ask for a token as an honest software does, but for what is given."""
        given = form or self.form(assertion or key.assertion(key.client_id or "", TOKEN_URL))
        content = urlencode(given).encode() if body is None else body
        proof = proof or self.proof(signer or key, TOKEN_URL, content)
        return await self.post(TOKEN_URL, content, {"Content-Type": FORM, "DPoP": proof})

    def form(self, assertion: str) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }

    def proof(self, key: ClientKey, url: str, body: bytes) -> str:
        return key.proof("POST", url, body, nonce=self.nonces.current())


@asynccontextmanager
async def door(db: DatabaseUnderTest) -> AsyncIterator[Door]:
    """Start a sign-in process of one's own: its own pool, its own memory."""
    settings = Settings.load({})

    @asynccontextmanager
    async def opening(metrics: Metrics) -> AsyncIterator[dict[str, Any]]:
        async with signin_state(settings, db.dsn("rempart_signin"), db.keyring, metrics) as state:
            yield state

    async with (
        served(application("signin", SIGNIN, opening)) as app,
        client(app, SIGNIN) as http,
    ):
        nonces = NonceClock(db.keyring.secret("nonce"))
        nonces.begin(bytes(one(db.owner, "select foundation.read_epoch() as epoch")["epoch"]))
        yield Door(http, nonces)
