"""Held or closed: what whom it stops is told, and what everybody may know; never why of anybody."""

import asyncio
import re

import httpx
import pytest

from rempart.edge.cookie import COOKIE
from rempart.foundation.database import Database
from rempart.rights import Closures
from tests.http.platform import RPPS, SITE, Platform
from tests.portal.visitor import Visitor
from tests.support.database import Connection, DatabaseUnderTest

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

WHY = "Vu par le détecteur"


def close(desk: Connection, scope: str, value: str, until: str | None = None) -> None:
    row = desk.execute(
        "select refused_because from guard.close_gate(%s, %s, %s, 'Alice', %s)",
        (scope, value, WHY, until),
    ).fetchone()
    assert row is not None
    assert row["refused_because"] is None


async def closed_page(alice: Visitor) -> str:
    shown = await alice.platform.edge.get(
        "/portal/closed", headers={"Cookie": f"{COOKIE}={alice.cookie}"}
    )
    assert shown.status_code == 200
    return shown.text


async def status(platform: Platform) -> httpx.Response:
    return await platform.edge.get("/status")


def account(platform: Platform) -> str:
    return f"{RPPS}@{SITE}"


@pytest.fixture
def desk(platform: Platform) -> Connection:
    return platform.db.connect("rempart_desk")


@pytest.mark.parametrize(
    "scope, value, sentence",
    [
        ("account", f"{RPPS}@{SITE}", "Ce compte est mis en sécurité"),
        ("professional", RPPS, "Ce compte est mis en sécurité"),
        ("site", SITE, "Les questions de ce site sont arrêtées"),
        ("channel", "portal", "Le portail ne répond plus"),
        ("platform", "", "La plateforme est fermée pour tout le monde"),
    ],
)
async def test_whom_it_stops_is_told_what_works_and_never_why(
    alice: Visitor, desk: Connection, scope: str, value: str, sentence: str
) -> None:
    open_page = await closed_page(alice)
    assert re.search(r'<section id="closed"[^>]* hidden>', open_page)
    assert "Rien n’est fermé pour ce compte" in open_page
    close(desk, scope, value, "2031-03-01T18:00:00Z")
    page = await closed_page(alice)
    assert sentence in page
    assert not re.search(r'<section id="closed"[^>]* hidden>', page)
    for said in (
        "restent valables et seront payées",
        "Appelez la cellule",
        "1\xa0mars 2031 à\xa019:00",
    ):
        assert said in page
    assert "détecteur" not in page
    # The same is what a question says.
    question = alice.platform.question(professional=RPPS, site=SITE)
    answer = await alice.post("/v1/portal/rights-questions", question, edge=True)
    assert answer.json()["outcome"] == "closed"


async def test_a_hold_is_told_and_the_widest_closure_first(
    alice: Visitor, desk: Connection
) -> None:
    alice.platform.db.owner.execute(
        "insert into guard.hold (account_id, value, reason, author, placed_at)"
        " select account_id, %s, %s, 'Alice', clock_timestamp() from identity.account"
        " join identity.professional using (professional_id) where rpps = %s",
        (account(alice.platform), WHY, RPPS),
    )
    page = await closed_page(alice)
    assert "Ce compte est mis en sécurité" in page
    assert "deux agents ont signé" in page
    assert "détecteur" not in page
    close(desk, "platform", "")
    assert "La plateforme est fermée pour tout le monde" in await closed_page(alice)


async def test_of_others_nothing_is_told(alice: Visitor, desk: Connection) -> None:
    for scope, value in (
        ("account", f"10101010105@{SITE}"),
        ("channel", "software"),
        ("client", alice.platform.client_id),
        ("insurer", "12345678"),
        ("grade", "typed"),
    ):
        close(desk, scope, value)
    assert "Rien n’est fermé pour ce compte" in await closed_page(alice)


async def test_the_public_page_says_what_is_closed_and_of_nobody(
    platform: Platform, desk: Connection
) -> None:
    for scope, value in (
        ("account", account(platform)),
        ("professional", RPPS),
        ("site", SITE),
        ("client", platform.client_id),
    ):
        close(desk, scope, value)
    shown = await status(platform)
    assert shown.status_code == 200
    assert "Tout est ouvert" in shown.text
    assert "détecteur" not in shown.text
    close(desk, "insurer", "12345678", "2031-03-01T18:00:00Z")
    close(desk, "grade", "typed")
    await forget(platform)
    page = (await status(platform)).text
    assert "Une partie est fermée" in page
    assert page.count(WHY) == 2
    assert "Mutuelle d&#39;essai" in page
    assert "Fin prévue le 1\xa0mars 2031 à\xa019:00" in page
    assert not any(name in page for name in (RPPS, SITE, platform.client_id))
    # Without a script of its own, so that it reads the same without JavaScript.
    assert "<script" not in page
    assert "noscript" not in page
    close(desk, "platform", "")
    await forget(platform)
    assert "La plateforme est fermée" in (await status(platform)).text


async def forget(platform: Platform) -> None:
    """Let five seconds pass: what was known is looked up again."""
    await asyncio.sleep(5.1)


async def test_a_crowd_is_one_look_at_the_database(db: DatabaseUnderTest) -> None:
    edge = await Database.open(db.dsn("rempart_edge"), max_size=2)
    looks = Counted(edge)
    try:
        closures = Closures(looks)  # type: ignore[arg-type]  # counts, and passes on
        found = await asyncio.gather(*(closures.public() for _ in range(200)))
    finally:
        await edge.close()
    assert found == [[]] * 200
    assert looks.count == 1


class Counted:
    """A database whose calls are counted."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.count = 0

    async def call(self, function: str, *args: object) -> list[dict[str, object]]:
        self.count += 1
        return await self.database.call(function, *args)


@pytest.mark.usefixtures("away")
async def test_without_the_database_it_says_so(platform: Platform) -> None:
    shown = await status(platform)
    assert shown.status_code == 503
    assert shown.headers["retry-after"] == "10"
    assert "La plateforme ne répond pas" in shown.text
    assert "Appelez la cellule" in shown.text
    assert "Tout est ouvert" not in shown.text
