"""P1: nobody sees what a question came to, nor what it cost, before it is on record.

The caller here is the worst one: he has the edge's own role and a live token, writes his own
SQL, and wants to learn who is covered while nothing is kept of it.
"""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.asking import Site, collect, one
from tests.support.claiming import claimed
from tests.support.database import Connection, DatabaseUnderTest
from tests.support.quoting import optician, quote
from tests.support.waiting import wait_for_a_lock

Question = dict[str, Any]

ASK, WORK = "call rights.ask(%s)", "select rights.ask_batch(%s)"
FORGED = (
    'x\nSQL statement "SELECT rights.ask_batch(_questions)"\n'
    "PL/pgSQL function rights.ask(jsonb) line 6 at PERFORM"
)


def kept(site: Site) -> tuple[int, dict[str, Any]]:
    """Count entries, and read what the account was charged."""
    entries = one(site.db.owner, "select count(*) as n from journal.entry")["n"]
    budget = "select all_tat, new_tat, fresh_tat from guard.budget where kind = 2 and id = %s"
    return int(entries), one(site.db.owner, budget, site.account_id)


def in_a_transaction(edge: Connection, asked: Jsonb) -> None:
    edge.execute("begin")
    edge.execute(ASK, [asked])


def in_a_savepoint(edge: Connection, asked: Jsonb) -> None:
    edge.execute("begin")
    edge.execute("savepoint s")
    edge.execute(ASK, [asked])


def before_a_fault_of_the_same_message(edge: Connection, asked: Jsonb) -> None:
    text = psycopg.sql.SQL("call rights.ask({}); select 1 / 0").format(asked)
    edge.execute(text.as_string(edge).encode())


def after_another_statement_of_a_pipeline(edge: Connection, asked: Jsonb) -> None:
    with edge.pipeline():
        edge.execute("select 1")
        edge.execute(ASK, [asked])
        edge.execute("select 1 / 0")


def before_another_statement_of_a_pipeline(edge: Connection, asked: Jsonb) -> None:
    with edge.pipeline():
        edge.execute(ASK, [asked])
        edge.execute("select 1 / 0")


def explained(edge: Connection, asked: Jsonb) -> None:
    edge.execute("explain (analyze, wal, buffers) " + ASK, [asked])


def the_work_alone(edge: Connection, asked: Jsonb) -> None:
    edge.execute(WORK, [asked])


def the_work_explained(edge: Connection, asked: Jsonb) -> None:
    edge.execute("explain (analyze, wal, buffers) " + WORK, [asked])


def the_work_beside_what_fails(edge: Connection, asked: Jsonb) -> None:
    edge.execute(WORK + ", 1 / (select 0)", [asked])


def the_work_through_a_cursor(edge: Connection, asked: Jsonb) -> None:
    edge.execute("begin")
    edge.execute("declare c cursor for " + WORK, [asked])
    edge.execute("fetch c")


def the_work_in_a_block(edge: Connection, asked: Jsonb) -> None:
    text = psycopg.sql.SQL("do $d$ begin perform rights.ask_batch({}); end $d$").format(asked)
    edge.execute(text.as_string(edge).encode())


def the_work_with_a_forged_stack(edge: Connection, asked: Jsonb) -> None:
    """A parameter is quoted in the stack if one asks for it, line ends and all."""
    edge.execute("set log_parameter_max_length_on_error = -1")
    edge.execute(WORK + ", %s::text", [asked, FORGED])


def the_work_inside_a_forged_statement(edge: Connection, asked: Jsonb) -> None:
    """So is a statement that one of PostgreSQL's own functions runs."""
    text = psycopg.sql.SQL("select rights.ask_batch({})").format(asked).as_string(edge)
    edge.execute("select query_to_xml(%s, true, true, '')", [f"{text} /*{FORGED}*/"])


