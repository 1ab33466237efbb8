"""P5 with exceptions: an auditor rechecks their bound from the entries alone."""

import asyncio

import pytest

from rempart.foundation.database import Database
from rempart.journal import BudgetCheck, check_budgets
from tests.promises.test_p04_an_outcome_does_not_tell_why import freeze
from tests.support.asking import Site
from tests.support.copies import copied, refill, renew_token, restore
from tests.support.excepting import browser, excepted, touch


def audit(site: Site) -> BudgetCheck:
    async def work() -> BudgetCheck:
        async with await Database.open(site.db.dsn("rempart_journal"), max_size=1) as journal:
            return await check_budgets(journal)

    return asyncio.run(work())


def kinds(found: BudgetCheck) -> set[str]:
    assert found.ok is not bool(found.problems)
    return {problem.kind for problem in found.problems}


def as_insider(site: Site, *statements: str) -> None:
    """Do what whoever owns the database could, triggers turned off."""
    owner = site.db.owner
    owner.execute("set session_replication_role = replica")
    for statement in statements:
        owner.execute(statement)
    owner.execute("reset session_replication_role")


def ask(here: Site, *people: str) -> list[str]:
    return [here.outcome(touch(here, excepted(here, person))) for person in people]


@pytest.fixture
def here(site: Site) -> Site:
    """A pharmacist at a browser: 44 first asks, 5 exceptions at once; guard time stands still."""
    freeze(site)
    return browser(site)


def test_first_asks_and_exceptions_together_keep_to_their_bound(here: Site) -> None:
    asked = [here.outcome(here.scan(f"s{n}")) for n in range(13)]
    assert asked == ["no_right_found"] * 12 + ["exception_possible"]  # misses ended it
    assert ask(here, *(f"e{n}" for n in range(6))) == ["no_right_found"] * 5 + [
        "better_evidence_needed"
    ]
    found = audit(here)
    assert found.ok, found.problems
    assert found.worst is not None
    assert (found.worst.account, found.worst.met, found.worst.allowed) == (
        *(here.account_id, 12 + 5),
        44 + 5,
    )
    # Whoever was met by an exception is met: nobody is charged for him twice.
    assert here.outcome(here.question("e0")) == "no_right_found"
    assert audit(here).ok


def test_an_exception_that_was_charged_to_nobody_is_found(here: Site) -> None:
    assert ask(here, "alice") == ["covered"]
    assert audit(here).ok
    as_insider(here, "alter function guard.take_exception rename to really_take_exception")
    as_insider(
        here,
        "create function guard.take_exception(bigint, bigint, bigint, bigint) returns bytea"
        " language sql as $$ select ''::bytea $$",
    )
    assert ask(here, "bob") == ["covered"]
    found = audit(here)
    assert kinds(found) == {"uncharged"}
    # Once from the charges alone, which outlive what was asked, and once with it.
    assert {problem.what for problem in found.problems} == {
        f"exception was not charged to the {who}" for who in ("account", "professional", "site")
    }


def test_units_that_an_insider_gave_back_are_found(here: Site) -> None:
    assert ask(here, *"abcde") == ["no_right_found"] * 5
    as_insider(here, "update guard.exception_budget set tat = 0")
    assert ask(here, "f") == ["no_right_found"]
    assert kinds(audit(here)) >= {"arrival"}


def test_more_than_both_bounds_allow_is_found(here: Site) -> None:
    for turn in range(10):
        assert ask(here, *(f"{turn}{n}" for n in range(5))) == ["no_right_found"] * 5
        as_insider(here, "update guard.exception_budget set tat = 0")
        overs = [p.what for p in audit(here).problems if p.kind == "over"]
        # Past the exceptions' own bound from the sixth on; past both bounds from the fiftieth on.
        assert ("past the cap of exception" in overs) == (turn > 0)
        assert ("past the bound of first asks" in overs) == (turn == 9)


def test_a_wider_cap_without_an_entry_is_found(here: Site) -> None:
    assert ask(here, "alice") == ["covered"]
    as_insider(
        here,
        "update guard.exception_budget set burst = 100",
        "update guard.exception_cap set burst = 100",
    )
    assert ask(here, "bob") == ["covered"]
    assert kinds(audit(here)) == {"cap"}


def test_a_restore_gives_no_exception_back(site: Site) -> None:
    """Those that were lost with their rows count as used up too."""
    here = browser(site)
    with copied(here) as copy:
        freeze(copy)
        assert ask(here, *"abcde") == ["no_right_found"] * 5
        restore(copy.db)
        renew_token(copy)
        for hours, expected in ((1, "better_evidence_needed"), (4, "no_right_found")):
            refill(copy.db, hours * 3600)
            assert ask(copy, "f") == [expected]
        assert audit(copy).ok


def test_an_answer_that_hides_its_exception_is_found(here: Site) -> None:
    assert ask(here, "alice") == ["covered"]
    as_insider(here, "update journal.entry set kind = 'answer' where kind = 'exception'")
    assert kinds(audit(here)) == {"exception", "uncharged"}


def test_an_exception_without_a_reason_is_found(here: Site) -> None:
    assert ask(here, "alice") == ["covered"]
    as_insider(here, "update journal.payload set evidence = 'typed' where evidence <> ''")
    assert kinds(audit(here)) == {"exception"}


def test_charges_are_held_against_the_bound_when_payloads_are_gone(here: Site) -> None:
    assert ask(here, "alice") == ["covered"]
    as_insider(
        here,
        "update journal.entry set charges = '' where kind = 'exception'",
        "delete from journal.payload where evidence like 'exception:%'",
    )
    assert kinds(audit(here)) == {"uncharged"}
