"""Two sites with their people, their software and an insurer's: whoever can call an address."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from psycopg.types.json import Jsonb

from rempart.app import application
from rempart.edge.cookie import COOKIE
from rempart.edge.observe import Metrics
from rempart.foundation.database import Database
from rempart.identity import (
    Codes,
    EnrolmentCode,
    InsurerScope,
    Invited,
    add_site,
    invite_administrator,
    issue_code,
    issue_insurer_code,
    open_account,
)
from rempart.opened import intake_state
from rempart.route import Route
from rempart.routes import TABLE
from tests.http.callers import Caller, insurers
from tests.http.named_things import BOB, ZOE, feed_of, things
from tests.http.platform import (
    EDGE,
    OTHER_RPPS,
    RPPS,
    SIGNIN,
    SITE,
    Platform,
    client,
    served,
)
from tests.portal.visitor import IN, Visitor
from tests.support.asking import INSURER, one
from tests.support.paying import paid_to

INTAKE = "http://localhost:8767"
PEER = "192.0.2.7"
ALICE = OTHER_RPPS
CAROL, DAVE, ERIC, FRED = "10000000041", "10000000058", "10000000066", "10000000074"
SITE_2 = "750012359"
DELIVERED = {
    "category": "PH7",
    "price_cents": 1000,
    "base_cents": 1000,
    "obligatory_cents": 650,
}
WITHOUT_TOKEN = {"browser", "assertion", "enrolment_code"}


@dataclass
class Everybody:
    """The callers by role, and what the messages name."""

    platform: Platform
    http: dict[str, httpx.AsyncClient]
    callers: dict[str, Caller]
    bob: Visitor
    named: dict[str, Any]

    async def call(
        self,
        route: Route,
        who: Caller,
        message: bytes | dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Call an address with everything that the caller has."""
        base = {"edge": EDGE, "signin": SIGNIN, "intake": INTAKE}[route.process]
        claim = self.named["claims"].get(route.name, "0" * 32)
        path = route.path.replace("{feed_id}", "feed-1").replace("{claim}", claim)
        path = path.replace("{remittance}", self.named.get("remittance", "RP" + "0" * 32))
        content = message if isinstance(message, bytes) else json.dumps(message).encode()
        # Where nobody has a token yet, proofs name none.
        named = None if route.guarded.who in WITHOUT_TOKEN else who.token
        nonce = self.platform.nonces.get(base)
        sent = {
            # The portal's page speaks to sign-in too; the intake knows no page but its own.
            "Origin": INTAKE if base == INTAKE else EDGE,
            "DPoP": who.key.proof(route.method, base + path, content, named, nonce),
            "Content-Type": "application/json",
        }
        if who.token is not None:
            sent |= {"Cookie": f"{COOKIE}={who.token}", "Authorization": f"DPoP {who.token}"}
        answer = await self.http[route.process].request(
            route.method, path, content=content, headers=sent | (headers or {})
        )
        if "DPoP-Nonce" in answer.headers:
            self.platform.nonces[base] = answer.headers["DPoP-Nonce"]
        return answer

    def message(self, name: str, who: Caller) -> tuple[bytes | dict[str, Any], dict[str, str]]:
        """Return what is said at an address: always about the same things, whoever says it."""
        if name == "create_token":
            said = {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": who.key.assertion(who.client_id, SIGNIN + "/v1/token"),
            }
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            return urlencode(said).encode(), form
        if name == "invite_colleague":
            return {"professional": DAVE if who.rpps == ALICE else ERIC, "name": "Dave"}, {}
        if name in {"ask_rights", "ask_from_portal"}:
            rpps = RPPS if name == "ask_rights" else BOB
            return self.platform.question(professional=rpps, site=SITE), {}
        if name in {"ask_quote", "quote_from_portal"}:
            rpps = RPPS if name == "ask_quote" else BOB
            return self.platform.question(professional=rpps, site=SITE, lines=[DELIVERED]), {}
        if name == "send_feed":
            return self.named[name], self.named["feed_headers"]
        return self.named.get(name, {}), {}


