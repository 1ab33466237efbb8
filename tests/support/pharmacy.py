"""A pharmacy's software on a wire of its own: signed requests as bytes, answers as they come."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import msgspec
from stdnum import luhn

from rempart.identity import ClientKey, NonceClock
from tests.http.platform import ASK, BORN, NUMBERS
from tests.support.asking import INSURER, Site
from tests.support.database import DatabaseUnderTest
from tests.support.edges import PUBLIC

HOST = PUBLIC.removeprefix("http://")


@dataclass(frozen=True)
class Heard:
    """One answer, and how long it took in seconds."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]
    seconds: float

    @property
    def said(self) -> str:
        """The outcome, or the code of a refusal."""
        return str(self.body.get("outcome") or self.body.get("code"))

    @property
    def leaf(self) -> str:
        return str(self.body["receipt"]["leaf"])


@dataclass
class Pharmacy:
    """One enrolled installation with a token that lives for the test."""

    site: Site
    key: ClientKey
    nonces: NonceClock

    @classmethod
    def make(cls, db: DatabaseUnderTest, number: int = 0) -> Self:
        """Open the pharmacy of this number, its one account, and enrol its software."""
        stem = f"1000{number:06}"
        rpps = stem + str(luhn.calc_check_digit(stem))
        site = Site.make(db, identifier=f"7500{number:05}", rpps=rpps)
        key = ClientKey.generate()
        which = (site.installation.installation_id,)
        db.owner.execute(
            "update identity.installation set jkt = %s, public_jwk = %s where installation_id = %s",
            (key.jkt, json.dumps(key.jwk, separators=(",", ":")), *which),
        )
        db.owner.execute(
            "update identity.token set jkt = %s, expires_at = expires_at + %s"
            " where installation_id = %s",
            (key.jkt, timedelta(hours=2), *which),
        )
        site.installation.jkt = key.jkt
        return cls(site, key, NonceClock(db.keyring.secret("nonce")))

    def question(self, person: str = "alice", **changes: object) -> dict[str, Any]:
        return {
            "insurer": INSURER,
            "member_number": NUMBERS.get(person, person),
            "birth_date": BORN.isoformat(),
            "birth_rank": 1,
            "domain": "PHAR",
            "care_date": self.site.today.isoformat(),
            "evidence": "typed",
            "card_secret": None,
            "reference": secrets.token_hex(8),
            "professional": self.site.rpps,
            "site": self.site.identifier,
        } | changes

    def request(self, question: dict[str, Any] | None = None) -> bytes:
        """Sign one request and write it as it goes over the wire."""
        body = json.dumps(question or self.question()).encode()
        token = self.site.installation.token
        proof = self.key.proof("POST", PUBLIC + ASK, body, token, self.nonces.current())
        head = (
            f"POST {ASK} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            f"Authorization: DPoP {token}\r\nDPoP: {proof}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Wire:
    """One connection to an edge."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, request: bytes) -> Heard:
        """Send bytes and read one answer; raises what a broken connection raises."""
        began = asyncio.get_running_loop().time()
        self.writer.write(request)
        await self.writer.drain()
        return await self.hear(began)

    async def hear(self, began: float | None = None) -> Heard:
        """Read one answer."""
        clock = asyncio.get_running_loop().time
        start = clock() if began is None else began
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        content = await self.reader.readexactly(int(headers.get("content-length", "0")))
        body = msgspec.json.decode(content) if content else {}
        return Heard(int(head[0].split()[1]), headers, body, clock() - start)

    async def is_ended(self) -> bool:
        """Whether the other side has closed; reads away what still comes. Waits for it."""
        try:
            while await self.reader.read(65_536):
                pass
        except ConnectionError:
            return True
        return True


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    """Connect to an edge."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


async def ask(port: int, request: bytes) -> Heard:
    """Ask one thing on a connection of its own."""
    async with wire(port) as line:
        return await line.send(request)
