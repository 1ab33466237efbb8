"""The lane: one broken question costs a bisection, charged to whoever asked it."""

import asyncio
import math
import secrets
from typing import Any

import pytest

from rempart.foundation.database import Database, Row, hexed
from rempart.foundation.errors import MisuseError, UnavailableError
from rempart.journal import ReceiptSigner, check_budgets, verify
from rempart.rights.lane import BATCH, Lane
from tests.support.asking import Site, one
from tests.support.database import DatabaseUnderTest
from tests.support.lanes import Counted, outcome, run

Question = dict[str, Any]


def broken(site: Site, how: str = "date") -> Question:
    """A row that no edge makes: it breaks every batch that it is in."""
    question = site.question()
    match how:
        case "missing":
            del question["domain"]
        case "date":
            question["care_on"] = "2026-99-99"
        case "name":
            # Not even the name of whoever asks can be read.
            question["professional"] = "\x00"
    return question


@pytest.mark.parametrize("how", ["missing", "date", "name"])
@pytest.mark.parametrize("place", [0, 37, 63])
def test_one_broken_question_costs_a_bisection_and_nobody_else_an_answer(
    site: Site, how: str, place: int
) -> None:
    async def work(lane: Lane, counted: Counted) -> None:
        questions = [site.question() for _ in range(BATCH)]
        questions[place] = broken(site, how)
        answers = await asyncio.gather(*map(lane.ask, questions), return_exceptions=True)
        assert isinstance(answers.pop(place), UnavailableError)
        for answer in answers:
            assert not isinstance(answer, BaseException)
            assert outcome(answer) == "covered"
        assert counted.calls.count("rights.ask") <= 1 + 2 * math.log2(BATCH)
        assert counted.calls.count("rights.collect") <= math.log2(BATCH)

    run(site, work, lanes=1)


def spent(site: Site, kind: int, key: int) -> int:
    row = one(
        site.db.owner, "select all_tat from guard.budget where kind = %s and id = %s", kind, key
    )
    return int(row["all_tat"])


def refusals(site: Site) -> list[dict[str, Any]]:
    return site.db.owner.execute(
        "select e.subject_kind, e.subject_id, e.tally, octet_length(e.charges) / 34 as charges,"
        " p.account_id from journal.entry e join journal.payload p using (entry_no)"
        " where p.refused_because = 'question_broken' order by e.entry_no"
    ).fetchall()


def checked(db: DatabaseUnderTest) -> None:
    """The journal holds, and the auditor finds every charge where an entry says so."""

    async def work() -> None:
        async with await Database.open(db.dsn("rempart_journal"), max_size=1) as journal:
            verification, budgets = await verify(journal), await check_budgets(journal)
        assert verification.ok, verification.problems[:3]
        assert budgets.ok, budgets.problems[:3]

    asyncio.run(work())


def ask_broken(site: Site, *questions: Question) -> None:
    async def work(lane: Lane, _counted: Counted) -> None:
        for question in questions:
            with pytest.raises(UnavailableError):
                await lane.ask(question)

    run(site, work)


def test_the_account_that_broke_a_batch_is_charged(site: Site) -> None:
    other = Site.make(site.db, identifier="750000002", rpps="10000000002")
    before = [spent(each, 2, each.account_id) for each in (site, other)]

    async def work(lane: Lane, _counted: Counted) -> None:
        await asyncio.gather(lane.ask(broken(site)), return_exceptions=True)

    run(site, work)
    assert spent(site, 2, site.account_id) > before[0]
    assert spent(other, 2, other.account_id) == before[1]
    found = refusals(site)
    assert [(row["subject_kind"], row["subject_id"]) for row in found] == [(2, site.account_id)]
    assert found[0]["charges"] >= 3
    checked(site.db)


def test_a_broken_name_is_charged_to_the_installation(site: Site) -> None:
    ask_broken(site, broken(site, "name"))
    found = refusals(site)
    installation = site.installation.installation_id
    assert [(row["subject_kind"], row["subject_id"]) for row in found] == [(1, installation)]
    assert (found[0]["charges"], found[0]["account_id"]) == (1, 0)
    checked(site.db)


def test_the_same_request_breaks_a_batch_at_its_owners_cost_once(site: Site) -> None:
    question = broken(site)
    ask_broken(site, question)
    charged = spent(site, 2, site.account_id)
    ask_broken(site, question, question)
    assert spent(site, 2, site.account_id) == charged
    checked(site.db)