def of(name: str) -> Route:
    return next(route for route in TABLE if route.name == name)


@asynccontextmanager
async def opened(platform: Platform, tmp_path: Path) -> AsyncIterator[Everybody]:
    """Open the intake beside the platform, and everybody."""
    async with AsyncExitStack() as stack:
        intake = await stack.enter_async_context(
            served(application("intake", INTAKE, _intake(platform)))
        )
        apps = {"edge": platform.edge_app, "signin": platform.signin_app, "intake": intake}
        urls = {"edge": EDGE, "signin": SIGNIN, "intake": INTAKE}
        http = {
            name: await stack.enter_async_context(client(app, urls[name], PEER))
            for name, app in apps.items()
        }
        yield await arranged(platform, http, tmp_path)


def _intake(platform: Platform) -> Any:  # noqa: ANN401 - an opening, as app.py has it
    conninfo, keyring = platform.db.dsn("rempart_intake"), platform.db.keyring

    @asynccontextmanager
    async def opening(metrics: Metrics) -> AsyncIterator[dict[str, Any]]:
        async with intake_state(platform.settings, conninfo, keyring, metrics) as state:
            yield state

    return opening


async def arranged(
    platform: Platform, http: dict[str, httpx.AsyncClient], folder: Path
) -> Everybody:
    """Open two sites with their people, an insurer's software, and all that messages name."""
    owner = platform.db.owner
    for rpps in (BOB, ZOE, CAROL, DAVE, ERIC, FRED):
        owner.execute("select identity.add_professional(%s, 'pharmacien')", (rpps,))
    codes = await as_desk(platform)
    alice, carol = Visitor(platform), Visitor(platform)
    for visitor, code in ((alice, codes[0]), (carol, codes[1])):
        assert (await visitor.enrol(code)).status_code == 204
        assert (await visitor.sign_in()).status_code == 200
    bob, zoe = Visitor(platform), Visitor(platform)
    for visitor, rpps in ((bob, BOB), (zoe, ZOE)):
        assert (await visitor.enrol(await invited_by(alice, rpps))).status_code == 204
        assert (await visitor.sign_in()).status_code == 200
    owner.execute(
        "update identity.colleague set last_seen_at = last_seen_at - interval '7 months'"
        " where user_handle = %s",
        (zoe.device.handle,),
    )
    software = Caller(platform.key, platform.token, platform.client_id)
    callers = {
        "anonymous": Caller(),
        "professional": person(platform, bob, BOB),
        "elsewhere": person(platform, carol, CAROL),
        "administrator": person(platform, alice, ALICE),
        "software": software,
        "insurer": await insurers(platform, codes[2], "feeds"),
        "answering": await insurers(platform, codes[3], "claims"),
    }
    named = await things(platform, bob) | feed_of(folder)
    platform.nonces[INTAKE] = (await http["intake"].get("/v1/feeds/x")).headers["DPoP-Nonce"]
    named["claims"] = {}
    named["held"] = {"link": codes[4], "invited": await invited_by(alice, FRED)}
    everybody = Everybody(platform, http, callers, bob, named)
    await remittances(everybody)
    await claims(everybody)
    await agreed(everybody)
    return everybody


async def as_desk(platform: Platform) -> tuple[Codes, Codes, str, str, str]:
    """Invite both administrators; codes for an insurer's two softwares, and for a pharmacy's."""
    async with await Database.open(platform.db.dsn("rempart_desk"), max_size=1) as desk:
        await add_site(desk, SITE_2, "Pharmacie d'ailleurs")
        await open_account(desk, CAROL, SITE_2)
        alice = await invite_administrator(desk, ALICE, SITE, "Alice Martin")
        carol = await invite_administrator(desk, CAROL, SITE_2, "Carol Petit")
        feeds = await issue_insurer_code(desk, INSURER, "essai")
        answers = await issue_insurer_code(desk, INSURER, "essai", InsurerScope.CLAIMS)
        software = await issue_code(desk, SITE, [RPPS], "essai", timedelta(hours=1))
    assert isinstance(alice, Invited)
    assert isinstance(carol, Invited)
    assert isinstance(feeds, EnrolmentCode)
    assert isinstance(answers, EnrolmentCode)
    assert isinstance(software, EnrolmentCode)
    return alice.codes, carol.codes, feeds.code, answers.code, software.code


