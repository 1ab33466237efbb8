"""A backup restored elsewhere refuses, is put on record, answers again, and says what is lost."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from rempart.cli.demo_payment import be_paid
from rempart.cli.demo_platform import running_platform
from rempart.cli.demo_state import settings_for
from rempart.cli.output import run
from rempart.cli.paying import payments_folder
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.processes import free_port
from rempart.foundation.settings import Settings
from rempart.identity import ClientKey
from rempart.journal import ReceiptSigner
from rempart.rights import HeldAnswer
from rempart.simulation.software import Software
from tests.support.claiming import LINE
from tests.support.paying import IBAN
from tests.support.real_platform import SITE, RealPlatform, real_platform, run_command

PEOPLE = {"ADH00001": date(1980, 3, 1), "ADH00002": date(1985, 5, 19)}
LINES = "".join(f"{m},{b},1,COMPLET,2020-01-01,2099-12-31,\n" for m, b in PEOPLE.items())
SAID = ("--reason", "Disque perdu", "--by", "alice")


def told(settings: Settings, *words: str, code: int = 0) -> dict[str, Any]:
    done = run_command(settings, *words, "--json")
    assert done.returncode == code, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def hold(real: RealPlatform, member: str, file: Path) -> str:
    """Ask, and keep question and answer as `rempart ask --keep` does; the engagement's number."""
    question = real.question(member, PEOPLE[member])
    reply = real.software.ask(question)
    assert reply.outcome == "covered"
    key = ReceiptSigner(real.platform.keyring.secret("receipt")).public_key.hex()
    body = msgspec.json.encode(question).decode()
    held = HeldAnswer(request=body, answer=reply.body, receipt_key=key)
    file.write_bytes(msgspec.json.encode(held))
    return str(reply.body["engagement"])


def claim(real: RealPlatform, engagement: str) -> int:
    """Claim what was guaranteed, for a site that can be paid; cents."""
    real.command("site", "bank", "set", SITE, typed=f"{IBAN}\n")
    told = {"engagement": engagement, "reference": "one", "lines": [LINE]}
    return int(str(real.software.claim(told).body["amount_cents"]))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Settings]:
    state = tmp_path / "elsewhere"
    yield settings_for(state, free_port(), free_port())
    if EmbeddedPostgres.is_made(state):
        EmbeddedPostgres(state).erase()


@pytest.mark.slow
def test_a_backup_restored_elsewhere(tmp_path: Path, elsewhere: Settings) -> None:
    copy, kept, lost = tmp_path / "copy", tmp_path / "kept.json", tmp_path / "lost.json"
    with real_platform(tmp_path / "first", LINES) as real:
        cents = claim(real, hold(real, "ADH00001", kept))
        real.command("db", "backup", str(copy))
        assert run(be_paid(real.platform, real.software, SITE, cents)).paid_cents == cents
        real.command("db", "backup", str(copy), expect=4)
        hold(real, "ADH00002", lost)
        told(real.platform.settings, "journal", "check-receipt", str(lost), "--on-record")
        key, token = real.software._sender.key, str(real.software._token)
        keys = real.platform.settings.keyring
        first = real.platform.settings
        real.software.close()
    shutil.copytree(keys, elsewhere.keyring)
    EmbeddedPostgres(first.state_dir).erase()

    # 1. It refuses: whatever is started on it answers nobody, and it says why.
    assert run_command(elsewhere, "db", "restore", str(tmp_path / "first")).returncode == 4
    told(elsewhere, "db", "restore", str(copy))
    told(elsewhere, "db", "restore", str(copy), code=4)
    refused = told(elsewhere, "serve", "--empty", code=4)
    assert "rempart db restored" in refused["error"]["text"]
    assert told(elsewhere, "db", "upgrade")["taken_up"] is False

    # 2. The restore is an entry.
    done = told(elsewhere, "db", "restored", *SAID)
    assert done["entry_no"] == done["last_entry"] + done["jump"] + 1
    assert told(elsewhere, "db", "restored", *SAID, code=3)["error"]["kind"] == "refused"

    answers_again(real, replace(elsewhere, payer=first.state_dir / "payer.toml"), key, token)
    says_what_is_lost(elsewhere, done, kept, lost)


