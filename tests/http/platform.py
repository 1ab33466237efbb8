"""The whole platform in one process: both web programs, the real database and blinding."""

import json
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from rempart.api.parts import EdgeParts
from rempart.api.readiness import Readiness
from rempart.app import application
from rempart.edge.observe import Metrics
from rempart.foundation.database import Database
from rempart.foundation.settings import Settings
from rempart.identity import (
    ClientKey,
    EnrolmentCode,
    add_professional,
    add_site,
    issue_code,
    open_account,
)
from rempart.opened import edge_state, signin_state
from rempart.registry import feed_key_name, inner_card, inner_index
from rempart.rights import BlindingClient, BlindingProcess, Purpose
from tests.support.asking import INSURER, cover_people, index_of, one
from tests.support.database import Cluster, DatabaseUnderTest

EDGE = "http://localhost:8765"
SIGNIN = "http://localhost:8766"
ASK = "/v1/rights-questions"
RPPS = "10001234565"
OTHER_RPPS = "10101010105"
SITE = "750012342"
SECRET = "K7QD2XRM4VTA6HFC"
BORN = date(1985, 5, 19)
NUMBERS = {
    "alice": "CANARY771",
    "bob": "CANARY772",
    "carol": "CANARY773",
    "ended": "CANARY774",
    "not_begun": "CANARY775",
    "optic_only": "CANARY776",
    "stranger": "CANARY779",
}


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[ASGIApp]:
    """Run an application's lifespan and give each request its state, as a server does."""
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"] = dict(state or {})
            await app(scope, receive, send)

        yield with_state


def client(app: ASGIApp, url: str, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    """Return a client of an application, whose peer is at an address."""
    transport = httpx.ASGITransport(app, client=(peer, 4711), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=url)


@dataclass
class Platform:
    """Both programs, and a pharmacy's software that is enrolled with a live token."""

    db: DatabaseUnderTest
    settings: Settings
    edge_app: ASGIApp
    signin_app: ASGIApp
    parts: EdgeParts
    edge: httpx.AsyncClient
    signin: httpx.AsyncClient
    today: date
    key: ClientKey
    token: str = ""
    client_id: str = ""
    nonces: dict[str, str] = field(default_factory=dict)

    def question(self, person: str = "alice", **changes: object) -> dict[str, Any]:
        return {
            "insurer": INSURER,
            "member_number": NUMBERS[person],
            "birth_date": BORN.isoformat(),
            "birth_rank": 1,
            "domain": "PHAR",
            "care_date": self.today.isoformat(),
            "evidence": "typed",
            "card_secret": None,
            "reference": secrets.token_hex(8),
            "professional": RPPS,
            "site": SITE,
        } | changes

    def proof(self, body: bytes, **changes: str | bytes | None) -> str:
        """Sign a proof for a question; ``changes`` replace what it is for."""
        told: dict[str, Any] = {
            "method": "POST",
            "url": EDGE + ASK,
            "token": self.token,
            "nonce": self.nonces.get(EDGE),
        }
        told |= changes
        return self.key.proof(
            told["method"], told["url"], told.get("signed", body), told["token"], told["nonce"]
        )

    async def send(
        self, body: bytes, *, headers: dict[str, str] | None = None, **proof: str | bytes | None
    ) -> httpx.Response:
        """Post bytes as a question, with a good token and proof unless told otherwise."""
        sent = {
            "Content-Type": "application/json",
            "Authorization": f"DPoP {self.token}",
            "DPoP": self.proof(body, **proof),
        } | (headers or {})
        return await self.edge.post(ASK, content=body, headers=sent)

    async def ask(self, person: str = "alice", **changes: object) -> httpx.Response:
        return await self.send(json.dumps(self.question(person, **changes)).encode())

    async def outcome(self, person: str = "alice", **changes: object) -> str:
        answer = (await self.ask(person, **changes)).json()
        return str(answer.get("outcome") or answer["code"])

    async def enrol(self, code: str) -> httpx.Response:
        body = json.dumps({"code": code}).encode()
        url = SIGNIN + "/v1/installations"
        proof = self.key.proof("POST", url, body, nonce=self.nonces.get(SIGNIN))
        headers = {"Content-Type": "application/json", "DPoP": proof}
        return await self.signin.post(url, content=body, headers=headers)

    async def mint(self) -> httpx.Response:
        url = SIGNIN + "/v1/token"
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.key.assertion(self.client_id, url),
        }
        request = self.signin.build_request("POST", url, data=form)
        proof = self.key.proof("POST", url, request.content, nonce=self.nonces.get(SIGNIN))
        request.headers["DPoP"] = proof
        return await self.signin.send(request)

    def empty(self, bucket: str, *kinds: int) -> None:
        """Use up a bucket of the keys of these kinds (1 installation, 2 account, 3, 4 site)."""
        self.db.owner.execute(
            f"update guard.budget set {bucket}_tat = guard.now() + {bucket}_burst * {bucket}_every"
            f" where kind = any(%s) and {bucket}_every > 0",
            (list(kinds),),
        )

    def readiness(self) -> Readiness:
        return self.parts.readiness

    def entries(self) -> int:
        return int(one(self.db.owner, "select count(*) as n from journal.entry")["n"])

    def kept(self) -> tuple[object, ...]:
        """Everything that a question may change: entries, budgets, references, who was met."""
        row = one(
            self.db.owner,
            "select (select count(*) from journal.entry) as entries,"
            " (select count(*) from journal.reference) as refs,"
            " (select count(*) from guard.met) as met,"
            " (select count(*) from identity.proof_jti) as proofs,"
            " (select string_agg(concat_ws(' ', b.all_tat, b.new_tat, b.fresh_tat, b.typed_tat,"
            " b.miss_tat), ',' order by b.kind, b.id) from guard.budget b) as spent",
        )
        return tuple(row.values())