async def invited_by(alice: Visitor, rpps: str) -> Codes:
    answer = await alice.post(IN + "colleagues", {"professional": rpps, "name": "Quelqu'un"})
    assert answer.status_code == 201, answer.text
    return Codes(answer.json()["link"].split("#")[1], answer.json()["second"])


def person(platform: Platform, visitor: Visitor, rpps: str) -> Caller:
    statement = "select client_id from identity.installation where jkt = %s"
    row = one(platform.db.owner, statement, visitor.key.jkt)
    return Caller(visitor.key, visitor.cookie, row["client_id"], rpps)


async def claims(everybody: Everybody) -> None:
    """Name a guarantee of the software's and one of Bob's, and a claim of each on another."""
    platform, named = everybody.platform, everybody.named
    for name, role, rpps, reads in (
        ("claim", "software", RPPS, ("read_claim", "cancel_claim")),
        ("claim_from_portal", "professional", BOB, ("cancel_from_portal",)),
    ):
        who = everybody.callers[role]
        asks = of("ask_rights" if role == "software" else "ask_from_portal")
        promised = []
        for patient in ("bob", "carol"):
            question = platform.question(patient, professional=rpps, site=SITE)
            answer = await everybody.call(asks, who, question)
            promised.append(answer.json()["engagement"])
        said = [
            {"engagement": each, "reference": f"F-{n}-{role}", "lines": [DELIVERED]}
            for n, each in enumerate(promised)
        ]
        named[name] = said[0]
        made = await everybody.call(of(name), who, said[1])
        assert made.status_code == 200, made.text
        for reading in reads:
            named["claims"][reading] = made.json()["claim"]
            named[reading] = b""


async def remittances(everybody: Everybody) -> None:
    """Name a payment to the professional's site, of a claim of the software's."""
    platform, named = everybody.platform, everybody.named
    who = everybody.callers["software"]
    question = platform.question("alice", professional=RPPS, site=SITE)
    answer = await everybody.call(of("ask_rights"), who, question)
    said = {"reference": "F-paid", "lines": [DELIVERED], "engagement": answer.json()["engagement"]}
    assert (await everybody.call(of("claim"), who, said)).status_code == 200
    named["remittance"] = paid_to(platform.db, SITE)
    received = one(platform.db.owner, "select claim_id from billing.claim")["claim_id"].hex()
    named["claims"]["read_received"] = received
    named["read_received"] = b""
    named["answer_claims"] = {"answers": [{"claim": received, "answer": "accepted"}]}
    for reading in ("list_remittances", "list_earlier_remittances", "read_remittance"):
        named[reading] = b""
    named["open_notice"] = {"remittance": named["remittance"]}
    named["list_paid"] = {"before": named["remittance"]}
    named["look_up_payment"] = {"engagement": said["engagement"]}


async def agreed(everybody: Everybody) -> None:
    """Name a prise en charge of the software's."""
    platform = everybody.platform
    rules = {"PHAR": {"mode": "on_request", "rate_bp": 10000}}
    platform.db.owner.execute(
        "select registry.add_plan(%s, 'COMPLET', 'Complet', %s)", (INSURER, Jsonb(rules))
    )
    quote = platform.question("bob", professional=RPPS, site=SITE, lines=[DELIVERED])
    answer = await everybody.call(of("ask_quote"), everybody.callers["software"], quote)
    for name in ("read_authorization", "withdraw_from_portal", "cancel_authorization"):
        everybody.named[name] = {"authorization": answer.json()["engagement"]}
