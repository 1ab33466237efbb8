"""Makes a journal older than it is: every entry moved back in time, every hash computed anew."""

from datetime import timedelta
from typing import Any

from rempart.journal import Entry
from tests.support.asking import one
from tests.support.database import DatabaseUnderTest
from tests.support.days import PARIS_DAY


def hexed(value: bytes) -> str:
    return "\\x" + value.hex()


def age_journal(db: DatabaseUnderTest, by: timedelta, last: int | None = None) -> None:
    """Move entries up to ``last`` back as if they had been made then: what time itself does.

    Chains, leaves and heads are computed again, so the journal holds together as before.
    """
    owner = db.owner
    if last is None:
        last = one(owner, "select max(entry_no) as n from journal.entry")["n"]
    shift = int(by.total_seconds()) * 1_000_000
    rows = owner.execute("select * from journal.read_entries(0, 5000)").fetchall()
    heads: dict[tuple[int, int], bytes] = {}
    owner.execute("set session_replication_role = replica")
    for row in rows:
        fields: dict[str, Any] = row["entry"]
        entry = Entry(fields, row["payload"])
        moved = shift if entry.number <= last else 0
        fields["recorded_us"] -= moved
        fields["previous_hash"] = hexed(heads.get(entry.subject, bytes(32)))
        heads[entry.subject] = entry.leaf()
        owner.execute(
            "update journal.entry set recorded_at = recorded_at - make_interval(secs => %s),"
            " previous_hash = %s, leaf_hash = %s where entry_no = %s",
            (moved / 1e6, bytes.fromhex(fields["previous_hash"][2:]), entry.leaf(), entry.number),
        )
    seconds = shift / 1e6
    for table in ("payload", "reference"):
        owner.execute(
            f"update journal.{table} set recorded_at = recorded_at - make_interval(secs => %s)"
            " where entry_no <= %s",
            (seconds, last),
        )
    owner.execute(
        f"update guard.met set met_on = met_on - %s::integer where met_on <= {PARIS_DAY}",
        (by.days,),
    )
    for (kind, id_), leaf in heads.items():
        owner.execute(
            "update journal.head set head_hash = %s where subject_kind = %s and subject_id = %s",
            (leaf, kind, id_),
        )
    owner.execute("reset session_replication_role")
