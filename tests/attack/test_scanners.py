"""Wapiti and sqlmap, bounded and on loopback, find nothing: signed in and not, behind proofs too.

docs/security/scanners.md says what they were given and what they printed.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest

from rempart.cli.output import run
from rempart.edge.cookie import COOKIE
from rempart.foundation.clock import SystemClock
from rempart.foundation.database import Database
from rempart.foundation.reach import MIGRATOR
from rempart.identity import ClientKey, Codes, Invited, invite_administrator
from rempart.routes import of
from tests.support.authenticator import Authenticator
from tests.support.real_platform import RPPS, SITE, RealPlatform, real_platform
from tests.support.signing_relay import Signing, SigningInBrowser, full_of_holes, listening

pytestmark = pytest.mark.soak

MODULES = (
    "backup,blindsql,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,"
    "permanentxss,redirect,shellshock,sql,xss"
)
"""Every module but those that need a server of theirs elsewhere, or a list to try by force."""

LONGEST_S = 240
EXPLAINED = {
    "X-XSS-Protection is not set": "obsolete: browsers have dropped it, and it did harm",
    "Strict-Transport-Security is not set": "sent where the portal is https; here it is loopback",
}

QUESTION = {
    "insurer": "990001",
    "member_number": "M0000001",
    "birth_date": "31011980",
    "birth_rank": "1",
    "domain": "PHAR",
    "care_date": f"{SystemClock().today():%d%m%Y}",
    "evidence": "typed",
    "reference": "again",
}
ACTIVITY = {
    "first_day": "2026-01-01",
    "last_day": "2026-01-31",
    "domain": None,
    "outcome": "covered",
}


@dataclass(frozen=True)
class Target:
    """A platform that runs, with somebody signed in."""

    real: RealPlatform
    cookie: str
    key: ClientKey

    @property
    def edge(self) -> str:
        return self.real.platform.settings.public_url

    @property
    def signin(self) -> str:
        return self.real.platform.settings.signin_url


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    for tool in ("wapiti", "sqlmap"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not here: apt has it")
    line = "M0000001,1980-01-31,1,COMPLET,2020-01-01,2099-12-31,\n"
    with real_platform(tmp_path_factory.mktemp("scanned"), line) as real:
        with psycopg.connect(real.platform.reached.conninfo(MIGRATOR)) as owner:
            owner.execute(
                "update guard.budget set all_burst = 1000000, new_burst = 1000000,"
                " fresh_burst = 1000000, typed_burst = 1000000, miss_burst = 1000000"
            )
        yield Target(real, *signed_in(real))


def signed_in(real: RealPlatform) -> tuple[str, ClientKey]:
    """Invite the pharmacist, enrol, sign in; the session's cookie, and its browser's key."""

    async def invite() -> Codes:
        async with await Database.open(
            real.platform.reached.conninfo("rempart_desk"), max_size=1
        ) as desk:
            found = await invite_administrator(desk, RPPS, SITE, "Alice Martin")
        assert isinstance(found, Invited)
        return found.codes

    settings, codes = real.platform.settings, run(invite())
    base, key = settings.portal_signin_url, ClientKey.generate()
    device = Authenticator(settings.public_url)
    as_page = {"Origin": settings.public_url, "Sec-Fetch-Site": "same-site"}
    with httpx.Client(base_url=base, trust_env=False, headers=as_page) as http:
        both = {"link": codes.link, "second": codes.second}
        made = device.make(http.post("/v1/signin/enrolment", json=both).json())
        told = both | {"credential": made, "label": "Comptoir"}
        http.post("/v1/signin/passkey", json=told).raise_for_status()
        touched = device.touch(http.post("/v1/signin/challenge", json={}).json())
        content = json.dumps({"credential": touched}).encode()
        answer, nonce = None, None
        while answer is None or (answer.status_code != 200 and nonce):
            proof = key.proof("POST", f"{base}/v1/signin/session", content, None, nonce)
            headers = {"DPoP": proof, "Content-Type": "application/json"}
            answer = http.post("/v1/signin/session", content=content, headers=headers)
            nonce = None if nonce else answer.headers.get("DPoP-Nonce")
    answer.raise_for_status()
    return str(answer.headers["set-cookie"].split(";")[0].partition("=")[2]), key


def quietly(command: list[str], folder: Path) -> str:
    """Run a scanner in a home of its own, for so long at most; what it printed."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "no_proxy": "*"}
    done = subprocess.run(
        ["timeout", str(LONGEST_S), *command],
        cwd=folder,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    (folder / "printed.txt").write_text(done.stdout + done.stderr)
    return done.stdout + done.stderr


def wapiti(folder: Path, address: str, paths: list[str], cookie: str | None = None) -> list[str]:
    """Crawl and attack a site for three minutes at most; what was found, in a line each."""
    report = folder / "report.json"
    command = ["wapiti", "-u", address + paths[0], "--scope", "domain", "-m", MODULES]
    command += [word for path in paths for word in ("-s", address + path)]
    command += ["-d", "3", "--max-scan-time", "100", "--max-links-per-page", "60", "-v", "1"]
    command += ["--flush-session", "--no-bugreport", "-f", "json", "-o", str(report)]
    if cookie is not None:
        command += ["-H", f"Cookie: {COOKIE}={cookie}"]
    printed = quietly(command, folder)
    assert report.exists(), printed
    found = json.loads(report.read_text())
    return [
        f"{kind}: {one['info']} ({one['method']} {one['path']})"
        for part in ("vulnerabilities", "anomalies")
        for kind, several in found[part].items()
        for one in several
        if one["info"] not in EXPLAINED
    ]


def sqlmap(folder: Path, *told: str) -> str:
    """Try every way in that sqlmap knows for PostgreSQL and SQLite; its verdict."""
    command = [
        "sqlmap",
        "--batch",
        "--disable-coloring",
        "--flush-session",
        "--technique",
        "BEUSTQ",
    ]
    command += ["--time-sec", "3", "--retries", "0", "--output-dir", str(folder / "out")]
    command += ["--ignore-code", "400,401,403,404,415,422,429", *told]
    printed = quietly(command, folder)
    if "identified the following injection point" in printed:
        return "injectable"
    tested = "do not appear to be injectable" in printed or "not injectable" in printed
    return "nothing" if tested else f"not tested: {printed[-1500:]}"


def test_wapiti_finds_a_hole_where_there_is_one(tmp_path: Path) -> None:
    with listening(full_of_holes) as address:
        found = " ".join(wapiti(tmp_path, address, ["/?id=1&q=a"]))
    assert "SQL Injection" in found
    assert "Cross Site Scripting" in found


def test_sqlmap_finds_a_hole_where_there_is_one(tmp_path: Path) -> None:
    with listening(full_of_holes) as address:
        assert sqlmap(tmp_path, "-u", f"{address}/?id=1", "-p", "id") == "injectable"


@pytest.mark.parametrize("as_whom", ["nobody", "administrator"])
def test_wapiti_finds_nothing(target: Target, tmp_path: Path, as_whom: str) -> None:
    paths = [row.path for row in of("edge") if row.method == "GET" and "/static/" not in row.path]
    asked = [f"{path}?lang=fr" if path.startswith("/portal") else path for path in paths]
    cookie = target.cookie if as_whom == "administrator" else None
    assert wapiti(tmp_path, target.edge, asked, cookie) == []


def test_wapiti_finds_nothing_at_sign_in(target: Target, tmp_path: Path) -> None:
    paths = [row.path for row in of("signin")]
    assert wapiti(tmp_path, target.signin, [f"{path}?a=1" for path in paths]) == []


@pytest.mark.parametrize("as_whom", ["nobody", "administrator"])
def test_sqlmap_finds_nothing_in_pages(target: Target, tmp_path: Path, as_whom: str) -> None:
    page = f"{target.edge}/portal/account?lang=fr"
    told = ["--cookie", f"{COOKIE}={target.cookie}"] if as_whom == "administrator" else []
    assert sqlmap(tmp_path, "-u", page, "-p", "lang,User-Agent", "--level", "3", *told) == "nothing"


def test_sqlmap_finds_nothing_in_what_sign_in_is_told(target: Target, tmp_path: Path) -> None:
    address = f"{target.real.platform.settings.portal_signin_url}/v1/signin/enrolment"
    body = json.dumps({"link": "AAAAA-AAAAA-AAAAA-AAAAA", "second": "AAAA-AAAA"})
    headers = f"Content-Type: application/json\nOrigin: {target.edge}\nSec-Fetch-Site: same-site"
    told = ("--data", body, "--headers", headers, "-p", "link,second")
    assert sqlmap(tmp_path, "-u", address, *told) == "nothing"


@pytest.mark.parametrize("field", ["member_number", "domain", "reference"])
def test_sqlmap_finds_nothing_in_a_question(target: Target, tmp_path: Path, field: str) -> None:
    """Each try is signed as the installation's own: it goes as far as any question does."""
    question = json.loads(msgspec.json.encode(target.real.question("M0000001", date(1980, 1, 31))))
    question["reference"] = "again"
    signing = Signing(target.real.software)
    with listening(signing) as address:
        told = ("--data", json.dumps(question), "--headers", "Content-Type: application/json")
        found = sqlmap(tmp_path, "-u", f"{address}/v1/rights-questions", *told, "-p", field)
    target.real.software.close()
    assert found == "nothing"
    # It was tried in earnest: questions were answered, and others refused for what stood in them.
    assert signing.statuses.get(200, 0) >= 1
    assert sum(signing.statuses.values()) >= 20
    assert not [status for status in signing.statuses if status >= 500]


@pytest.mark.parametrize(
    "path,message,field,reaches",
    [
        ("rights-questions", QUESTION, "insurer", 422),
        ("rights-questions", QUESTION, "birth_date", 422),
        ("rights-questions", QUESTION, "reference", 200),
        ("activity", ACTIVITY, "outcome", 422),
    ],
)
def test_sqlmap_finds_nothing_behind_the_portal(
    target: Target, tmp_path: Path, path: str, message: dict[str, object], field: str, reaches: int
) -> None:
    """Each try is proved as the session's own browser would."""
    cookie = f"{COOKIE}={target.cookie}"
    signing = SigningInBrowser(target.edge, target.key, cookie, target.cookie)
    body = json.dumps(message)
    with listening(signing) as address:
        told = ("--data", body, "--headers", "Content-Type: application/json")
        found = sqlmap(tmp_path, "-u", f"{address}/v1/portal/{path}", *told, "-p", field)
    assert found == "nothing"
    assert signing.statuses.get(reaches, 0) >= 1, signing.statuses
    assert sum(signing.statuses.values()) >= 20
    assert not [status for status in signing.statuses if status >= 500 or status in {401, 403}]
