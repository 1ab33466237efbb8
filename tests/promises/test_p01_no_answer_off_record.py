"""P1: no answer leaves before its entry and its charge are committed, whatever the caller does."""

import secrets
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.asking import Site, collect, one, write_something
from tests.support.claiming import CLAIM, claimed, stated
from tests.support.database import DatabaseUnderTest
from tests.support.quoting import about_authorization, optician, quote

Question = dict[str, Any]


def entries(site: Site) -> int:
    return int(one(site.db.owner, "select count(*) as n from journal.entry")["n"])


def ask(edge: psycopg.Connection[dict[str, Any]], question: Question) -> None:
    edge.execute("call rights.ask(%s)", (Jsonb([question]),))


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
    owner = site.db.owner
    owner.execute("create table public.seen (how text)")
    owner.execute(
        "create function public.see() returns trigger language plpgsql security definer as $$ begin"
        " insert into public.seen values (current_setting('synchronous_commit')); return null;"
        " end $$"
    )
    owner.execute(
        "create trigger see after insert on journal.entry for each row execute function see()"
    )
    edge = site.db.connect("rempart_edge")
    edge.execute("set synchronous_commit = off")
    ask(edge, site.question())
    assert one(edge, "show synchronous_commit")["synchronous_commit"] == "off"
    assert one(owner, "select how from public.seen")["how"] == "on"


@pytest.mark.parametrize("door", ["claim", "read", "cancel"])
def test_no_other_door_tells_what_was_guaranteed_before_it_is_on_record(
    db: DatabaseUnderTest, door: str
) -> None:
    """Nor in a transaction that wrote: what it tells could be rolled back with what it wrote."""
    shop = Site.make(db) if door == "claim" else optician(db)
    asked = shop.question() if door == "claim" else quote(shop)
    who, number = shop.installation, asked["engagement_hash"]
    call, args = CLAIM, stated(shop, number)
    if door != "claim":
        call = f"select * from billing.{door}_authorization(%s, %s, %s, %s)"
        args = (who.token, who.jkt, secrets.token_hex(16), bytes.fromhex(number[2:]))
    before = entries(shop)

    edge = db.connect("rempart_edge", autocommit=False)
    write_something(edge, shop)
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