@asynccontextmanager
async def platform(db: DatabaseUnderTest, socket: Path) -> AsyncIterator[Platform]:
    """Open everything: people, a pharmacy, both programs, an enrolment and a token."""
    settings = Settings.load(
        {
            "REMPART_BLINDING_SOCKET": str(socket),
            "REMPART_STATE_DIR": str(db.cluster.folder / db.name),
        }
    )
    cover_people(db)
    await hash_people(db, socket)
    code = await _open_pharmacy(db)
    parts: list[EdgeParts] = []

    @asynccontextmanager
    async def edge_opening(metrics: Metrics) -> AsyncIterator[dict[str, Any]]:
        async with edge_state(settings, db.dsn("rempart_edge"), db.keyring, metrics) as state:
            parts.append(state["parts"])
            yield state

    @asynccontextmanager
    async def signin_opening(metrics: Metrics) -> AsyncIterator[dict[str, Any]]:
        async with signin_state(settings, db.dsn("rempart_signin"), db.keyring, metrics) as state:
            yield state

    async with AsyncExitStack() as stack:
        edge = await stack.enter_async_context(served(application("edge", EDGE, edge_opening)))
        signin = await stack.enter_async_context(
            served(application("signin", SIGNIN, signin_opening, portal_origin=EDGE))
        )
        today = one(db.owner, "select (now() at time zone 'Europe/Paris')::date as today")["today"]
        found = Platform(
            db=db,
            settings=settings,
            edge_app=edge,
            signin_app=signin,
            parts=parts[0],
            edge=await stack.enter_async_context(client(edge, EDGE)),
            signin=await stack.enter_async_context(client(signin, SIGNIN)),
            today=today,
            key=ClientKey.generate(),
        )
        await _sign_in(found, code)
        yield found


async def _sign_in(found: Platform, code: str) -> None:
    found.nonces[SIGNIN] = (await found.enrol(code)).headers["DPoP-Nonce"]
    enrolled = await found.enrol(code)
    assert enrolled.status_code == 201, enrolled.text
    found.client_id = enrolled.json()["client_id"]
    minted = await found.mint()
    assert minted.status_code == 200, minted.text
    found.token = minted.json()["access_token"]
    found.nonces[EDGE] = (await found.edge.get("/v1/docs")).headers["DPoP-Nonce"]


async def hash_people(db: DatabaseUnderTest, socket: Path) -> None:
    key = db.keyring.ensure(feed_key_name(INSURER))
    blinding = BlindingClient(socket)
    try:
        for person, number in NUMBERS.items():
            person_index, card = await blinding.blind(
                [
                    (Purpose.REGISTRY, inner_index(key, INSURER, number, BORN, 1)),
                    (Purpose.CARD, inner_card(key, INSURER, number, SECRET)),
                ]
            )
            db.owner.execute(
                "update registry.coverage set person_index = %s, card_hash = %s"
                " where person_index = %s",
                (person_index, card, index_of(person)),
            )
    finally:
        await blinding.close()


async def _open_pharmacy(db: DatabaseUnderTest) -> str:
    async with await Database.open(db.dsn("rempart_desk")) as desk:
        for rpps in (RPPS, OTHER_RPPS):
            await add_professional(desk, rpps, "pharmacien")
        await add_site(desk, SITE, "Pharmacie d'essai")
        for rpps in (RPPS, OTHER_RPPS):
            await open_account(desk, rpps, SITE)
        code = await issue_code(desk, SITE, [RPPS], "essai", timedelta(hours=1))
    assert isinstance(code, EnrolmentCode)
    return code.code


def start_blinding(cluster: Cluster) -> tuple[BlindingProcess, Path]:
    """Start a blinding process on a short path: Unix sockets allow a hundred characters."""
    socket = Path(tempfile.mkdtemp(prefix="rempart-")) / "blinding.sock"
    keys = [cluster.keyring.secret(n) for n in ("registry_index", "met_index", "card_index")]
    return BlindingProcess.start(socket, keys), socket
