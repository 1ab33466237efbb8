"""A quote: an amount for each line, a number that guarantees them, and how often."""

import asyncio
import hmac
import secrets
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from rempart.billing import Authorizations, Claimant, engagement_number
from rempart.foundation.database import Database, hexed
from tests.support.asking import Site, asked_of, one
from tests.support.database import DatabaseUnderTest
from tests.support.quoting import (
    CONTACT,
    FRAME,
    LENSES,
    MONTHS,
    RULES,
    agreed,
    count_glasses,
    line,
    number_of,
    optician,
    quote,
    quoted,
    told,
)


@pytest.fixture
def shop(db: DatabaseUnderTest) -> Site:
    return optician(db)


def after(day: date, months: int = MONTHS) -> date:
    """The same day so many months later, the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError


def test_a_quote_promises_each_line_an_amount_until_it_is_delivered(shop: Site) -> None:
    answer = quoted(shop)
    again = after(shop.today)
    assert answer["lines"] == told((5000, 0, again), (16000, 0, again))
    assert (answer["outcome"], answer["amount_cents"]) == ("agreed", 21000)
    assert (answer["rate_bp"], answer["ceiling_cents"]) == (None, None)
    assert answer["expires_on"] == shop.today + timedelta(days=90)
    kept = one(shop.db.owner, "select * from billing.engagement")
    assert (kept["authorized"], kept["asked"]) == (True, asked_of("alice"))
    # Contact lenses are not counted: the domain's fixed amount pays, and nothing more is told.
    assert quoted(shop, "bob", CONTACT)["lines"] == told((15000, None, None))


def test_what_is_used_up_is_promised_nothing_and_says_from_when(shop: Site) -> None:
    first = quoted(shop)
    elsewhere = optician(shop.db, 2)
    again = after(shop.today)
    refused = quoted(elsewhere)
    assert (refused["outcome"], refused["engagement_id"], refused["expires_on"]) == (
        "nothing_agreed", None, None,
    )  # fmt: skip
    assert refused["lines"] == told((0, 0, again), (0, 0, again))
    # The other lines of the same quote are promised theirs.
    mixed = quoted(elsewhere, "alice", FRAME, CONTACT)
    assert (mixed["outcome"], mixed["amount_cents"]) == ("agreed", 15000)
    assert mixed["lines"] == told((0, 0, again), (15000, None, None))
    # Somebody else has his own; and where it was given, the same quote tells the same number.
    assert quoted(elsewhere, "bob")["outcome"] == "agreed"
    assert number_of(shop, quoted(shop)) == number_of(shop, first)
    assert quoted(shop)["lines"] == first["lines"]
    assert one(shop.db.owner, "select count(*) as n from billing.engagement")["n"] == 3


def test_units_are_counted_one_by_one(shop: Site) -> None:
    one_lens = line("VERRE")
    first = quoted(shop, "alice", one_lens)
    assert first["lines"] == told((8000, 1, None))
    # Two do not fit any more, one does; and two lines of one quote count together.
    again = after(shop.today)
    assert quoted(shop, "alice", LENSES)["lines"] == told((0, 1, again))
    dearer = line("VERRE", price=21000)
    assert quoted(shop, "alice", dearer, one_lens)["lines"] == told((8000, 0, again), (0, 0, again))
    # More than the plan ever pays for at once: no day will do.
    assert quoted(shop, "bob", line("VERRE", 3))["lines"] == told((0, 2, None))


def test_months_are_counted_from_the_day_of_care_both_ways(shop: Site) -> None:
    later = shop.today + timedelta(days=20)
    agreed(shop, care_on=later.isoformat())
    # Earlier care would make it two within the months that begin then.
    refused = quoted(shop)
    assert refused["outcome"] == "nothing_agreed"
    assert refused["lines"][0].next_from == after(later)
    aged = "update billing.frequency_use set care_on = (%s - make_interval(months => %s))::date"
    shop.db.owner.execute(aged, (shop.today, MONTHS))
    assert quoted(shop)["outcome"] == "agreed"  # the very day on which it ends to count


def test_a_line_that_is_promised_nothing_takes_nothing(shop: Site) -> None:
    paid_for = FRAME | {"base_cents": 20000, "obligatory_cents": 20000}
    assert quoted(shop, "alice", paid_for)["lines"] == told((0, 1, None))
    assert quoted(shop, "alice", paid_for, FRAME)["lines"] == told(
        (0, 1, None), (5000, 0, after(shop.today))
    )


def test_what_needs_no_agreement_is_guaranteed_as_by_a_question(site: Site) -> None:
    count_glasses(site.db)
    medicine = {**line("PH7", price=2000), "base_cents": 2000, "obligatory_cents": 1300}
    stated = site.question(domain="PHAR", lines=[medicine], replaces=None)
    (answer,) = site.ask(stated)
    assert (answer["outcome"], answer["rate_bp"], answer["ceiling_cents"]) == (
        "covered", 10000, 5000,
    )  # fmt: skip
    (plain,) = site.ask(site.question())
    assert plain["engagement_id"] == answer["engagement_id"]
    assert (plain["told"], plain["outcome"]) == (None, "covered")
    # One line of a category that needs it makes the whole a prise en charge.
    devices = {"mode": "on_request", "rate_bp": 10000}
    pharmacy = RULES["PHAR"] | {"categories": {"DM": devices}}
    count_glasses(site.db, RULES | {"PHAR": pharmacy})
    both = [medicine, {**line("DM"), "base_cents": 3000}]
    (mixed,) = site.ask(site.question(domain="PHAR", lines=both, replaces=None))
    assert (mixed["outcome"], mixed["amount_cents"]) == ("agreed", 3700)
    assert mixed["engagement_id"] != plain["engagement_id"]


def test_a_repeat_tells_the_same_and_another_quote_is_refused(shop: Site) -> None:
    stated = quote(shop, reference="one")
    (first,) = shop.ask(stated)
    repeat = {**quote(shop, reference="one"), "sameness": stated["sameness"]}
    (again,) = shop.ask(repeat)
    assert [again[name] for name in ("outcome", "told", "amount_cents", "engagement_id")] == [
        first[name] for name in ("outcome", "told", "amount_cents", "engagement_id")
    ]
    assert again["kind"] == "replay"
    (other,) = shop.ask(quote(shop, "alice", FRAME, reference="one"))
    assert other["refused_because"] == "reference_reused"


@pytest.mark.parametrize(
    "lines, because",
    [
        ([line("PH7")], "category_unknown"),
        ([FRAME, line("SOIN")], "category_unknown"),
        ([FRAME | {"obligatory_cents": 1}], "amounts_do_not_fit"),
        ([FRAME | {"base_cents": 30000, "obligatory_cents": 20001}], "amounts_do_not_fit"),
    ],
)
def test_what_cannot_be_is_refused_whoever_it_is_about(
    shop: Site, lines: list[dict[str, object]], because: str
) -> None:
    for person in ("alice", "stranger"):
        (found,) = shop.ask(quote(shop, person, *lines))
        assert (found["refused_because"], found["told"]) == (because, None)
    assert one(shop.db.owner, "select count(*) as n from guard.met")["n"] == 0


def test_what_no_edge_sends_is_no_quote(shop: Site) -> None:
    wrong: list[dict[str, Any]] = [
        {"lines": []},
        {"lines": [FRAME] * 41},
        {"lines": [FRAME | {"quantity": 0}]},
        {"lines": [FRAME | {"category": None}]},
        {"lines": [None]},
        {"replaces": "\\x00"},
    ]
    for changes in wrong:
        with pytest.raises(psycopg.Error) as raised:
            shop.ask(quote(shop, **changes))
        assert raised.value.sqlstate == "RP001", changes
    # In a snapshot of its own somebody would not see what others were given meanwhile.
    edge = shop.db.connect("rempart_edge")
    edge.execute("set default_transaction_isolation = 'repeatable read'")
    with pytest.raises(psycopg.Error) as raised:
        edge.execute("call rights.ask(%s)", (Jsonb([quote(shop)]),))
    assert raised.value.sqlstate == "RP001"


def test_a_quote_among_questions_is_answered_as_alone(shop: Site) -> None:
    plain = shop.scan("bob", domain="OPTI")
    found = shop.ask(plain, quote(shop), quote(shop, "carol", CONTACT), quote(shop, "stranger"))
    assert [row["outcome"] for row in found] == [
        "covered_on_request", "agreed", "agreed", "no_right_found",
    ]  # fmt: skip
    assert [row["told"] is None for row in found] == [True, False, False, True]


def test_a_quote_costs_what_a_question_costs(shop: Site) -> None:
    """The same bytes of charges but for the times: all questions, new, fresh."""
    other = optician(shop.db, 2)
    shop.ask(quote(shop, "bob"))
    other.ask(other.scan("bob", domain="OPTI"))
    rows = shop.db.owner.execute(
        "select e.charges from journal.entry e where e.kind = 'answer' order by e.entry_no"
    ).fetchall()
    kinds = [
        [(row["charges"][at : at + 2], row["charges"][at + 10 : at + 26])
         for at in range(0, len(row["charges"]), 34)]
        for row in rows
    ]  # fmt: skip
    assert kinds[0] == kinds[1]
    assert hexed(rows[0]["charges"]) != hexed(rows[1]["charges"])


def test_a_claims_proof_stands_in_no_questions_way(shop: Site) -> None:
    """Else: a batch holds what is amended and waits for the id, whoever cancels the other way."""
    key, who = secrets.token_bytes(32), shop.installation
    number = engagement_number(key, secrets.token_bytes(16))

    async def look() -> object:
        async with await Database.open(shop.db.dsn("rempart_edge"), max_size=1) as database:
            claimant = Claimant(who.token, who.jkt, "chosen")
            return await Authorizations(database, key).read(claimant, number)

    assert asyncio.run(look()) == "authorization_unknown"
    assert asyncio.run(look()) == "proof_repeated"
    same = hmac.digest(key, b"rempart/proof/chosen", "sha256").hex()
    assert quoted(shop, proof_jti=same)["outcome"] == "agreed"