TRICKS = (
    in_a_transaction,
    in_a_savepoint,
    before_a_fault_of_the_same_message,
    after_another_statement_of_a_pipeline,
    explained,
    the_work_alone,
    the_work_explained,
    the_work_beside_what_fails,
    the_work_through_a_cursor,
    the_work_in_a_block,
    the_work_with_a_forged_stack,
    the_work_inside_a_forged_statement,
)


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_whoever_could_roll_back_is_refused_before_anything_is_done(
    site: Site, trick: Callable[[Connection, Jsonb], None]
) -> None:
    before, question = kept(site), site.question()
    edge = site.db.connect("rempart_edge")

    with pytest.raises(psycopg.Error) as raised:
        trick(edge, Jsonb([question]))
    # An invalid end of a transaction, no such statement, no such right, or not the way to ask.
    assert raised.value.sqlstate in {"2D000", "42601", "42501", "RP001"}
    edge.execute("rollback")
    assert kept(site) == before
    # The same question by the one way is answered: the refusal was of the trick.
    assert site.outcome(question) == "covered"


def test_within_a_transaction_nothing_is_even_begun(site: Site) -> None:
    """Else he would have his time-outs, and what else he can think of, to measure with."""
    holder = site.db.connect("rempart_migrator", autocommit=False)
    holder.execute(
        "select from guard.budget where kind = 2 and id = %s for update", [site.account_id]
    )
    edge = site.db.connect("rempart_edge")
    edge.execute("set statement_timeout = '300ms'")
    edge.execute("begin")
    with pytest.raises(psycopg.errors.InvalidTransactionTermination):
        edge.execute(ASK, [Jsonb([site.question()])])


def test_what_fails_after_a_question_takes_nothing_back(site: Site) -> None:
    """In a pipeline the statements up to its end are one transaction, but for who commits."""
    question, before = site.question(), kept(site)[0]
    edge = site.db.connect("rempart_edge")
    with pytest.raises(psycopg.errors.DivisionByZero):
        before_another_statement_of_a_pipeline(edge, Jsonb([question]))
    assert kept(site)[0] == before + 1
    assert [row["outcome"] for row in collect(edge, question)] == ["covered"]


def numbered(question: Question, like: Question) -> Question:
    """Draw for one question the number of another."""
    return question | {name: like[name] for name in ("engagement_id", "engagement_hash")}


@pytest.mark.parametrize("together", [False, True])
def test_a_number_that_is_given_already_is_no_oracle(site: Site, together: bool) -> None:
    """An error for who is covered, and none for who is not, would roll back what it tells."""
    given = site.question("alice")
    covered, stranger = (numbered(site.question(who), given) for who in ("bob", "stranger"))
    before = kept(site)[0]
    if together:
        found = site.ask(given, covered, stranger)[1:]
    else:
        site.ask(given)
        found = [*site.ask(covered), *site.ask(stranger)]
    assert [row["outcome"] for row in found] == ["covered", "no_right_found"]
    # Nobody gets a number that is somebody else's.
    assert [row["engagement_id"] for row in found] == [None, None]
    assert kept(site)[0] == before + 3


def test_a_quote_with_a_number_that_is_given_already_is_no_oracle(db: DatabaseUnderTest) -> None:
    shop = optician(db)
    given = quote(shop)
    before = kept(shop)[0]
    covered, stranger = (numbered(quote(shop, who), given) for who in ("bob", "stranger"))
    assert [row["outcome"] for row in shop.ask(given, covered, stranger)] == [
        "agreed", "nothing_agreed", "no_right_found",
    ]  # fmt: skip
    assert kept(shop)[0] == before + 3


