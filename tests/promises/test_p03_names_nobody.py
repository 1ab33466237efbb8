"""P3: canary identifiers go in through every entry point, and are found nowhere."""

import base64
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # published without types
import pytest

from tests.support.canaries import (
    IBAN,
    MEMBER,
    NIR,
    OTHER_MEMBER,
    SECRET,
    hits,
    looked_through,
    traces,
)
from tests.support.real_platform import AMC, COLUMNS, RPPS, SITE, RealPlatform, real_platform

BORN = date(1931, 7, 29)
LINES = (
    f"{MEMBER},{BORN},1,COMPLET,2020-01-01,2099-12-31,{SECRET}\n"
    f"{OTHER_MEMBER},{BORN},1,COMPLET,2020-01-01,2099-12-31,\n"
)


def test_the_canary_number_has_a_right_key() -> None:
    assert 97 - int(NIR[:13]) % 97 == int(NIR[13:])


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPlatform]:
    with real_platform(tmp_path_factory.mktemp("canary"), LINES) as real:
        plant(real)
        yield real


@pytest.mark.slow
def test_nothing_but_the_standard_library_runs_beside_the_outer_keys(
    planted: RealPlatform,
) -> None:
    leash = psutil.Process(planted.platform.supervisor._running["blinding"].pid)
    (blinding,) = leash.children()
    assert blinding.cmdline()[1:3] == ["-I", "-S"]


def plant(real: RealPlatform) -> None:
    """Send the canaries through every entry point, in good shape and in bad."""
    ask = real.software.ask
    assert ask(real.question(MEMBER, BORN)).outcome == "covered"
    assert (
        ask(real.question(MEMBER, BORN, evidence="scan", card_secret=SECRET)).outcome == "covered"
    )
    assert ask(real.question(OTHER_MEMBER, BORN, birth_rank=2)).outcome == "no_right_found"
    # A software that puts a person's number where it does not belong.
    assert ask(real.question(MEMBER, BORN, reference=NIR)).outcome == "covered"
    assert ask(real.question(MEMBER, BORN, insurer=MEMBER[:10])).outcome == "insurer_not_served"
    for name in ("insurer", "domain", "evidence", "reference", "professional", "site"):
        for canary in (MEMBER, NIR, SECRET + "/1931-07-29"):
            ask(real.question(MEMBER, BORN, **{name: canary}))
    ask(real.question(NIR, BORN))
    ask(real.question(MEMBER, BORN, card_secret=SECRET))
    ask(real.question(MEMBER, date(1931, 7, 29), care_date=BORN))
    quotes(real)
    raw_requests(real.platform.settings.public_url)
    raw_requests(real.platform.settings.signin_url)
    command_line(real)


def quotes(real: RealPlatform) -> None:
    """Quote for the canaries, with canaries where lines and numbers are due."""
    line = {"category": "PH7", "price_cents": 2000, "base_cents": 2000, "obligatory_cents": 1300}
    scanned = real.question(MEMBER, BORN, evidence="scan", card_secret=SECRET, reference="quoted")
    reply, _ = real.software.quote(scanned, {"lines": [line]})
    assert reply.outcome == "covered", reply.body
    asked = real.question(MEMBER, BORN, reference=NIR)
    for quoted in (
        {"lines": [line]},
        {"lines": [line | {"category": MEMBER}]},
        {"lines": [line | {"quantity": NIR}]},
        {"lines": [line | {MEMBER: "1931-07-29"}]},
        {"lines": [line], "replaces": SECRET},
        {"lines": [line], "replaces": NIR + "1931-07-29"},
        {"lines": MEMBER},
    ):
        real.software.quote(asked, quoted)
    for number in (SECRET, NIR + "1931-07-29", MEMBER + MEMBER):
        for step in ("look-ups", "cancellations"):
            assert real.software.authorization(step, number).status == 422


