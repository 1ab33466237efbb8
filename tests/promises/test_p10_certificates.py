"""P10: every erasure is certified, truthfully, whatever is killed and whenever."""

import asyncio
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest

from rempart.cli.purging import purge
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError
from rempart.journal import (
    Certificate,
    Entry,
    PurgeError,
    ReceiptError,
    check_budgets,
    check_certificate,
    read_certificate,
    read_entries,
)
from rempart.journal.purges import WHAT
from tests.support.ageing import age_journal
from tests.support.asking import Site, one
from tests.support.database import DatabaseUnderTest
from tests.support.purging import (
    SIGNER,
    add_covers,
    as_role,
    assert_whole,
    counts,
    limit,
    number,
    problems,
    purged,
)
from tests.support.waiting import wait_until_gone

PROGRAM = """
import asyncio, sys
from rempart.cli.purging import purge
from rempart.foundation.database import Database
async def main():
    opened = Database.open(sys.argv[1], max_size=1, application_name="killed")
    async with await opened as database:
        print("began", flush=True)
        await purge(database, "schedule", 36)
asyncio.run(main())
"""
COVERS = "select count(*) from registry.coverage"
PAYLOADS = "select count(*) from journal.payload"


@pytest.fixture
def old(site: Site) -> Site:
    """A site whose questions were asked more than three years ago, and one that asks today."""
    for person in ("alice", "stranger", "alice", "bob"):
        site.ask(site.question(person))
    site.ask(site.question("carol", domain="OPTI"))
    age_journal(site.db, timedelta(days=3 * 366 + 40))
    assert_whole(site.db)
    site.ask(site.question("alice"))
    return site


def test_a_certificate_says_what_went_and_is_checked_without_the_database(old: Site) -> None:
    add_covers(old.db, 7, limit(old.db, "cover") - timedelta(1))
    caps = number(old.db, "select count(*) from journal.entry where kind = 'cap'")
    made = purged(old.db)
    gone = {"cover": 8, "met": 4, "payload": 5, "reference": 4}
    assert counts(made) == dict.fromkeys(WHAT, 0) | gone
    # Today's answer, the caps and both steps of the run keep what opens them.
    assert number(old.db, PAYLOADS) == 1 + caps + 2
    assert number(old.db, "select count(*) from journal.entry") == 6 + caps + 2
    held = read_certificate(msgspec.json.encode(made))
    statement = check_certificate(held, SIGNER.public_key)
    assert statement.before("cover") == limit(old.db, "cover")
    assert_whole(old.db)


def changed(made: Certificate, how: str) -> Certificate:
    raw = msgspec.to_builtins(made)
    match how:
        case "count":
            raw["erased"][0]["erased"] += 1
        case "date":
            raw["erased"][0]["before"] = "2020-01-01"
        case "instant":
            raw["recorded_at"] = "2020-01-01T00:00:00+00:00"
        case "entry":
            raw["fields"]["entry_no"] += 1
        case "statement":
            raw["payload"]["proof"] = raw["payload"]["proof"][:-1] + (
                "0" if raw["payload"]["proof"][-1] != "0" else "1"
            )
        case "leaf":
            raw["leaf"] = "00" * 32
        case "signature":
            raw["signed"]["signature"] = "00" * 64
    return msgspec.convert(raw, Certificate)


@pytest.mark.parametrize(
    "how", ["count", "date", "instant", "entry", "statement", "leaf", "signature"]
)
def test_a_changed_certificate_does_not_hold(site: Site, how: str) -> None:
    made = purged(site.db)
    check_certificate(made, SIGNER.public_key)
    with pytest.raises((PurgeError, ReceiptError)):
        check_certificate(changed(made, how), SIGNER.public_key)


async def entries(database: Database) -> list[Entry]:
    return [entry async for entry in read_entries(database)]


