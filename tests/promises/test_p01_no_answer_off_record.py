"""P1: no answer leaves before its entry and its charge are committed, whatever the caller does."""

import secrets
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.asking import Site, collect, one
from tests.support.claiming import CLAIM, claimed, stated
from tests.support.database import DatabaseUnderTest
from tests.support.quoting import about_authorization, optician, quote

Question = dict[str, Any]


def entries(site: Site) -> int:
    return int(one(site.db.owner, "select count(*) as n from journal.entry")["n"])


def spent(site: Site) -> dict[str, Any]:
    return one(
        site.db.owner,
        "select all_tat, new_tat, fresh_tat from guard.budget where kind = 2 and id = %s",
        site.account_id,
    )


def ask(edge: psycopg.Connection[dict[str, Any]], question: Question) -> None:
    edge.execute("select rights.ask(%s)", (Jsonb([question]),))


def same_transaction(site: Site, question: Question) -> list[dict[str, Any]]:
    edge = site.db.connect("rempart_edge", autocommit=False)
    ask(edge, question)
    found = collect(edge, question)
    edge.rollback()
    return found


def in_a_savepoint(site: Site, question: Question) -> list[dict[str, Any]]:
    edge = site.db.connect("rempart_edge", autocommit=False)
    edge.execute("savepoint s")
    ask(edge, question)
    edge.execute("release savepoint s")
    found = collect(edge, question)
    edge.rollback()
    return found


def savepoint_rolled_back(site: Site, question: Question) -> list[dict[str, Any]]:
    edge = site.db.connect("rempart_edge", autocommit=False)
    edge.execute("savepoint s")
    ask(edge, question)
    edge.execute("rollback to savepoint s")
    found = collect(edge, question)
    edge.rollback()
    return found


def on_another_connection(site: Site, question: Question) -> list[dict[str, Any]]:
    edge = site.db.connect("rempart_edge", autocommit=False)
    ask(edge, question)
    found = collect(site.db.connect("rempart_edge"), question)
    edge.rollback()
    return found


def in_one_statement(site: Site, question: Question) -> list[dict[str, Any]]:
    edge = site.db.connect("rempart_edge", autocommit=False)
    pickup = Jsonb([{k: question[k] for k in ("attempt", "token", "jkt")}])
    found = edge.execute(
        "with asked as materialized (select rights.ask(%s)) select c.* from asked,"
        " lateral rights.collect(%s) c",
        (Jsonb([question]), pickup),
    ).fetchall()
    edge.rollback()
    return found


TRICKS = (
    same_transaction,
    in_a_savepoint,
    savepoint_rolled_back,
    on_another_connection,
    in_one_statement,
)


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_a_caller_who_rolls_back_sees_no_outcome(
    site: Site, trick: Callable[[Site, Question], list[dict[str, Any]]]
) -> None:
    before, charged, question = entries(site), spent(site), site.question()

    assert trick(site, question) == []
    assert (entries(site), spent(site)) == (before, charged)

    # The same set-up answers an honest caller, so the refusal above was for the right reason.
    assert site.outcome(question) == "covered"
    assert entries(site) == before + 1


def test_a_prepared_transaction_cannot_hold_an_answer_open(site: Site) -> None:
    assert one(site.db.owner, "show max_prepared_transactions")["max_prepared_transactions"] == "0"


def test_an_answer_goes_to_the_installation_that_asked(site: Site) -> None:
    from tests.support.asking import install_software

    other = site.at(install_software(site.db, site.site_id, [site.account_id]))
    question = site.question()
    edge = site.edge()
    ask(edge, question)
    stolen = question | {"token": other.installation.token, "jkt": question["jkt"]}
    assert collect(edge, stolen) == []
    stolen = question | {
        "token": other.installation.token,
        "jkt": other.question()["jkt"],
    }
    assert collect(edge, stolen) == []
    assert [row["outcome"] for row in collect(edge, question)] == ["covered"]


def test_a_dead_token_collects_nothing(site: Site) -> None:
    question = site.question()
    ask(site.edge(), question)
    site.db.owner.execute("update identity.token set revoked_at = clock_timestamp()")
    assert collect(site.edge(), question) == []


def test_a_replay_is_the_first_answer_and_an_entry_of_its_own(site: Site) -> None:
    question = site.question()
    first = site.ask(question)[0]
    before = entries(site)
    again = site.question(reference=question["reference"])

    replay = site.ask(again)[0]

    assert entries(site) == before + 1
    assert replay["kind"] == "replay"
    assert replay["leaf_hash"] != first["leaf_hash"]
    for name in ("outcome", "rate_bp", "amount_cents", "ceiling_cents", "engagement_id"):
        assert replay[name] == first[name]


def test_the_same_reference_with_another_question_is_refused(site: Site) -> None:
    question = site.question()
    site.ask(question)
    before = entries(site)
    other = site.question("bob", reference=question["reference"])
    assert site.outcome(other) == "reference_reused"
    assert entries(site) == before + 1


def test_commits_reach_the_disk_even_if_the_caller_turns_it_off(site: Site) -> None:
    edge = site.db.connect("rempart_edge", autocommit=False)
    edge.execute("set synchronous_commit = off")
    ask(edge, site.question())
    assert one(edge, "show synchronous_commit")["synchronous_commit"] == "on"
    edge.rollback()


@pytest.mark.parametrize("door", ["claim", "read", "cancel"])
def test_no_other_door_tells_what_was_guaranteed_before_it_is_on_record(
    db: DatabaseUnderTest, door: str
) -> None:
    """Who draws a number himself could look for what hangs on it, and roll everything back."""
    shop = Site.make(db) if door == "claim" else optician(db)
    asked = shop.question() if door == "claim" else quote(shop)
    who, number = shop.installation, asked["engagement_hash"]
    call, args = CLAIM, stated(shop, number)
    if door != "claim":
        call = f"select * from billing.{door}_authorization(%s, %s, %s, %s)"
        args = (who.token, who.jkt, secrets.token_hex(16), bytes.fromhex(number[2:]))
    before = entries(shop)

    edge = db.connect("rempart_edge", autocommit=False)
    ask(edge, asked)
    with pytest.raises(psycopg.Error, match="a transaction of its own"):
        edge.execute(call, args)
    edge.rollback()
    assert entries(shop) == before

    # An honest caller is told: what stops the other is not that there is nothing.
    ask(shop.edge(), asked)
    if door == "claim":
        assert claimed(shop, number)["refused_because"] is None
    else:
        assert about_authorization(shop, door, number)["refused_because"] is None
