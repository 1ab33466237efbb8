"""References made anew, over HTTP: a feed and its map as one, and nothing without the operator."""

import hashlib
import io
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from rempart.registry import make_rekey_map, opened_to_send
from tests.intake.premises import PART, Intake, Premises, code_of, many
from tests.registry.feeds import HEADER, TODAY, day, end

pytestmark = pytest.mark.slow

COUNTS = ("state", "before", "ended", "after", "mapped", "renamed")


def in_force(platform: Intake, mine: Premises) -> set[bytes]:
    rows = platform.rows(
        "select c.member_reference as r from registry.coverage c join registry.insurer i"
        " using (insurer_id) where i.amc_number = %s and c.valid_to >= current_date",
        mine.amc,
    )
    return {bytes(row["r"]) for row in rows}


def stated(mine: Premises, count: int) -> None:
    mine.put("before", mine.feed(*many(count)).read_bytes())
    assert mine.wait("before", "in_force", "refused")["accepted"] == count


def made_anew(mine: Premises, *lines: str) -> tuple[Path, Path]:
    """Make a feed of these lines under another reference key, and the map that leads there."""
    old, mine.hashing = mine.hashing, replace(mine.hashing, reference=b"n" * 32)
    feed, rekey = mine.feed(*lines), mine.folder / f"{time.monotonic_ns()}.map"
    done = make_rekey_map(
        io.BytesIO("\n".join([HEADER, *lines, ""]).encode()),
        rekey,
        mine.amc,
        (old.reference, mine.hashing.reference),
        today=TODAY,
        on_problem=lambda problem: pytest.fail(str(problem)),
    )
    assert done.is_written
    return feed, rekey


def as_one(feed: Path, rekey: Path) -> bytes:
    with opened_to_send(feed, rekey) as file:
        return file.read()


def mailed(platform: Intake, mine: Premises, count: int) -> list[str]:
    """Wait for so many mails to an insurer; their subjects, in order."""
    give_up = time.monotonic() + 60
    while True:
        found = [
            str(message_from_bytes(one.original_content or b"", policy=default)["Subject"])
            for one in platform.mails.received
            if one.rcpt_tos == [f"flux@{mine.amc}.example.org"]
        ]
        if len(found) >= count:
            assert len(found) == count
            return found
        assert time.monotonic() < give_up, found
        time.sleep(0.1)


def waiting(platform: Intake, mine: Premises) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = platform.command("feed", "waiting")["waiting"]
    return [one for one in listed if one["insurer"] == mine.amc]


def sent_in_two_goes(platform: Intake, mine: Premises, feed: Path, rekey: Path) -> dict[str, Any]:
    """Send the two as one, cut off after a part; what the insurer's own command then says."""
    data = as_one(feed, rekey)
    # It comes in parts, and while it comes no other of this insurer's does.
    mine.put("anew", data[:PART], 0, len(data), data)
    assert mine.report("anew")["received"] == PART
    assert code_of(mine.put("beside", mine.feed(*many(20)).read_bytes())) == "feed_under_way"
    # The insurer's own command goes on from there. Nobody there may let it go ahead.
    words = ("--url", mine.url, "--key", str(mine.key_file), "--id", "anew", "--rekey", str(rekey))
    told = platform.command("feed", "send", str(feed), *words, "--confirm", expect=3)
    assert code_of(mine.ask("POST", "/v1/feeds/anew/confirmation")) == "nothing_to_confirm"
    return told


