"""`journal verify` and `check-budgets` find what an insider changes, and pass what is whole."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from rempart.foundation.database import Database
from rempart.journal import Verification, check_budgets, verify
from tests.support.asking import Site

_Found = TypeVar("_Found")


def checked(site: Site, check: Callable[[Database], Awaitable[_Found]]) -> _Found:
    async def work() -> _Found:
        async with await Database.open(site.db.dsn("rempart_journal"), max_size=1) as database:
            return await check(database)

    return asyncio.run(work())


@pytest.fixture
def busy(site: Site) -> Site:
    """A site that asked about hits, misses and strangers, was refused, and replayed."""
    for person in ("alice", "stranger", "ended", "alice", "bob"):
        site.ask(site.question(person))
    question = site.scan("carol")
    site.ask(question)
    site.ask(site.scan("carol", reference=question["reference"]))
    site.ask(site.question("carol", domain="OPTI"))
    site.ask(site.question(professional="10000000099"))
    return site


def test_a_whole_journal_passes_both_checks(busy: Site) -> None:
    verification, budgets = checked(busy, verify), checked(busy, check_budgets)
    assert verification.ok, verification.problems
    assert budgets.ok, budgets.problems
    assert verification.entries == budgets.entries == 4 + 9
    assert budgets.accounts == 1
    assert budgets.worst is not None
    assert budgets.worst.met == 5
    assert budgets.worst.account == busy.account_id


def test_every_page_is_read_whatever_ends_with_it(
    busy: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in (13, 5, 1):
        monkeypatch.setattr("rempart.journal.entry._PAGE", page)
        verification = checked(busy, verify)
        assert verification.ok, verification.problems
        assert verification.entries == 13, page


def test_the_list_of_problems_is_bounded_and_the_verdict_is_not() -> None:
    found = Verification()
    for number in range(1_003, 0, -1):
        found.add("leaf", "somewhere", "it does not hold", number)
    assert (found.ok, found.first_bad_entry, len(found.problems)) == (False, 1, 1_000)


def as_insider(site: Site, statement: str) -> None:
    """Change the tables as a database's owner could, triggers turned off."""
    owner = site.db.owner
    owner.execute("set session_replication_role = replica")
    owner.execute(statement)
    owner.execute("reset session_replication_role")


FOURTH = "(select max(entry_no) - 3 from journal.entry)"
LAST = "(select max(entry_no) from journal.entry)"
TAMPERED = {
    "entry edited": f"update journal.entry set kind = 'replay' where entry_no = {FOURTH}",
    "charges removed": f"update journal.entry set charges = '' where entry_no = {FOURTH}",
    "backdated": f"update journal.entry set recorded_at = recorded_at - interval '1 second'"
    f" where entry_no = {FOURTH}",
    "tally edited": f"update journal.entry set tally = 0 where entry_no = {FOURTH}",
    "outcome edited": "update journal.payload set outcome = 'no_right_found'"
    " where outcome = 'covered'",
    "member edited": "update journal.payload set member_reference = '\\x00' where insurer <> ''",
    "network edited": "update journal.payload set network = '192.0.2.1' where insurer <> ''",
    "entry deleted": f"delete from journal.entry where entry_no = {FOURTH}",
    "last entry deleted": f"delete from journal.entry where entry_no = {LAST}",
    "payload deleted": f"delete from journal.payload where entry_no = {FOURTH}",
    "all deleted": "delete from journal.entry",
    "entry doubled": "insert into journal.entry select * from journal.entry"
    f" where entry_no = {FOURTH}",
    "moved to another chain": f"update journal.entry set subject_id = 99 where entry_no = {FOURTH}",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_found(busy: Site, how: str) -> None:
    as_insider(busy, TAMPERED[how])
    found = checked(busy, verify)
    assert not found.ok, how
    assert found.problems


def test_charges_that_cannot_be_read_are_named(busy: Site) -> None:
    as_insider(busy, f"update journal.entry set charges = '\\x00' where entry_no = {FOURTH}")
    found = checked(busy, verify)
    assert {problem.kind for problem in found.problems} == {"leaf", "charges"}
    assert len({problem.where for problem in found.problems}) == 1


CHEATED = {
    "cap raised": "update guard.budget set fresh_burst = 1000 where kind in (2, 3, 4)",
    "bucket refilled": "update guard.budget set fresh_tat = 0, all_tat = 0",
    "time sped up": "update guard.budget set fresh_every = fresh_every / 2 where kind in (2, 3, 4)",
}


@pytest.mark.parametrize("how", CHEATED)
def test_a_budget_changed_in_the_tables_is_found(busy: Site, how: str) -> None:
    as_insider(busy, CHEATED[how])
    busy.ask(busy.scan("somebody new"))
    found = checked(busy, check_budgets)
    assert not found.ok, how


def test_a_first_ask_that_was_not_charged_is_found(busy: Site) -> None:
    from tests.support.asking import asked_of

    busy.db.owner.execute(
        "insert into guard.met (holder, holder_id, asked, met_on) values"
        " (4, %s, %s, current_date), (2, %s, %s, current_date)",
        (busy.site_id, asked_of("new one"), busy.account_id, asked_of("new one")),
    )
    busy.ask(busy.scan("new one"))
    found = checked(busy, check_budgets)
    assert {problem.kind for problem in found.problems} == {"uncharged"}


def test_everything_used_up_stays_within_the_bounds(site: Site) -> None:
    for number in range(30):
        site.ask(site.question(f"s{number}"))
    found = checked(site, check_budgets)
    assert found.ok, found.problems
    assert found.worst is not None
    assert found.worst.met <= found.worst.allowed
