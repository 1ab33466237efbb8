"""Coming back without a passkey: two people, a link and a code on paper, a tenth for a week."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rempart.foundation.database import Database
from rempart.guard import end_tenths
from rempart.identity import (
    Codes,
    DeskRefusal,
    LetterError,
    Recovery,
    list_letters,
    recover_administrator,
    take_letter,
)
from rempart.identity.letters import write_letter
from tests.http.platform import OTHER_RPPS, RPPS, SITE, Platform
from tests.http.shape import assert_problem
from tests.portal.visitor import IN, Visitor, invited
from tests.support.asking import one

pytestmark = pytest.mark.anyio

SECOND = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


@pytest.fixture
async def bob(alice: Visitor) -> Visitor:
    """A second administrator of the same site, signed in."""
    found = Visitor(alice.platform)
    enrolled = await found.enrol(await invited(alice.platform, OTHER_RPPS, "Bob Durand"))
    assert enrolled.status_code == 204
    assert (await found.sign_in()).status_code == 200
    return found


def read_letter(path: Path) -> str:
    """Read a letter as whoever opens the envelope does."""
    done = subprocess.run(
        ["/usr/bin/pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True
    )
    return done.stdout


def caps(platform: Platform, rpps: str) -> dict[str, Any]:
    return one(
        platform.db.owner,
        "select b.all_burst, b.fresh_burst, b.fresh_every from guard.budget b"
        " join identity.account a on a.account_id = b.id and b.kind = 2"
        " join identity.professional p using (professional_id) where p.rpps = %s",
        rpps,
    )


async def approved(bob: Visitor) -> Codes:
    """Approve the recovery of Alice; both codes, the second made known instead of read on paper."""
    answer = await bob.post(IN + "colleagues/recover", {"professional": RPPS})
    assert answer.status_code == 201, answer.text
    assert answer.json().keys() == {"link", "days"}
    (paper,) = bob.platform.settings.letters_dir.iterdir()
    assert paper.stat().st_mode & 0o777 == 0o600
    codes = Codes(answer.json()["link"].split("#")[1], "ABCD-2345")
    bob.platform.db.owner.execute(
        "update identity.invitation set spoken_hash = %s where code_hash = %s",
        (codes.hashes[1], codes.hashes[0]),
    )
    return codes


@pytest.mark.skipif(
    not Path("/usr/bin/pdftotext").exists(), reason="needs poppler-utils: ci/packages"
)
async def test_the_letter_carries_the_code_and_no_link(alice: Visitor, bob: Visitor) -> None:
    answer = await bob.post(IN + "colleagues/recover", {"professional": RPPS})
    link = answer.json()["link"].split("#")[1]
    (paper,) = bob.platform.settings.letters_dir.iterdir()
    text = read_letter(paper)
    assert "Alice Martin" in text
    assert "Pharmacie d'essai" in text.replace("’", "'")
    assert link not in text
    (code,) = SECOND.findall(text)
    again = Visitor(alice.platform)
    assert (await again.enrol(Codes(link, code))).status_code == 204


async def test_a_link_and_a_letter_bring_somebody_back(alice: Visitor, bob: Visitor) -> None:
    before = caps(alice.platform, RPPS)
    codes = await approved(bob)
    # Nothing has changed yet for her who may still have her passkey.
    assert (await alice.use()).status_code == 204
    again = Visitor(alice.platform)
    wrong = replace(codes, second="0000-0000")
    assert_problem(await again.enrol(wrong), "invitation_not_valid")
    assert (await again.enrol(codes, "Nouveau téléphone")).status_code == 204
    # What may have been stolen opens nothing any more.
    assert_problem(await alice.use(), "session_over")
    assert_problem(await alice.sign_in(), "passkey_refused")
    assert (await again.sign_in()).status_code == 200
    # A tenth for a week, on record.
    now = caps(alice.platform, RPPS)
    assert now["all_burst"] == before["all_burst"] // 10
    assert now["fresh_every"] == before["fresh_every"] * 10
    async with await Database.open(alice.platform.db.dsn("rempart_jobs"), max_size=1) as jobs:
        assert await end_tenths(jobs) == 0
        week = 7 * 24 * 3600 * 1_000_000
        left = one(alice.platform.db.owner, "select until - guard.now() as left from guard.tenth")
        assert 0.99 * week < left["left"] <= week
        alice.platform.db.owner.execute("update guard.tenth set until = guard.now()")
        assert await end_tenths(jobs) == 1
        assert await end_tenths(jobs) == 0
    assert caps(alice.platform, RPPS) == before
    kinds = alice.platform.db.owner.execute(
        "select count(*) as n from journal.entry e join identity.account a"
        " on a.account_id = e.subject_id join identity.professional p using (professional_id)"
        " where e.kind = 'cap' and e.subject_kind = 2 and p.rpps = %s",
        (RPPS,),
    ).fetchone()
    assert kinds == {"n": 3}


async def test_nobody_recovers_himself(bob: Visitor) -> None:
    answer = await bob.post(IN + "colleagues/recover", {"professional": OTHER_RPPS})
    assert_problem(answer, "not_oneself")
    assert not bob.platform.settings.letters_dir.exists()


async def test_whoever_never_had_a_passkey_is_invited_instead(alice: Visitor) -> None:
    alice.platform.db.owner.execute("select identity.add_professional('10000000025', 'pharmacien')")
    message = {"professional": "10000000025", "name": "Carol"}
    assert (await alice.post(IN + "colleagues", message)).status_code == 201
    answer = await alice.post(IN + "colleagues/recover", {"professional": "10000000025"})
    assert_problem(answer, "not_yours")


async def test_the_operator_recovers_an_only_administrator(alice: Visitor, tmp_path: Path) -> None:
    letters = alice.platform.settings.letters_dir
    async with await Database.open(alice.platform.db.dsn("rempart_desk"), max_size=1) as desk:
        found = await recover_administrator(desk, letters, RPPS, SITE)
        assert isinstance(found, Recovery)
        (waiting,) = await list_letters(desk)
        assert (waiting.letter_no, waiting.name) == (found.letter_no, "Alice Martin")
        paper = tmp_path / "letter.pdf"
        assert await take_letter(desk, letters, found.letter_no, paper)
        assert paper.stat().st_mode & 0o777 == 0o600
        assert paper.read_bytes().startswith(b"%PDF")
        assert list(letters.iterdir()) == []
        assert not await take_letter(desk, letters, found.letter_no, tmp_path / "again.pdf")
        assert await list_letters(desk) == []
        # A file that no letter on record names, and one that is no file, are not taken.
        stray = "00000000-0000-4000-8000-000000000000"
        (letters / f"{stray}.pdf").write_bytes(b"%PDF")
        assert not await take_letter(desk, letters, stray, tmp_path / "stray.pdf")
        (letters / f"{stray}.pdf").unlink()
        (letters / f"{stray}.pdf").mkdir()
        with pytest.raises(LetterError):
            await take_letter(desk, letters, stray, tmp_path / "stray.pdf")


async def test_the_operator_leaves_it_to_another_administrator(
    alice: Visitor, bob: Visitor
) -> None:
    async with await Database.open(alice.platform.db.dsn("rempart_desk"), max_size=1) as desk:
        refused = await recover_administrator(desk, alice.platform.settings.letters_dir, RPPS, SITE)
    assert refused == DeskRefusal("ask_the_administrator")


async def test_six_months_of_absence_end_with_an_administrators_word(
    alice: Visitor, bob: Visitor
) -> None:
    early = await bob.post(IN + "colleagues/unblock", {"professional": RPPS})
    assert_problem(early, "not_blocked")
    alice.platform.db.owner.execute(
        "update identity.colleague set last_seen_at = last_seen_at - interval '7 months'"
        " where name = 'Alice Martin'"
    )
    assert_problem(await alice.sign_in(), "account_idle")
    before = caps(alice.platform, RPPS)
    answer = await bob.post(IN + "colleagues/unblock", {"professional": RPPS})
    assert answer.status_code == 204
    assert (await alice.sign_in()).status_code == 200
    assert caps(alice.platform, RPPS)["all_burst"] == before["all_burst"] // 10


def test_a_letter_without_room_is_said(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("a file, where a folder should be")
    told = {"name": "A", "site": "1", "site_label": "B", "code": "ABCD-EFGH", "days": 7}
    with pytest.raises(LetterError) as raised:
        write_letter(tmp_path / "letters", "x", **told)  # type: ignore[arg-type]  # texts and a number
    assert "ABCD" not in str(raised.value)


async def test_a_second_recovery_takes_the_first_link_back(alice: Visitor, bob: Visitor) -> None:
    first = await approved(bob)
    second = await bob.post(IN + "colleagues/recover", {"professional": RPPS})
    assert second.status_code == 201
    assert_problem(await Visitor(alice.platform).enrol(first), "invitation_not_valid")


@pytest.mark.parametrize(
    "statement",
    [
        (
            "update identity.colleague set last_seen_at = last_seen_at - interval '7 months'"
            " where name = 'Bob Durand'"
        ),
        (
            "update identity.passkey set revoked_at = clock_timestamp() where account_id ="
            " (select account_id from identity.colleague where name = 'Bob Durand')"
        ),
    ],
)
async def test_an_administrator_who_cannot_come_in_approves_nothing(
    alice: Visitor, bob: Visitor, statement: str
) -> None:
    alice.platform.db.owner.execute(statement)
    letters = alice.platform.settings.letters_dir
    async with await Database.open(alice.platform.db.dsn("rempart_desk"), max_size=1) as desk:
        assert isinstance(await recover_administrator(desk, letters, RPPS, SITE), Recovery)
