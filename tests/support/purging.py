"""Erasing on a test's database, as rempart_jobs does it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import TypeVar

from rempart.cli.purging import purge
from rempart.foundation.database import Database
from rempart.journal import Certificate, ReceiptSigner, make_certificate, verify
from tests.support.asking import INSURER, one
from tests.support.database import DatabaseUnderTest

SIGNER = ReceiptSigner(bytes(32))
_Found = TypeVar("_Found")


def as_role(
    db: DatabaseUnderTest, role: str, work: Callable[[Database], Awaitable[_Found]]
) -> _Found:
    async def inside() -> _Found:
        async with await Database.open(db.dsn(role), max_size=1) as database:
            return await work(database)

    return asyncio.run(inside())


def purged(db: DatabaseUnderTest, months: int = 36) -> Certificate:
    async def work(database: Database) -> Certificate | None:
        return await make_certificate(database, await purge(database, "console", months), SIGNER)

    made = as_role(db, "rempart_jobs", work)
    assert made is not None
    return made


def counts(certificate: Certificate) -> dict[str, int]:
    return {item.what: item.erased for item in certificate.erased}


def assert_whole(db: DatabaseUnderTest) -> None:
    found = as_role(db, "rempart_journal", verify)
    assert found.ok, found.problems


def problems(db: DatabaseUnderTest) -> list[tuple[str, str]]:
    found = as_role(db, "rempart_journal", verify)
    assert found.ok == (not found.problems)
    return [(problem.kind, problem.what) for problem in found.problems]


def limit(db: DatabaseUnderTest, what: str, months: int = 36) -> date:
    """Return before which date a kind goes now."""
    statement = "select before from journal.purge_limits(clock_timestamp(), %s) where what = %s"
    found: date = one(db.owner, statement, months, what)["before"]
    return found


def add_covers(db: DatabaseUnderTest, count: int, last_day: date) -> None:
    """Cover so many people of the insurer until a day."""
    db.owner.execute(
        "insert into registry.coverage (insurer_id, person_index, member_reference, plan_id,"
        " valid_from, valid_to, cover_rank, card_hash, feed_id)"
        " select i.insurer_id, sha256(int8send(n) || convert_to(%s, 'UTF8')),"
        " substr(sha256(int8send(n)), 1, 16), p.plan_id, %s::date - 100, %s, 1, null, 1"
        " from registry.insurer i join registry.plan p on p.insurer_id = i.insurer_id"
        " and p.code = 'COMPLET' cross join generate_series(1, %s) n where i.amc_number = %s",
        (last_day.isoformat(), last_day, last_day, count, INSURER),
    )


def number(db: DatabaseUnderTest, statement: str, *args: object) -> int:
    return int(one(db.owner, f"select ({statement}) as n", *args)["n"])