def test_what_is_no_certificate_is_refused_in_words(site: Site) -> None:
    made = purged(site.db)
    raw = msgspec.to_builtins(made)
    for told in (b"", b"{}", msgspec.json.encode(raw | {"entry": "1"})):
        with pytest.raises(BadInputError, match="is no certificate"):
            read_certificate(told)
    with pytest.raises(BadInputError, match="that this version knows"):
        read_certificate(msgspec.json.encode(raw | {"format": "rempart/purge-certificate/v2"}))
    for name, member in (("fields", "kind"), ("fields", "recorded_us"), ("payload", "proof")):
        lacking = raw | {name: {k: v for k, v in raw[name].items() if k != member}}
        with pytest.raises(BadInputError, match="lacks something"):
            check_certificate(msgspec.convert(lacking, Certificate), SIGNER.public_key)
    for entry in as_role(site.db, "rempart_journal", entries):
        other = msgspec.structs.replace(made, fields=entry.fields, payload=entry.payload or {})
        if entry.number != made.entry:
            why = "the end of a purge" if entry.number == made.opening_entry else "entry of a purge"
            with pytest.raises(PurgeError, match=why):
                check_certificate(other, SIGNER.public_key)


def test_a_certificate_under_another_key_does_not_hold(site: Site) -> None:
    with pytest.raises(ReceiptError):
        check_certificate(purged(site.db), bytes(32))


def test_nothing_is_certified_that_is_not_done(site: Site) -> None:
    jobs = site.db.connect("rempart_jobs")
    assert jobs.execute("select * from journal.close_purge()").fetchall() == []
    jobs.execute("select * from journal.open_purge('console', 36)")
    assert jobs.execute("select * from journal.close_purge()").fetchall() == []
    assert jobs.execute("select * from journal.open_purge('console', 5)").fetchall() != []
    site.db.owner.execute("delete from journal.purge_part")
    site.db.owner.execute("delete from journal.purge")
    assert jobs.execute("select * from journal.open_purge('console', 5)").fetchall() == []
    assert jobs.execute("select * from journal.open_purge('console', 61)").fetchall() == []


def test_a_purge_that_is_cut_off_explains_what_is_gone_already(old: Site) -> None:
    jobs = old.db.connect("rempart_jobs")
    jobs.execute("select * from journal.open_purge('console', 36)")
    assert_whole(old.db)
    jobs.execute("select * from journal.erase_payloads(2)")
    assert_whole(old.db)
    assert counts(purged(old.db))["payload"] == 5
    assert_whole(old.db)


def insider(db: DatabaseUnderTest, statement: str) -> None:
    db.owner.execute("set session_replication_role = replica")
    assert db.owner.execute(statement).rowcount == 1
    db.owner.execute("reset session_replication_role")


NEWEST = "(select max(e.entry_no) from journal.entry e where e.kind = '{}')"
GONE = ("payload", "its payload is gone and no purge says so")
SUMS = ("payload", "as many payloads are not gone as the purges say")


def test_a_payload_that_no_purge_covers_is_missed(old: Site) -> None:
    purged(old.db)
    newest = NEWEST.format("answer")
    insider(old.db, f"delete from journal.payload where entry_no = {newest}")
    assert problems(old.db) == [GONE, SUMS]


def test_a_payload_that_is_kept_for_ever_is_missed(old: Site) -> None:
    purged(old.db)
    oldest_cap = "(select min(e.entry_no) from journal.entry e where e.kind = 'cap')"
    insider(old.db, f"delete from journal.payload where entry_no = {oldest_cap}")
    assert problems(old.db) == [("purge", "its payload is gone and may never be erased")]


def test_a_payload_made_away_with_before_the_purge_is_counted(old: Site) -> None:
    oldest = "(select min(e.entry_no) from journal.entry e where e.kind = 'answer')"
    insider(old.db, f"delete from journal.payload where entry_no = {oldest}")
    assert GONE in problems(old.db)
    purged(old.db)
    assert problems(old.db) == [SUMS]


def test_a_payload_that_came_back_is_found(old: Site) -> None:
    old.db.owner.execute("create table public.backup as select * from journal.payload")
    purged(old.db)
    insider(
        old.db,
        "insert into journal.payload select b.* from public.backup b where b.entry_no ="
        " (select min(e.entry_no) from journal.entry e where e.kind = 'answer')",
    )
    still = ("payload", "its payload is still there and a purge says it is not")
    assert problems(old.db) == [SUMS, still]


