"""The software clients of the load: enrolled, with cards to scan and requests signed in advance."""

import asyncio
import hashlib
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import psycopg

from rempart.cli.demo_platform import Platform, running_platform
from rempart.cli.demo_state import settings_for
from rempart.foundation.clock import SystemClock
from rempart.foundation.database import Database
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.processes import free_port
from rempart.identity import EnrolmentCode, add_professional, add_site, issue_code, open_account
from rempart.registry import (
    DomainRule,
    add_insurer,
    add_plan,
    feed_key_name,
    inner_card,
    inner_index,
)
from rempart.rights import BlindingClient, Purpose
from rempart.simulation.question import Question
from rempart.simulation.software import Software, enrol

CLIENTS = 64
REQUESTS = 100
PEOPLE = 2_000
AMC = "7654321"
CARD = "K7QD2XRM4VTA6HFC"
BORN = date(1960, 1, 1)


@dataclass
class Client:
    """One enrolled software, with requests signed in advance."""

    rpps: str
    site: str
    software: Software
    token: str = ""
    requests: list[bytes] | None = None


def luhn(digits: str) -> str:
    """Append the check digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


@contextmanager
def measured_platform() -> Iterator[tuple[Platform, Path]]:
    """Run a platform of a figure's own, quiet in its logs; gives it and its folder."""
    with tempfile.TemporaryDirectory(prefix="rempart-bench-") as name:
        folder = Path(name)
        settings = replace(
            settings_for(folder / "state", free_port(), free_port()), log_level="warning"
        )
        with running_platform(settings, demonstration=True) as platform:
            yield platform, folder


def superuser(platform: Platform) -> psycopg.Connection[tuple[object, ...]]:
    """Connect to arrange what no role may."""
    reached = platform.reached
    assert reached.embedded is not None
    password = reached.keyring.ensure_password(EmbeddedPostgres.superuser)
    return psycopg.connect(
        reached.embedded.dsn(EmbeddedPostgres.superuser, password), autocommit=True
    )


async def arrange(platform: Platform) -> list[Client]:
    """Host an insurer, open 64 accounts at 64 sites whose recorded caps let the load through."""
    with superuser(platform) as owner:
        owner.execute(
            "update guard.profile set all_burst = 10000000, new_burst = 10000000,"
            " fresh_burst = 10000000, typed_burst = 10000000, miss_burst = 10000000"
        )
    desk = await Database.open(platform.reached.conninfo("rempart_desk"), max_size=2)
    clients = []
    try:
        await add_insurer(desk, AMC, "Mutuelle")
        rules = {"PHAR": DomainRule("direct", 10000, None, None)}
        await add_plan(desk, AMC, "COMPLET", "Complet", rules)
        for number in range(CLIENTS):
            rpps, site = luhn(f"1{number:09}"), f"75{number:07}"
            await add_professional(desk, rpps, "pharmacien")
            await add_site(desk, site, "Pharmacie")
            await open_account(desk, rpps, site)
            code = await issue_code(desk, site, [rpps], "banc")
            assert isinstance(code, EnrolmentCode)
            key = await asyncio.to_thread(enrol, code.code, platform.addresses)
            clients.append(Client(rpps, site, Software(key, platform.addresses)))
        await cover(platform)
    finally:
        await desk.close()
    return clients


async def cover(platform: Platform) -> None:
    """Put people into the registry with their real indexes."""
    keyring = platform.keyring
    key = keyring.ensure(feed_key_name(AMC))
    blinding = BlindingClient(platform.settings.blinding_socket)
    people = [f"M{number}" for number in range(PEOPLE)]
    indexes = await blinding.blind(
        [(Purpose.REGISTRY, inner_index(key, AMC, member, BORN, 1)) for member in people]
    )
    cards = await blinding.blind(
        [(Purpose.CARD, inner_card(key, AMC, member, CARD)) for member in people]
    )
    await blinding.close()
    with superuser(platform) as owner:
        row = owner.execute("select insurer_id, plan_id from registry.plan").fetchone()
        assert row is not None
        owner.cursor().executemany(
            "insert into registry.coverage (insurer_id, person_index, member_reference, plan_id,"
            " valid_from, valid_to, cover_rank, card_hash, feed_id)"
            " values (%s, %s, %s, %s, '2020-01-01', '2099-12-31', 1, %s, 0)",
            [
                (row[0], index, hashlib.sha256(index).digest()[:16], row[1], card)
                for index, card in zip(indexes, cards, strict=True)
            ],
        )
        owner.execute("analyze")


def presign(client: Client, platform: Platform, requests: int = REQUESTS) -> None:
    """Get a token and sign every request of a round."""
    # A connection that idled through the last round may have been closed.
    client.software.close()
    client.software = Software(client.software._sender.key, platform.addresses)  # noqa: SLF001 - as below
    reply = client.software.ask(question(client, "M0"))
    assert reply.outcome == "covered", reply
    client.token = client.software._token or ""  # noqa: SLF001 - the load is made of what it would send
    asked = [question(client, f"M{secrets.randbelow(PEOPLE)}") for _ in range(requests)]
    client.requests = signed(client, platform, "/v1/rights-questions", asked)


def signed(client: Client, platform: Platform, path: str, told: Sequence[object]) -> list[bytes]:
    """Return a request for each body, whole, with the client's token and a proof of its own."""
    sender, base = client.software._sender, platform.addresses.public_url  # noqa: SLF001 - likewise
    found = []
    for one in told:
        body = msgspec.json.encode(one)
        proof = sender.key.proof("POST", base + path, body, client.token, sender._nonces.get(base))  # noqa: SLF001 - likewise
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {urlsplit(base).netloc}\r\n"
            f"Content-Type: application/json\r\nAuthorization: DPoP {client.token}\r\n"
            f"DPoP: {proof}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


def question(client: Client, member: str) -> Question:
    """Make one question with a scanned card."""
    return Question(
        insurer=AMC,
        member_number=member,
        birth_date=BORN,
        birth_rank=1,
        domain="PHAR",
        care_date=SystemClock().today(),
        evidence="scan",
        card_secret=CARD,
        reference=secrets.token_hex(8),
        professional=client.rpps,
        site=client.site,
    )