def test_a_feed_is_sent_with_its_map_and_waits_for_the_operator(
    platform: Intake, mine: Premises, others: Premises
) -> None:
    stated(mine, 20)
    stated(others, 3)
    references, elsewhere = in_force(platform, mine), in_force(platform, others)
    told = sent_in_two_goes(platform, mine, *made_anew(mine, *many(20)))
    assert tuple(told[name] for name in COUNTS) == ("needs_go_ahead", 20, 0, 20, 20, 20)
    assert in_force(platform, mine) == references
    assert mailed(platform, mine, 1) == [
        "Rempart : le flux anew donnerait d’autres références à des bénéficiaires"
    ]

    # The operator sees it, but for what the insurer's people must read out.
    (seen,) = waiting(platform, mine)
    assert (seen["id"], seen["renamed"], seen["mapped"]) == ("anew", 20, 20)
    fingerprint = told["fingerprint"]
    assert fingerprint.replace(" ", "") not in json.dumps(seen).replace(" ", "")
    go = ("feed", "go-ahead", "anew", "--insurer", mine.amc, "--by", "officer")
    other = fingerprint[:-1] + ("0" if fingerprint[-1] != "0" else "1")
    assert platform.command(*go, "--fingerprint", other, expect=3)["error"]["kind"] == "refused"
    platform.command(*go, "--fingerprint", "12", expect=2)
    platform.command(*go, expect=2)
    assert mine.report("anew")["state"] == "needs_go_ahead"
    assert in_force(platform, mine) == references

    platform.command(*go, "--fingerprint", fingerprint)
    done = mine.wait("anew", "in_force", "refused")
    assert tuple(done[name] for name in COUNTS) == ("in_force", 20, 0, 20, 20, 20)
    assert done["problems"] == []
    assert in_force(platform, mine).isdisjoint(references)
    assert len(in_force(platform, mine)) == 20
    assert in_force(platform, others) == elsewhere
    on_record(platform, mine, references)
    assert waiting(platform, mine) == []
    assert platform.has_spooled_nothing()
    # It was said once: the same word again finds nothing that waits.
    platform.command(*go, "--fingerprint", fingerprint, expect=3)


def on_record(platform: Intake, mine: Premises, references: set[bytes]) -> None:
    """Look whether each reference of before leads on, and who let that happen."""
    former = platform.rows(
        "select former from registry.former_reference f join registry.insurer i using (insurer_id)"
        " where i.amc_number = %s",
        mine.amc,
    )
    assert {bytes(row["former"]) for row in former} == references
    (kept,) = platform.rows(
        "select u.gone_ahead_by, u.gone_ahead_at from intake.upload u join registry.insurer i"
        " using (insurer_id) where i.amc_number = %s and u.name = 'anew'",
        mine.amc,
    )
    assert kept["gone_ahead_by"] == "officer"
    assert kept["gone_ahead_at"] <= datetime.now(UTC)


def test_a_map_that_does_not_fit_is_reported_and_mailed(platform: Intake, mine: Premises) -> None:
    stated(mine, 12)
    references, first_keys = in_force(platform, mine), mine.hashing
    feed, rekey = made_anew(mine, *many(12))
    first, *pairs = rekey.read_bytes().splitlines(keepends=True)
    _, partial = made_anew(replace(mine, hashing=first_keys), *many(11))
    changed, whose = mine.folder / "changed.map", mine.folder / "whose.map"
    end = b"01\n" if pairs[-1].endswith(b"00\n") else b"00\n"
    changed.write_bytes(first + b"".join([*pairs[:-1], pairs[-1][:-3] + end]))
    whose.write_bytes(first.replace(mine.amc.encode(), b"123456789") + b"".join(pairs))
    for name, other, column, reason in (
        ("partial", partial, "--rekey", "does not say"),
        ("changed", changed, "--rekey sha256", "changed after"),
        ("whose", whose, "--rekey insurer", "another insurer's"),
    ):
        mine.put(name, as_one(feed, other))
        told = mine.wait(name, "refused", "in_force", "needs_go_ahead")
        assert (told["state"], told["accepted"]) == ("refused", 0)
        assert told["problems"][0]["column"] == column
        assert reason in told["problems"][0]["reason"]
        assert in_force(platform, mine) == references
    assert sorted(mailed(platform, mine, 3)) == [
        f"Rempart : le flux {name} est refusé" for name in ("changed", "partial", "whose")
    ]
    assert platform.has_spooled_nothing()