def test_a_statement_that_was_changed_is_found(site: Site) -> None:
    purged(site.db)
    last = NEWEST.format("purge")
    insider(site.db, f"update journal.payload set proof = '\\x00'::bytea where entry_no = {last}")
    assert ("payload", "commitment_b does not open to its payload") in problems(site.db)


def test_budgets_are_replayed_from_entries_whose_payload_is_gone(old: Site) -> None:
    before = as_role(old.db, "rempart_journal", check_budgets)
    assert (before.ok, before.freshness_unknown) == (True, 0)
    purged(old.db)
    after = as_role(old.db, "rempart_journal", check_budgets)
    assert after.ok, after.problems
    assert after.worst == before.worst
    assert after.freshness_unknown == 4
    old.db.owner.execute("update guard.budget set fresh_burst = 1000 where kind in (2, 3, 4)")
    old.ask(old.question("somebody new"))
    assert not as_role(old.db, "rempart_journal", check_budgets).ok


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_at_any_instant_and_run_again_the_counts_add_up(
    old: Site, tmp_path: Path, seed: int
) -> None:
    """The process is killed again and again; the last one is let be."""
    due = 60_000
    add_covers(old.db, due, limit(old.db, "cover") - timedelta(1))
    kept = number(old.db, COVERS) - due - 1
    random = Random(seed)
    for _ in range(8):
        words = [sys.executable, "-c", PROGRAM, old.db.dsn("rempart_jobs")]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"began\n"
            time.sleep(random.random() * 0.4)
            process.kill()
        # Killed, or done before: it did not end by a fault of its own.
        assert process.returncode in {-signal.SIGKILL, 0}
        wait_until_gone(old.db, "killed")
        assert_whole(old.db)
        sums = one(
            old.db.owner,
            "select coalesce(sum(erased) filter (where what = 'cover'), 0) as covers,"
            " coalesce(sum(erased) filter (where what = 'payload'), 0) as payloads"
            " from journal.purge_part",
        )
        assert number(old.db, COVERS) == kept + due + 1 - sums["covers"]
    purged(old.db)
    assert number(old.db, COVERS) == kept
    total = "select sum(erased) from journal.purge_part where what = %s"
    assert number(old.db, total, "cover") == due + 1
    assert number(old.db, total, "payload") == 5
    assert_whole(old.db)


def test_two_that_erase_at_once_erase_each_row_once(site: Site) -> None:
    due = 20_000
    add_covers(site.db, due, limit(site.db, "cover") - timedelta(1))

    async def both() -> None:
        opened = Database.open(site.db.dsn("rempart_jobs"), max_size=2)
        async with await opened as database:
            await asyncio.gather(purge(database, "console", 36), purge(database, "schedule", 36))

    asyncio.run(both())
    total = "select sum(erased) from journal.purge_part where what = 'cover'"
    assert number(site.db, total) == due + 1
    assert number(site.db, "select count(*) from journal.purge where closed_no is null") == 0
    assert_whole(site.db)


def test_a_cover_that_a_feed_holds_is_not_waited_for(site: Site) -> None:
    """A feed at work never waits for an erasure that waits for it: the batch comes back to it."""
    jobs, feed = site.db.connect("rempart_jobs"), site.db.connect("rempart_migrator")
    add_covers(site.db, 3, limit(site.db, "cover") - timedelta(1))
    jobs.execute("select * from journal.open_purge('console', 36)")
    with feed.transaction():
        feed.execute(
            "select from registry.coverage where valid_to < current_date - 32"
            " order by ctid limit 1 for update"
        )
        row = one(jobs, "select * from registry.erase_covers(5000)")
        assert row == {"erased": 3, "done": False, "held": True}
    row = one(jobs, "select * from registry.erase_covers(5000)")
    assert row == {"erased": 1, "done": True, "held": False}
