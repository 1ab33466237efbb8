"""Insurers and plans as the desk states them: idempotent, normalised, and by the desk alone."""

import asyncio
from collections.abc import Callable, Coroutine

import psycopg
import pytest

from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError, MisuseError
from rempart.registry import DomainRule, add_insurer, add_plan
from tests.support.database import DatabaseUnderTest

Work = Callable[[Database], Coroutine[None, None, int]]
PAID = DomainRule("direct", rate_bp=10000, ceiling_cents=5000)


def at_desk(db: DatabaseUnderTest, *works: Work) -> list[int]:
    """Do some work as the desk."""

    async def do() -> list[int]:
        async with await Database.open(db.dsn("rempart_desk"), max_size=1) as desk:
            return [await work(desk) for work in works]

    return asyncio.run(do())


def test_the_same_stated_twice_is_one(db: DatabaseUnderTest) -> None:
    made = at_desk(
        db,
        lambda desk: add_insurer(desk, "99 00 01a", "Mutuelle"),
        lambda desk: add_insurer(desk, "990001A", "Mutuelle d'essai"),
        lambda desk: add_plan(desk, "990001a", "A", "Socle", {"PHAR": PAID, "OPTI": PAID}),
        lambda desk: add_plan(desk, "990001A", "A", "Socle bis", {"PHAR": PAID}),
    )
    assert (made[0], made[2]) == (made[1], made[3])
    owner = db.owner
    assert owner.execute("select amc_number, name from registry.insurer").fetchall() == [
        {"amc_number": "990001A", "name": "Mutuelle d'essai"}
    ]
    assert owner.execute("select label from registry.plan").fetchall() == [{"label": "Socle bis"}]
    rules = owner.execute("select domain, mode, rate_bp, ceiling_cents from registry.plan_domain")
    assert rules.fetchall() == [
        {"domain": "PHAR", "mode": "direct", "rate_bp": 10000, "ceiling_cents": 5000}
    ]


def test_a_plan_of_nobody_or_of_nonsense_is_refused(db: DatabaseUnderTest) -> None:
    at_desk(db, lambda desk: add_insurer(desk, "990001", "Mutuelle"))
    for amc, rules in (("990002", {"PHAR": PAID}), ("990001", {"XXXX": PAID})):
        with pytest.raises(MisuseError):
            at_desk(db, lambda desk, a=amc, r=rules: add_plan(desk, a, "A", "x", r))  # type: ignore[misc]  # defaults bind the loop's values
    with pytest.raises(BadInputError, match="insurer"):
        at_desk(db, lambda desk: add_insurer(desk, "9" * 11, "Mutuelle"))


@pytest.mark.parametrize("role", ["rempart_edge", "rempart_intake", "rempart_signin"])
def test_it_is_for_the_desk(db: DatabaseUnderTest, role: str) -> None:
    other = db.connect(role)
    for call in ("add_insurer('990001', 'x')", "add_plan('990001', 'A', 'x', '{}')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute(f"select registry.{call}")
