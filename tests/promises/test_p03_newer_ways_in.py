"""P3 by the newer ways in: feeds over HTTP with report and mail, the portal, erasure, a copy."""

import asyncio
import json
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import msgspec
import pytest

from rempart.cli.demo_platform import Platform as RunningPlatform
from rempart.cli.demo_state import settings_for
from rempart.edge.cookie import COOKIE
from rempart.foundation.clock import SystemClock
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.processes import free_port
from rempart.simulation.question import Question
from rempart.simulation.software import Software, enrol
from tests.http.platform import RPPS, SITE
from tests.intake.premises import Intake, Premises, _kill_tree, intake, send_all
from tests.portal import visitor
from tests.registry.feeds import HEADER, end, line
from tests.support.canaries import (
    MEMBER,
    NIR,
    OTHER_MEMBER,
    SECRET,
    hits,
    looked_through,
    shown,
)
from tests.support.real_platform import arrange, run_command

pytestmark = pytest.mark.slow

BORN = "1931-07-29"
ASK = "/v1/portal/rights-questions"
PAGES = ("", "/sign-in", "/enrol", "/account", "/people", "/activity", "/budgets", f"/{MEMBER}")


@dataclass
class Planted:
    """Where the canaries went in, and everything that was answered."""

    taken: Intake
    folders: list[Path]
    answers: list[bytes]

    def looked(self) -> dict[str, bytes]:
        """Everything that the platform keeps or said, its copy and its mails among it."""
        found = looked_through(self.taken.platform, self.folders, self.taken.printed)
        url = self.taken.platform.settings.intake_url
        found |= {page: shown(url + page) for page in ("/metrics", "/readyz", "/v1/openapi.json")}
        found |= {f"answer {n}": one for n, one in enumerate(self.answers)}
        found |= {
            f"mail {n}": cast("bytes", one.content)
            for n, one in enumerate(self.taken.mails.received)
        }
        return found


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("ways")
    elsewhere = folder / "elsewhere"
    with intake(folder / "premises") as taken:
        platform = taken.platform
        made = Planted(taken, [platform.settings.state_dir, taken.spool], [])
        code = arrange(platform).code
        software = Software(enrol(code, platform.addresses), platform.addresses)
        mine = taken.insurer()
        with mine.sender:
            made.answers += send_feeds(taken, mine)
            made.answers += asyncio.run(visit_portal(taken, mine))
            taken.command("purge")
            copy_elsewhere(made, folder / "copy", elsewhere)
            made.answers += without_blinding(taken, mine, software)
        software.close()
        yield made
    if EmbeddedPostgres.is_made(elsewhere):
        EmbeddedPostgres(elsewhere).erase()


def send_feeds(taken: Intake, mine: Premises) -> list[bytes]:
    """Send a feed, a delta, a source in clear, feeds with damaged lines, and broken requests."""
    key = mine.folder / "feed.key"
    key.touch(mode=0o600)
    key.write_text(mine.hashing.feed.hex())
    taken.command("feed", "trust", "--insurer", mine.amc, "--feed-key", str(key))
    people = [line(one, birth_date=BORN, card_secret=SECRET) for one in (MEMBER, OTHER_MEMBER)]
    answers = []
    good = mine.feed(*people)
    send_all(mine, "full", good)
    assert mine.wait("full", "in_force", "refused")["accepted"] == 2
    send_all(mine, "ends-one", mine.feed(end(OTHER_MEMBER, birth_date=BORN), is_delta=True))
    assert mine.wait("ends-one", "in_force", "refused", "needs_confirmation")["refused"] == 0

    # What nobody should send: the insurer's own file, in clear, which is never written down.
    clear = "\n".join([HEADER, *people, f"{NIR},{SECRET}"]).encode()
    told = mine.put("clear", clear)
    assert told.json()["code"] == "not_a_prepared_feed"
    answers.append(told.content)
    # Lines that were never prepared, behind those that were.
    header, *lines = good.read_bytes().splitlines(keepends=True)
    stray = f"{MEMBER},{SECRET},29/07/1931,{NIR}\n".encode()
    for name, data in (
        ("damaged", b"".join([header, *lines, stray, stray])),
        ("swapped", b"".join([header, stray, *lines[1:]])),
    ):
        answers.append(mine.put(name, data).content)
        assert mine.wait(name, "in_force", "refused")["state"] == "refused"
    give_up = time.monotonic() + 60
    while len(taken.mails.received) < 2:
        assert time.monotonic() < give_up, len(taken.mails.received)
        time.sleep(0.2)

    odd = {"Content-Range": f"bytes {NIR}-1/{MEMBER}", "User-Agent": SECRET, "X-Request-Id": NIR}
    answers += [
        mine.put("odd", clear, headers={name: value}).content for name, value in odd.items()
    ]
    answers.append(mine.ask("GET", f"/v1/feeds/absent?member={MEMBER}&born={BORN}").content)
    answers.append(mine.ask("POST", f"/v1/{NIR}", clear).content)
    answers += [mine.ask("GET", f"/v1/feeds/{name}").content for name in ("damaged", "swapped")]
    assert taken.has_spooled_nothing()
    return answers


