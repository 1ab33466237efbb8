"""`rempart received` against real processes: an insurer's software lists and answers claims."""

import secrets
from pathlib import Path

import pytest

from tests.intake.premises import Intake, Premises

pytestmark = pytest.mark.slow

_CLAIMED = """
    with told as (select %s::bytea as claim, %s as amc), engaged as (
        insert into billing.engagement (engagement_id, number_hash, account_id, site_id, asked,
            insurer_id, domain, care_on, plan_id, terms_id, member_reference, given_at, expires_on)
        select claim, sha256(claim), 1, s.site_id, claim, i.insurer_id, 'PHAR', current_date, 1, 1,
            claim, now(), current_date + 30
          from told join registry.insurer i on i.amc_number = amc cross join identity.site s limit 1
        returning engagement_id as name, site_id, insurer_id
    ), claimed as (
        insert into billing.claim (claim_id, engagement_id, site_id, insurer_id, installation_id,
            reference, sameness, promised_cents, amount_cents, state, made_at)
        select name, name, site_id, insurer_id, 1, encode(name, 'hex'), sha256(name), 700, 700,
            'accepted', now() from engaged
    ), moved as (
        insert into billing.ledger
            (insurer_id, site_id, claim_id, step, debit, credit, amount_cents)
        select insurer_id, site_id, name, 'claimed', 'insurer', 'owed', 700 from engaged
    )
    insert into billing.answer (claim_id, insurer_id, answer_by)
    select name, insurer_id, now() + interval '1 day' from engaged
"""


def claims_on(platform: Intake, amc: str, count: int) -> list[str]:
    """Put claims on an insurer into the database; their names."""
    platform.command("client", "site", "add", "750000018", "--label", "Pharmacie du Marché")
    names = [secrets.token_bytes(16) for _ in range(count)]
    for name in names:
        platform.rows(_CLAIMED, name, amc)
    return [name.hex() for name in names]


def enrolled(platform: Intake, mine: Premises, scope: str) -> list[str]:
    """Enrol one more software of the insurer's; the options that name it."""
    words = ("insurer", "code", mine.amc, "--vendor", "essai", "--for", scope)
    key: Path = mine.folder / f"{scope}.json"
    settings = platform.platform.settings
    url, code = settings.signin_url, platform.command(*words)["code"]
    platform.command("client", "enrol", "--code", code, "--url", url, "--key", str(key))
    return ["--url", settings.intake_url, "--key", str(key), "--patience", "5"]


def test_claims_are_listed_and_answered_from_a_terminal(platform: Intake, mine: Premises) -> None:
    line = enrolled(platform, mine, "claims")
    names = claims_on(platform, mine.amc, 3)
    found = platform.command("received", "list", *line)
    assert ({one["claim"] for one in found["claims"]}, found["amount_cents"]) == ({*names}, 2100)
    rejected = ("received", "reject", names[0], "--because", "paid_already")
    told = platform.command(*rejected, *line)
    assert (told["taken"], told["answers"][0]["because"]) == (1, "paid_already")
    assert platform.command(*rejected, *line) == told
    told = platform.command("received", "accept", *names, *line, expect=3)
    assert [one["refused_because"] for one in told["answers"]] == ["answered_otherwise", None, None]
    assert platform.command("received", "list", *line) == {"amount_cents": 0, "claims": []}
    assert platform.command("received", "show", names[0], *line)["answer"] == "rejected"
    (debt,) = platform.command("ledger", "disputed", "--insurer", mine.amc)["disputed"]
    assert (debt["claim_id"], debt["because"]) == (names[0], "paid_already")
    assert platform.command("ledger", "check")["ok"]


def test_who_may_not_and_what_is_none_is_refused(platform: Intake, mine: Premises) -> None:
    line = enrolled(platform, mine, "claims")
    feeds = ["--url", mine.url, "--key", str(mine.key_file), "--patience", "5"]
    for words, code in (
        (["list", *feeds], 3),
        (["show", "0" * 32, *line], 3),
        (["show", "LEAKED", *line], 2),
        (["accept", "LEAKED", *line], 2),
        (["reject", "0" * 32, "--because", "LEAKED", *line], 2),
        (["accept", "0" * 32, *line], 3),
        (["list", "--url", "http://localhost:1", "--key", line[3], "--patience", "0"], 4),
    ):
        done = platform.process("received", *words)
        assert done.returncode == code, (words, done.stderr)
        assert "LEAKED" not in done.stdout