def answers_again(real: RealPlatform, elsewhere: Settings, key: ClientKey, token: str) -> None:
    """Ask once the desk has opened the platform and budgets have come back."""
    with running_platform(elsewhere, demonstration=False) as platform:
        software = Software(key, platform.addresses)
        asked = replace(real, platform=platform, software=software)
        question = asked.question("ADH00001", PEOPLE["ADH00001"])
        assert software.ask(question).refused_because == "too_many_questions"
        with psycopg.connect(platform.reached.conninfo("rempart_migrator")) as owner:
            owner.execute("update guard.clock set guard_at = guard_at + 86400000000")
        assert software.ask(asked.question("ADH00001", PEOPLE["ADH00001"])).outcome == "closed"
        asked.command("gate", "open", "--all", "--reason", "Tout revu", "--by", "alice")
        assert software.ask(asked.question("ADH00001", PEOPLE["ADH00001"])).outcome == "covered"
        assert old_token_answers(platform.settings.public_url, key, token, question) == 401
        software.close()
        pays_nothing_again(platform.settings)


def pays_nothing_again(settings: Settings) -> None:
    """What the lost database paid is owed in the copy; nothing is paid until somebody looked."""
    listed = told(settings, "pay", "list")
    assert (listed["stopped"]["because"], listed["batches"], listed["waiting"]) == (
        "restored",
        [],
        [],
    )
    assert "rempart pay resume" in told(settings, "pay", "run", code=3)["error"]["text"]
    assert not payments_folder(settings).exists()
    ledger = told(settings, "ledger", "check")
    assert (ledger["ok"], ledger["owed_cents"], ledger["batches"]) == (True, 700, 0)
    told(settings, "pay", "resume", "--reason", "Vu à la banque", "--by", "alice")
    assert told(settings, "pay", "list")["stopped"] is None


def says_what_is_lost(elsewhere: Settings, done: dict[str, Any], kept: Path, lost: Path) -> None:
    """Check the journal, and the receipts of an entry that is there and of one that is lost."""
    verified = told(elsewhere, "journal", "verify")
    assert verified["ok"] is True
    (restore,) = verified["restores"]
    assert (restore["entry"], restore["last_entry"]) == (done["entry_no"], done["last_entry"])
    assert verified["last_entry"] > restore["entry"]
    assert told(elsewhere, "journal", "check-budgets")["ok"] is True
    check = ("journal", "check-receipt")
    assert told(elsewhere, *check, str(kept), "--on-record")["on_record"] is True
    gone = told(elsewhere, *check, str(lost), "--on-record", code=1)
    assert (gone["genuine"], gone["on_record"]) == (True, False)
    assert gone["lost_by"] == [restore]
    assert "not forged" in gone["problem"]
    assert told(elsewhere, *check, str(lost))["ok"] is True
    forged = json.loads(lost.read_text())
    forged["answer"]["rate_bp"] = 1
    lost.write_text(json.dumps(forged))
    assert "genuine" not in told(elsewhere, *check, str(lost), "--on-record", code=1)


def old_token_answers(url: str, key: ClientKey, token: str, question: object) -> int:
    """Show a token from before the restore, with a proof that is as good as any; the status."""
    body, address = msgspec.json.encode(question), f"{url}/v1/rights-questions"
    with httpx.Client(trust_env=False) as client:
        nonce = client.get(f"{url}/v1/docs").headers["DPoP-Nonce"]
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"DPoP {token}",
            "DPoP": key.proof("POST", address, body, token, nonce),
        }
        return client.post(address, content=body, headers=headers).status_code


@pytest.mark.slow
def test_a_copy_of_the_whole_folder_is_a_copy(tmp_path: Path, elsewhere: Settings) -> None:
    """All that tells it from the first one: its mark is not the file that was written."""
    first = settings_for(tmp_path / "first", free_port(), free_port())
    told(first, "db", "upgrade")
    told(first, "client", "site", "add", "750000018", "--label", "Pharmacie")
    told(first, "client", "professional", "add", "10000000017", "--profession", "pharmacien")
    told(first, "client", "account", "open", "10000000017", "--site", "750000018")
    shutil.copytree(first.keyring, elsewhere.keyring)
    told(first, "db", "backup", str(tmp_path / "copy"))
    told(elsewhere, "db", "restore", str(tmp_path / "copy"))
    shutil.copy2(first.state_dir / "journal.mark", elsewhere.state_dir / "journal.mark")
    assert told(elsewhere, "db", "upgrade")["taken_up"] is False
    assert told(elsewhere, "db", "restored", *SAID, "--leave-open")["closed"] is False
    assert told(first, "db", "upgrade")["taken_up"] is True
    EmbeddedPostgres(first.state_dir).erase()