@pytest.mark.slow
def test_whoever_draws_a_number_that_is_being_given_waits_covered_or_not(site: Site) -> None:
    """A time-out that meets who is covered alone would tell, and leave nothing."""
    given = site.question("alice")
    other = Site.make(site.db, identifier="750000002", rpps="10000000002")
    holder = site.db.connect("rempart_migrator", autocommit=False)
    # The first batch has given its number, and waits for its place in the journal.
    site.ask(site.question("carol"))
    head = "select from journal.head where subject_kind = 2 and subject_id = %s for update"
    holder.execute(head, [site.account_id])
    thread = threading.Thread(target=lambda: site.ask(given))
    thread.start()
    wait_for_a_lock(site.db)
    impatient = site.db.connect("rempart_edge")
    impatient.execute("set statement_timeout = '300ms'")
    for who in ("bob", "stranger"):
        with pytest.raises(psycopg.errors.QueryCanceled):
            impatient.execute(ASK, [Jsonb([numbered(other.question(who), given)])])
    # Another number is nobody's to wait for.
    impatient.execute("set statement_timeout = '10s'")
    impatient.execute(ASK, [Jsonb([other.question("bob")])])
    holder.commit()
    thread.join(30)


def test_no_message_tells_what_is_done_before_it_is_on_record(site: Site) -> None:
    edge, heard = site.db.connect("rempart_edge"), list[str]()
    edge.add_notice_handler(lambda one: heard.append(f"{one.message_primary} {one.message_detail}"))
    for setting in ("client_min_messages = debug5", "debug_print_plan = on"):
        edge.execute(f"set {setting}")
    edge.execute("select rights.collect('[]')")
    assert any("plan:" in told and ":relid" in told for told in heard)
    heard.clear()
    question = site.question()
    edge.execute(ASK, [Jsonb([question])])
    # Plans are told as they are made: of the procedure's own expressions, and of no table.
    assert not any(":relid" in told for told in heard), heard
    # As a commit begins it is told how many commands were run: of what did nothing, and no other.
    begun = [told for told in heard if told.startswith("CommitTransaction")]
    assert begun
    assert all("xid/subid/cid: 0/" in told for told in begun), begun
    assert [row["outcome"] for row in collect(edge, question)] == ["covered"]


def test_a_callers_patience_is_not_a_measure(site: Site) -> None:
    """Who waits for a row no longer than a millisecond would see which rows are wanted."""
    holder = site.db.connect("rempart_migrator", autocommit=False)
    holder.execute(
        "select from guard.budget where kind = 2 and id = %s for update", [site.account_id]
    )
    edge, question = site.edge(), site.question()
    edge.execute("set lock_timeout = '1ms'")
    thread = threading.Thread(target=lambda: edge.execute(ASK, [Jsonb([question])]))
    thread.start()
    wait_for_a_lock(site.db)
    holder.commit()
    thread.join(30)
    assert [row["outcome"] for row in collect(edge, question)] == ["covered"]


@pytest.mark.parametrize("trap", ["person", "number"])
def test_a_claim_left_open_holds_up_whoever_is_covered_and_whoever_is_not(
    site: Site, trap: str
) -> None:
    """It is his own to leave open, on what he was given about somebody whom he may ask about."""
    given = site.question("alice")
    site.ask(given)
    claiming = site.db.connect("rempart_edge", autocommit=False)
    assert claimed(site, given["engagement_hash"], edge=claiming)["refused_because"] is None
    impatient, before = site.db.connect("rempart_edge"), kept(site)
    impatient.execute("set statement_timeout = '400ms'")
    for who in ("bob", "stranger"):
        question = site.question(who)
        if trap == "person":
            # Nothing here can tell that this is not the index of the person who is looked for.
            question |= {"asked": given["asked"]}
        else:
            question = numbered(question, given)
        with pytest.raises(psycopg.errors.QueryCanceled):
            impatient.execute(ASK, [Jsonb([question])])
    assert kept(site) == before
    # It is that guarantee that is waited for, and no other.
    impatient.execute("set statement_timeout = '10s'")
    impatient.execute(ASK, [Jsonb([site.question("bob")])])
    claiming.rollback()