async def visit_portal(taken: Intake, mine: Premises) -> list[bytes]:
    """Sign in as the site's administrator, ask about the canaries, and look at every page."""
    settings = taken.platform.settings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visitor, "EDGE", settings.public_url)
        patch.setattr(visitor, "SIGNIN", settings.signin_url)
        async with (
            httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as edge,
            httpx.AsyncClient(base_url=settings.signin_url, trust_env=False) as signin,
        ):
            alice = await signed_in(taken.platform, edge, signin)
            return await ask_and_look(alice, mine.amc, edge)


async def signed_in(
    platform: RunningPlatform, edge: httpx.AsyncClient, signin: httpx.AsyncClient
) -> visitor.Visitor:
    """Invite, enrol and sign in over the real processes."""
    nonces = {
        str(http.base_url).rstrip("/"): (await http.get("/v1/docs")).headers["DPoP-Nonce"]
        for http in (edge, signin)
    }
    reached = SimpleNamespace(
        edge=edge, signin=signin, nonces=nonces, db=SimpleNamespace(dsn=platform.reached.conninfo)
    )
    alice = await visitor.administrator(cast("Any", reached))
    answer = await alice.sign_in()
    assert answer.status_code == 200, answer.text
    return alice


async def ask_and_look(alice: visitor.Visitor, amc: str, edge: httpx.AsyncClient) -> list[bytes]:
    asked = msgspec.to_builtins(question(amc, "counter"))
    answers = [await alice.post(ASK, asked, edge=True)]
    assert answers[0].json().get("outcome") == "covered", answers[0].text
    scanned = asked | {"evidence": "scan", "card_secret": SECRET, "reference": NIR}
    answers.append(await alice.post(ASK, scanned, edge=True))
    assert answers[1].json().get("outcome") == "covered", answers[1].text
    changed = [
        asked | {name: canary}
        for name in ("insurer", "domain", "evidence", "reference", "professional", "site")
        for canary in (MEMBER, NIR, BORN)
    ]
    answers += [await alice.post(ASK, one, edge=True) for one in changed]
    answers.append(await alice.post(ASK, edge=True, body=json.dumps(asked).encode() * 2))
    answers.append(await alice.post(f"{ASK}?q={NIR}", asked, edge=True))
    answers.append(await alice.post(visitor.IN + "challenge", {MEMBER: NIR}, proved=False))
    answers.append(await alice.post(visitor.IN + "session", {"credential": asked}))
    headers = {"Cookie": f"{COOKIE}={alice.cookie}", "Referer": f"http://x/{NIR}"}
    for page in PAGES:
        answers.append(await edge.get(f"/portal{page}", headers=headers))
        # The link to the other language says a page's address back, to whoever asked for it alone.
        await edge.get(f"/portal{page}?member={MEMBER}&born={BORN}&nir={NIR}", headers=headers)
    return [one.content + repr(one.headers.multi_items()).encode() for one in answers]


def copy_elsewhere(made: Planted, copy: Path, elsewhere: Path) -> None:
    """Copy the running database, and put the copy in another platform's place."""
    made.taken.command("db", "backup", str(copy))
    others = settings_for(elsewhere, free_port(), free_port())
    shutil.copytree(made.taken.platform.settings.keyring, others.keyring)
    done = run_command(replace(others, log_level="debug"), "db", "restore", str(copy), "--json")
    made.taken.printed += [done.stdout, done.stderr]
    assert done.returncode == 0, done.stderr
    made.folders += [copy, EmbeddedPostgres(elsewhere).data_dir]


def without_blinding(taken: Intake, mine: Premises, software: Software) -> list[bytes]:
    """Ask, and send a feed, while nothing can be blinded: faults, and what they say."""
    process = taken.platform.supervisor._running.pop("blinding")
    _kill_tree(process.pid, signal.SIGKILL)
    process.wait()
    asked = software.ask(question(mine.amc, "unblinded"))
    assert (asked.status, asked.body["code"]) == (503, "unavailable")
    data = mine.feed(line(MEMBER, birth_date=BORN, card_secret=SECRET)).read_bytes()
    sent = mine.put("unblinded", data)
    assert mine.wait("unblinded", "importing")["received"] == len(data)
    return [sent.content, asked.content]


def question(amc: str, reference: str) -> Question:
    """Ask about the canary as the card says it."""
    return Question(
        insurer=amc, member_number=MEMBER, birth_date=date.fromisoformat(BORN), birth_rank=1,
        domain="PHAR", care_date=SystemClock().today(), evidence="typed", reference=reference,
        professional=RPPS, site=SITE,
    )  # fmt: skip


def test_no_canary_is_found_anywhere(planted: Planted) -> None:
    found = planted.looked()
    assert len(planted.taken.mails.received) == 2
    assert any("pg_wal" in name for name in found)
    assert any("intake-worker" in name for name in found), sorted(found)
    # A feed that waits to be opened is there, hashed.
    assert list(planted.taken.spool.glob("*.feed"))
    assert hits(found) == []


def test_what_is_looked_for_would_be_found(planted: Planted) -> None:
    """What is kept of each of these ways is found by the same look."""
    found = planted.looked()
    together = b"".join(content for name, content in found.items() if name.startswith("table "))
    assert b"ends-one" in together
    assert b"flux@" in together
    assert any(name.startswith("table jobs.") and content for name, content in found.items())
    assert any(b"damaged" in content for name, content in found.items() if "mail" in name)
    for folder in planted.folders[2:]:
        assert any(SITE.encode() in found[name] for name in found if str(folder) in name)