def test_not_even_one_gets_another_reference_unasked(platform: Intake, mine: Premises) -> None:
    """Without a map and below a tenth, too; the operator refuses, and the insurer is told."""
    stated(mine, 20)
    references = in_force(platform, mine)
    lines = mine.feed(*many(20)).read_bytes().splitlines(keepends=True)
    cells = lines[5].split(b",")
    lines[5] = lines[5].replace(cells[1], b"0" * 32)
    mine.put("one", _sealed(lines))
    told = mine.wait("one", "needs_go_ahead", "in_force", "refused")
    assert tuple(told[name] for name in COUNTS) == ("needs_go_ahead", 20, 0, 20, None, 1)
    assert in_force(platform, mine) == references
    go = ("feed", "go-ahead", "one", "--insurer", mine.amc, "--by", "officer")
    platform.command(*go, "--refuse", "--fingerprint", "0" * 20, expect=2)
    platform.command(*go, "--refuse")
    told = mine.wait("one", "refused")
    assert "operator refused" in told["problems"][0]["reason"]
    assert "officer" not in str(told)
    listed = platform.command("feed", "waiting", "--answered")["answered"]
    ((by, word, state, at),) = (
        (one["said_by"], one["word"], one["state"], one["said_at"])
        for one in listed
        if one["insurer"] == mine.amc
    )
    assert (by, word, state) == ("officer", "refused", "refused")
    assert datetime.fromisoformat(at) <= datetime.now(UTC)
    assert in_force(platform, mine) == references
    assert mailed(platform, mine, 2)[1] == "Rempart : le flux one est refusé"
    # The operator's word is about a feed that waits, and about no other.
    for words in (go, ("feed", "go-ahead", "none", *go[3:])):
        platform.command(*words, "--refuse", expect=3)


def test_nobody_leaves_by_one_feed_and_is_somebody_new_by_the_next(
    platform: Intake, mine: Premises
) -> None:
    """With the insurer's key alone: a delta of one line, then a feed that states him anew."""
    stated(mine, 20)
    references = in_force(platform, mine)
    member = many(20)[5].split(",")[0]
    mine.put("out", mine.feed(end(member, day(-500)), is_delta=True).read_bytes())
    assert mine.wait("out", "in_force", "refused", "needs_confirmation")["state"] == "in_force"
    (his,) = references - in_force(platform, mine)
    feed = mine.feed(*many(20)).read_bytes().replace(his.hex().encode(), b"0" * 32)
    mine.put("back", _sealed(feed.splitlines(keepends=True)))
    told = mine.wait("back", "needs_go_ahead", "in_force", "refused")
    assert tuple(told[name] for name in COUNTS) == ("needs_go_ahead", 19, 0, 20, None, 1)
    assert in_force(platform, mine) == references - {his}
    # Under his own reference nobody is asked.
    mine.put("himself", mine.feed(*many(20)).read_bytes())
    assert mine.wait("himself", "in_force", "needs_go_ahead", "refused")["state"] == "in_force"
    assert in_force(platform, mine) == references


def test_what_ends_many_and_renames_takes_both_words(platform: Intake, mine: Premises) -> None:
    stated(mine, 20)
    feed, rekey = made_anew(mine, *many(12))
    data = as_one(feed, rekey)
    mine.put("both", data)
    told = mine.wait("both", "needs_confirmation", "needs_go_ahead", "in_force", "refused")
    assert tuple(told[name] for name in COUNTS) == ("needs_confirmation", 20, 8, 12, 12, 12)
    assert waiting(platform, mine) == []
    assert mine.ask("POST", "/v1/feeds/both/confirmation").status_code == 204
    told = mine.wait("both", "needs_go_ahead", "in_force", "refused")
    assert told["state"] == "needs_go_ahead"
    assert platform.covers(mine.amc) == 20
    # Nobody says a word: after a week it is given up.
    platform.rows(
        "update intake.job j set due_at = clock_timestamp() from intake.upload u"
        " join registry.insurer i using (insurer_id)"
        " where u.upload_id = j.upload_id and u.name = 'both' and i.amc_number = %s"
        " and j.kind = 'expire'",
        mine.amc,
    )
    told = mine.wait("both", "refused", "in_force")
    assert "no go-ahead within seven days" in told["problems"][0]["reason"]
    assert platform.covers(mine.amc) == 20


def _sealed(lines: list[bytes]) -> bytes:
    header = json.loads(lines[0])
    header["sha256"] = hashlib.sha256(b"".join(lines[1:])).hexdigest()
    return json.dumps(header).encode() + b"\n" + b"".join(lines[1:])