def test_past_the_cap_broken_questions_are_counted(site: Site) -> None:
    site.db.owner.execute("update guard.clock set wall_at = clock_timestamp() + interval '1 hour'")
    site.empty("all", 2)
    ask_broken(site, *(broken(site) for _ in range(4)))
    # One entry a minute stands for all of them.
    assert [(row["tally"], row["charges"]) for row in refusals(site)] == [(1, 0)]
    muted = one(
        site.db.owner,
        "select muted_count from guard.budget where kind = 2 and id = %s",
        site.account_id,
    )
    assert muted["muted_count"] == 3


def test_a_dead_token_that_breaks_a_batch_leaves_nothing(site: Site) -> None:
    ask_broken(site, broken(site) | {"token": secrets.token_urlsafe(32)})
    assert refusals(site) == []


def test_a_fault_of_the_platform_is_charged_to_nobody_and_not_bisected(site: Site) -> None:
    site.db.owner.execute("delete from guard.clock")

    async def work(lane: Lane, counted: Counted) -> None:
        asked = (lane.ask(site.question()) for _ in range(BATCH))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(answer, UnavailableError) for answer in answers)
        assert counted.calls == ["rights.ask"]

    run(site, work)
    assert refusals(site) == []


class Faulty:
    """A database whose driver raises what nobody foresaw."""

    def __init__(self) -> None:
        self.faults = 1

    async def call(self, function: str, *args: object) -> list[Row]:
        await asyncio.sleep(0)
        if self.faults:
            self.faults -= 1
            raise ArithmeticError
        raise MisuseError("RP503", function)

    async def run(self, procedure: str, *args: object) -> None:
        await self.call(procedure, *args)


def test_an_unforeseen_fault_leaves_nobody_waiting() -> None:
    async def work() -> None:
        unseen: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, told: unseen.append(told))
        lane = Lane(Faulty(), ReceiptSigner(bytes(32)), lanes=1)
        asked = [lane.ask({"attempt": hexed(bytes(16))}) for _ in range(2 * BATCH)]
        answers = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 5)
        assert all(isinstance(answer, UnavailableError) for answer in answers)
        await asyncio.wait_for(lane.close(), 5)

    asyncio.run(work())


class Failing:
    """A database that raises the same fault from each of these calls, and does the others."""

    def __init__(self, fault: Exception, *functions: str) -> None:
        self.fault = fault
        self.functions = functions
        self.calls: list[str] = []

    async def call(self, function: str, *args: object) -> list[Row]:
        await asyncio.sleep(0)
        self.calls.append(function)
        if function in self.functions:
            raise self.fault
        return []

    async def run(self, procedure: str, *args: object) -> None:
        await self.call(procedure, *args)


AWAY = UnavailableError("the database did not answer")


@pytest.mark.parametrize(
    "fault, failing, calls, said",
    [
        (AWAY, ["rights.ask"], ["rights.ask"], "did not answer"),
        (AWAY, ["rights.collect"], ["rights.ask", "rights.collect"], "not collected"),
        (
            MisuseError("42501", "rights.collect"),
            ["rights.collect"],
            ["rights.ask", "rights.collect"],
            "not collected",
        ),
        # Nobody's fault that is known: nobody is charged.
        (MisuseError("XX000", "rights.ask"), ["rights.ask"], ["rights.ask"], "with XX000"),
        (
            MisuseError("22007", "rights.ask"),
            ["rights.ask", "rights.note_broken"],
            ["rights.ask", "rights.note_broken", "rights.note_broken"],
            "with 22007",
        ),
    ],
    ids=["not asked", "not collected", "collected by nobody", "unknown", "not charged"],
)
def test_what_fails_is_unavailable_and_tried_no_second_time(
    fault: Exception, failing: list[str], calls: list[str], said: str
) -> None:
    async def work() -> None:
        database = Failing(fault, *failing)
        lane = Lane(database, ReceiptSigner(bytes(32)), lanes=1)
        question = {"attempt": hexed(bytes(16)), "token": "x", "jkt": hexed(bytes(32))}
        with pytest.raises(UnavailableError, match=said):
            await lane.ask(question)
        await lane.close()
        assert database.calls == calls

    asyncio.run(work())