def raw_requests(url: str) -> None:
    """Send what no software of ours would: canaries in paths, headers, and broken bodies."""
    loose = json.dumps({"member_number": MEMBER, NIR: SECRET, "birth_date": "1931-07-29"})
    bodies = [
        loose.encode(),
        loose.encode() + b"," + loose.encode(),
        b'{"member_number": "' + MEMBER.encode() + b"\xff",
        f'{{"{MEMBER}": 1, "{MEMBER}": 2}}'.encode(),
        NIR.encode() * 2000,
        f"client_assertion={MEMBER}&grant_type={NIR}".encode(),
    ]
    paths = ("/v1/rights-questions", "/v1/token", "/v1/installations", f"/v1/{MEMBER}", f"/{NIR}")
    kinds = ("application/json", "application/x-www-form-urlencoded", f"text/{MEMBER}")
    for path in paths:
        for body in bodies:
            for kind in kinds:
                headers = {
                    "Content-Type": kind,
                    "Authorization": f"DPoP {MEMBER}",
                    "DPoP": f"{NIR}.{SECRET}.{MEMBER}",
                    "X-Request-Id": MEMBER,
                    "Accept-Language": NIR,
                    "User-Agent": SECRET,
                    "Forwarded": f"for={MEMBER}",
                }
                send(f"{url}{path}?q={NIR}&born=1931-07-29", body, headers)


def send(url: str, body: bytes, headers: dict[str, str]) -> None:
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback
            text = response.read()
    except urllib.error.HTTPError as error:
        with error:
            text = error.read() + repr(error.headers.items()).encode()
    for name, trace in traces().items():
        assert trace not in text, name


def command_line(real: RealPlatform) -> None:
    """Give the commands bad feeds and bad words that hold canaries."""
    bad = real.folder / "bad.feed"
    bad.write_text(f'{{"format": "{MEMBER}"}}\n{NIR},{SECRET},1931-07-29\n')
    real.command("feed", "import", str(bad), expect=3)
    bad.unlink()
    real.command(
        "client", "code", "--site", NIR, "--professional", MEMBER, "--vendor", "x", expect=2
    )
    real.command("client", "professional", "add", MEMBER, NIR, expect=2)
    # Where a site is paid: once as it should be, then in what is refused.
    real.command("site", "bank", "set", SITE, typed=IBAN)
    real.command("site", "bank", "set", SITE, typed=IBAN)
    real.command("site", "bank", "set", SITE, typed=IBAN, expect=3)
    real.command("site", "bank", "set", SITE, typed=IBAN[:-1], expect=2)
    real.command("site", "bank", "show", SITE)


def looked(real: RealPlatform) -> dict[str, bytes]:
    return looked_through(real.platform, [real.folder], real.printed)


@pytest.mark.slow
def test_no_canary_is_found_anywhere(planted: RealPlatform) -> None:
    found = looked(planted)
    wal = [name for name in found if "pg_wal" in name]
    logs = [name for name in found if "in logs" in name]
    assert wal, sorted(found)
    assert len(logs) >= 4, sorted(found)
    assert any(b'"route": "ask_rights"' in found[name] for name in logs)
    assert hits(found) == []


@pytest.mark.slow
def test_what_is_looked_for_would_be_found(planted: RealPlatform) -> None:
    """The search itself works: what is stored of a question is found by the same look."""
    found = looked(planted)
    assert any(RPPS.encode() in content for name, content in found.items() if "pg_wal" in name)
    assert any(SITE.encode() in content for name, content in found.items() if "payload" in name)
    assert AMC.encode() in b"".join(c for n, c in found.items() if "table journal.payload" in n)


@pytest.mark.slow
def test_the_hash_of_a_body_is_not_stored_in_clear(planted: RealPlatform) -> None:
    """A proof holds the SHA-256 of a body that names a person; a dump could be guessed against."""
    found = looked(planted)
    payloads = b"".join(content for name, content in found.items() if "journal.payload" in name)
    assert b"bsh" not in payloads
    assert base64.urlsafe_b64encode(b'"bsh"').rstrip(b"=") not in payloads


@pytest.mark.slow
def test_a_fault_shows_no_value(tmp_path: Path) -> None:
    """An insurer's own file, the one place with clear data, makes no traceback that shows it."""
    source = tmp_path / "members.csv"
    source.write_text(COLUMNS + f"{MEMBER},{BORN},{NIR},{SECRET},x,y,{SECRET}\n{MEMBER}\n")
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    done = subprocess.run(
        [
            sys.executable, "-c", "from rempart.cli import main; main()", "feed", "prepare",
            str(source), str(tmp_path / "out"), "--insurer", AMC, "--feed-key", str(key),
            "--reference-key", str(key),
        ],
        capture_output=True,
        check=False,
        timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    for name, trace in traces().items():
        assert trace not in done.stdout + done.stderr, name
