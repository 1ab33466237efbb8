"""P6: a move of a gate is seen by the next batch of every edge, is an entry, and is the desk's."""

import asyncio
import threading
import time

import psycopg
import pytest
from psycopg.types.json import Jsonb

from rempart.foundation.database import Database
from rempart.guard import EFFECTIVE_WITHIN_S
from rempart.journal import verify
from tests.support.asking import INSURER, Site, collect, index_of, one, write_something
from tests.support.closing import WHY, close, move, waited


def test_an_edge_that_was_connected_before_sees_it_in_its_next_batch(site: Site) -> None:
    edge = site.db.connect("rempart_edge")
    assert edge.execute("select 1").fetchone()
    desk = site.db.connect("rempart_desk")
    before, after = site.question(), site.question("bob")
    edge.execute("call rights.ask(%s)", (Jsonb([before]),))
    began = time.monotonic()
    desk.execute("select guard.close_gate('site', %s, %s, %s, null)", (site.identifier, *WHY))
    edge.execute("call rights.ask(%s)", (Jsonb([after]),))
    taken = time.monotonic() - began
    # What was asked before is answered still; what comes after is not.
    assert [row["outcome"] for row in collect(edge, before, after)] == ["covered", "closed"]
    assert taken < EFFECTIVE_WITHIN_S


def test_an_edge_cannot_keep_an_old_view_of_the_gates(site: Site) -> None:
    edge = site.db.connect("rempart_edge")
    edge.execute("set default_transaction_isolation = 'repeatable read'")
    close(site, "platform", "")
    with pytest.raises(psycopg.Error) as raised:
        edge.execute("call rights.ask(%s)", (Jsonb([site.question()]),))
    assert raised.value.sqlstate == "RP001"


def test_effective_means_that_no_older_transaction_of_an_edge_runs(site: Site) -> None:
    edge = site.db.connect("rempart_edge", autocommit=False)
    write_something(edge, site)
    close(site, "platform", "")
    began = time.monotonic()
    assert waited(site, began - EFFECTIVE_WITHIN_S) is None
    # Its end is waited for, and no longer.
    began = time.monotonic()
    threading.Timer(0.2, edge.commit).start()
    taken = waited(site, began)
    assert taken is not None
    assert 0.2 <= taken <= EFFECTIVE_WITHIN_S


def test_each_move_is_an_entry_and_the_journal_holds(site: Site) -> None:
    close(site, "account", f"{site.rpps}@{site.identifier}")
    site.outcome(site.question())
    move(site, "open", "account", f"{site.rpps}@{site.identifier}")
    found = site.db.owner.execute(
        "select e.subject_kind, e.proof_kind, e.counter, p.proof from journal.entry e"
        " join journal.payload p using (entry_no) where e.kind = 'gate' order by entry_no"
    ).fetchall()
    assert [(r["subject_kind"], r["proof_kind"], r["counter"]) for r in found] == [
        (0, "console", 1),
        (0, "console", 2),
    ]
    for row, action in zip(found, (b"close", b"open"), strict=True):
        for told in (action, b"account", site.rpps.encode(), WHY[0].encode(), b"Alice"):
            assert told in row["proof"]

    async def work() -> None:
        async with await Database.open(site.db.dsn("rempart_journal"), max_size=1) as database:
            checked = await verify(database)
        assert checked.ok, checked.problems

    asyncio.run(work())


def test_a_refused_move_leaves_no_entry(site: Site) -> None:
    count = "select count(*) as n from journal.entry"
    before = one(site.db.owner, count)
    move(site, "open", "site", site.identifier)
    move(site, "close", "site", "750000099", None)
    assert one(site.db.owner, count) == before


def test_the_registry_is_not_read_for_a_closed_question(site: Site) -> None:
    close(site, "insurer", INSURER)
    site.db.owner.execute("revoke select on registry.coverage from rempart_def_registry")
    assert site.outcome(site.question(person_indexes=["\\x" + index_of("bob").hex()])) == "closed"


def test_only_the_desk_moves_gates(site: Site) -> None:
    for role in ("rempart_edge", "rempart_jobs", "rempart_journal", "rempart_intake"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            site.db.connect(role).execute("select guard.open_gate('platform', '', %s, %s)", WHY)
