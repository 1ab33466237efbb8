"""P4: what somebody bought elsewhere is told for a card that is here, and never for typed data."""

from typing import Any

import psycopg
import pytest

from rempart.api.quotes import encoded
from rempart.billing import Line
from rempart.foundation.database import hexed
from rempart.journal import SignedLeaf
from rempart.rights import Answer, Outcome, Receipt
from rempart.rights.quote import read_told
from tests.promises.test_p04_an_outcome_does_not_tell_why import charged, freeze, said
from tests.support.asking import Site, one
from tests.support.database import DatabaseUnderTest
from tests.support.excepting import browser, touch
from tests.support.quoting import (
    CONTACT,
    FRAME,
    LENSES,
    agreed,
    count_glasses,
    optician,
    quote,
    quoted,
)

TYPED = {"evidence": "typed", "cards": [hexed(bytes(32))]}
UNTRIED = ("ended", "optic_only", "never_asked")
PEOPLE = ("used_up", "bob", "stranger", "ended", "optic_only")


@pytest.fixture
def shop(db: DatabaseUnderTest) -> Site:
    """Alice has her glasses from another optician; bob has none."""
    made = optician(db)
    agreed(optician(db, 2), "alice")
    return made


def typed(site: Site, person: str, *lines: dict[str, Any]) -> dict[str, Any]:
    who = "alice" if person == "used_up" else person
    return quote(site, who, *lines, **TYPED)


def body(row: dict[str, Any]) -> bytes:
    """The bytes that an answer comes to over HTTP, with one receipt for all."""
    nothing = Receipt(b"", b"", b"", b"", b"", b"", b"", SignedLeaf(0, 1, (), b"", ""))
    told = {name: row[name] for name in ("rate_bp", "amount_cents", "ceiling_cents", "expires_on")}
    answer = Answer(
        outcome=Outcome(row["outcome"]), engagement=None, receipt=nothing,
        lines=read_told(row["told"]), **told,
    )  # fmt: skip
    return encoded(answer, [Line(**FRAME), Line(**LENSES)])


def test_a_typed_quote_is_one_answer_to_the_byte_used_up_or_not(shop: Site) -> None:
    freeze(shop)
    rows = [shop.ask(typed(shop, person))[0] for person in PEOPLE]
    assert rows[0]["outcome"] == "better_evidence_needed"
    assert len({body(row) for row in rows}) == 1
    assert [row["told"] for row in rows] == [None] * len(rows)
    costs = [charged(shop, typed(shop, person)) for person in PEOPLE]
    assert all(cost == costs[0] for cost in costs)
    # One line that is counted among others, or a prise en charge to amend, changes nothing.
    beside = [said(shop, typed(shop, person, CONTACT, FRAME)) for person in PEOPLE]
    assert all(answer == beside[0] for answer in beside)
    assert beside[0]["outcome"] == "better_evidence_needed"


def test_it_is_decided_before_anybody_is_looked_for(shop: Site) -> None:
    shop.db.owner.execute("alter function registry.match rename to match_gone")
    assert shop.outcome(typed(shop, "used_up")) == "better_evidence_needed"
    assert one(shop.db.owner, "select count(*) as n from guard.met where holder = %s", 0)["n"] == 0


def test_a_scanned_quote_looks_up_what_is_counted_as_a_typed_one_does(shop: Site) -> None:
    """It needs no such word; typed data would take longer by the look-up."""
    shop.db.owner.execute(
        "create or replace function registry.limits_frequency(_insurer_id bigint, _domain text,"
        " _categories text[]) returns boolean language plpgsql stable"
        " as $$ begin raise exception 'it was looked up'; end $$"
    )
    for asked in (typed(shop, "bob", CONTACT), quote(shop, "bob", CONTACT)):
        with pytest.raises(psycopg.errors.RaiseException, match="it was looked up"):
            shop.ask(asked)


def test_what_is_not_counted_is_quoted_for_typed_data_too(shop: Site) -> None:
    (found,) = shop.ask(typed(shop, "used_up", CONTACT))
    assert found["outcome"] == "agreed"
    assert shop.outcome(typed(shop, "stranger", CONTACT)) == "no_right_found"


def test_a_wrong_secret_of_the_card_is_told_as_a_stranger(shop: Site) -> None:
    wrong = quote(shop, "alice", cards=[hexed(bytes(32))])
    told = said(shop, wrong)
    assert told == said(shop, quote(shop, "stranger"))
    assert told["outcome"] == "no_right_found"


def test_an_exception_is_no_way_round(shop: Site) -> None:
    """It costs none of its budget either: nothing was excepted."""
    excepted = typed(shop, "used_up") | {"evidence": "exception:emergency"}
    assert shop.outcome(excepted) == "touch_required"


def test_an_empty_budget_tells_a_member_from_nobody(shop: Site) -> None:
    freeze(shop)
    shop.empty("fresh")
    told = [said(shop, quote(shop, person)) for person in ("alice", "bob", "stranger", "ended")]
    assert told[0]["outcome"] == "exception_possible"
    assert all(answer == told[0] for answer in told)


def test_one_plan_of_the_insurer_that_counts_is_enough(shop: Site) -> None:
    """Whose plan counts is not looked up: else the answer would tell whose plan somebody has."""
    plain = {"OPTI": {"mode": "on_request", "amount_cents": 15000}}
    count_glasses(shop.db, plain)
    assert shop.outcome(typed(shop, "used_up", LENSES)) == "agreed"
    assert quoted(shop, "alice", LENSES)["lines"][0].units_left is None
    count_glasses(shop.db)
    assert shop.outcome(typed(shop, "optic_only", LENSES)) == "better_evidence_needed"


def test_whose_a_prise_en_charge_is_costs_what_any_guess_costs(shop: Site) -> None:
    """A number of the site's own is no way to try out cards: each costs a first ask and a miss."""
    freeze(shop)
    number = agreed(shop, "carol", CONTACT)
    plain = charged(shop, quote(shop, "nobody", CONTACT))
    assert plain[1]["miss_tat"] > 0
    assert plain[1]["fresh_tat"] > 0
    for person in ("stranger", "bob"):  # nobody's card, and a member's who has no such number
        assert charged(shop, quote(shop, person, CONTACT, replaces=number)) == plain
        again = said(shop, quote(shop, person, CONTACT, replaces=number))
        assert again == said(shop, quote(shop, "nobody", CONTACT))
    shop.empty("fresh")
    untried = [said(shop, quote(shop, person, CONTACT, replaces=number)) for person in UNTRIED]
    assert untried[0]["outcome"] == "exception_possible"
    assert all(answer == untried[0] for answer in untried)
    # A number that is none of the site's is told plainly, whoever is asked about.
    for person in ("carol", "never_asked"):
        (found,) = shop.ask(quote(shop, person, CONTACT, replaces=hexed(bytes(32))))
        assert found["refused_because"] == "authorization_unknown"


def test_an_exception_with_a_touch_is_no_way_round_either(shop: Site) -> None:
    here = browser(shop)
    for person in ("used_up", "bob", "stranger"):
        asked = touch(here, typed(here, person) | {"evidence": "exception:emergency"})
        assert here.outcome(asked) == "better_evidence_needed"
    assert one(shop.db.owner, "select count(*) as n from guard.exception_budget")["n"] == 0
