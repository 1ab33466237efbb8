"""P9: a prise en charge is honoured once, line by line, and takes its units while it stands."""

import contextlib
import threading
from typing import Any

import psycopg
import pytest

from rempart.foundation.database import hexed
from tests.support.asking import Site, one
from tests.support.claiming import about, claimed, refused
from tests.support.database import Connection, DatabaseUnderTest
from tests.support.days import PARIS_DAY
from tests.support.quoting import (
    CONTACT,
    FRAME,
    LENSES,
    RULES,
    about_authorization,
    agreed,
    count_glasses,
    line,
    number_of,
    optician,
    quote,
    quoted,
)
from tests.support.waiting import wait_for_a_lock

CALLERS = 64


@pytest.fixture
def shop(db: DatabaseUnderTest) -> Site:
    return optician(db)


def test_it_is_claimed_once_and_line_by_line(shop: Site) -> None:
    number = agreed(shop)
    taken = claimed(shop, number, FRAME, LENSES)
    assert (taken["refused_because"], taken["amount_cents"]) == (None, 21000)
    assert claimed(shop, number, FRAME)["refused_because"] == "engagement_used"
    about(shop, "cancel", taken["claim_id"])
    # One of two lenses, and no frame: what the plan pays for it, and no more than was agreed.
    assert claimed(shop, number, line("VERRE"), amount_cents=8001)["refused_because"] == (
        "above_promise"
    )
    assert claimed(shop, number, line("VERRE"))["amount_cents"] == 8000


@pytest.mark.parametrize(
    "lines",
    [
        (line("MONTURE", 2),),
        (LENSES, LENSES),
        (FRAME, LENSES, CONTACT),
        (CONTACT,),
    ],
)
def test_what_was_not_agreed_to_is_refused(shop: Site, lines: tuple[dict[str, Any], ...]) -> None:
    number = agreed(shop)
    assert claimed(shop, number, *lines)["refused_because"] == "line_not_agreed"
    assert refused(shop) == {"line_not_agreed": 1}
    assert claimed(shop, number, LENSES, FRAME)["amount_cents"] == 21000


def test_a_line_gets_no_more_than_it_was_promised(shop: Site) -> None:
    """A cheaper frame leaves its rest to nobody; a dearer one gets what was promised."""
    both = [FRAME | {"price_cents": 3000}, FRAME | {"price_cents": 100}]
    cheap = quoted(shop, "alice", both[0])
    assert cheap["amount_cents"] == 3000
    assert claimed(shop, number_of(shop, cheap), FRAME)["amount_cents"] == 3000
    dear = agreed(shop, "bob")
    paid = claimed(shop, dear, both[1], LENSES)
    assert paid["amount_cents"] == 16100
    # What was promised nothing gets nothing, and leaves the others what they were promised.
    mixed = agreed(optician(shop.db, 2), "bob", FRAME, CONTACT)
    there = optician(shop.db, 2)
    assert claimed(there, mixed, FRAME)["refused_because"] == "above_promise"
    assert claimed(there, mixed, FRAME, CONTACT)["amount_cents"] == 15000


def test_a_guarantee_of_a_question_takes_no_prise_en_charge(shop: Site) -> None:
    """A line that needs agreement is refused on a plain guarantee, as before."""
    shop.db.owner.execute("update registry.plan_domain set mode = 'direct' where domain = 'OPTI'")
    (plain,) = shop.ask(shop.scan(domain="OPTI"))
    assert plain["outcome"] == "covered"
    assert claimed(shop, number_of(shop, plain), FRAME)["refused_because"] == "agreement_needed"


def test_a_question_beside_one_has_one_guarantee_of_its_own(shop: Site) -> None:
    """Asked twice more about the same card: never the prise en charge, and one guarantee."""
    shop.db.owner.execute("update registry.plan_domain set mode = 'direct' where domain = 'OPTI'")
    number = agreed(shop)
    plain = [number_of(shop, shop.ask(shop.scan(domain="OPTI"))[0]) for _ in range(3)]
    assert len({number, *plain}) == 2
    assert number not in plain


def test_it_is_cancelled_and_what_it_took_is_free(shop: Site) -> None:
    other = optician(shop.db, 2)
    number = agreed(shop)
    assert quoted(other)["outcome"] == "nothing_agreed"
    assert about_authorization(other, "cancel", number)["refused_because"] == (
        "authorization_unknown"
    )
    told = about_authorization(shop, "cancel", number)
    assert (told["state"], told["amount_cents"], told["amounts"]) == (
        "cancelled", 21000, [5000, 16000],
    )  # fmt: skip
    assert about_authorization(shop, "cancel", number) == told  # as it is
    assert about_authorization(shop, "read", number) == told
    assert one(shop.db.owner, "select count(*) as n from billing.frequency_use")["n"] == 0
    assert quoted(other)["outcome"] == "agreed"
    assert claimed(shop, number, FRAME)["refused_because"] == "engagement_cancelled"
    # The same quote again is a new one, and finds the frequency used.
    assert quoted(shop)["outcome"] == "nothing_agreed"


def test_what_is_claimed_is_neither_cancelled_nor_amended(shop: Site) -> None:
    number = agreed(shop)
    made = claimed(shop, number, FRAME)["claim_id"]
    assert about_authorization(shop, "cancel", number)["refused_because"] == (
        "authorization_claimed"
    )
    assert refused(shop) == {"authorization_claimed": 1}
    (found,) = shop.ask(quote(shop, "alice", CONTACT, replaces=number))
    assert found["refused_because"] == "authorization_claimed"
    assert about_authorization(shop, "read", number)["state"] == "claimed"
    about(shop, "cancel", made)
    assert about_authorization(shop, "cancel", number)["state"] == "cancelled"


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_claim_made_meanwhile_is_seen_whatever_the_caller_sets(shop: Site, level: str) -> None:
    """In an older snapshot, what is claimed again could be cancelled and its units be free."""
    number, uses = agreed(shop), "select count(*) as n from billing.frequency_use"
    about(shop, "cancel", claimed(shop, number, FRAME)["claim_id"])
    edge = shop.db.connect("rempart_edge", autocommit=False)
    edge.execute(f"set transaction isolation level {level}")
    edge.execute("select 1")  # its snapshot is taken here
    assert claimed(shop, number, FRAME)["refused_because"] is None
    shop.connection = edge
    with contextlib.suppress(psycopg.Error):
        about_authorization(shop, "cancel", number)
        edge.commit()
    edge.rollback()
    assert one(shop.db.owner, uses)["n"] == 2


def test_it_is_amended_in_one_step(shop: Site) -> None:
    first = agreed(shop)
    # Its own units do not stand in its way, and a quote that comes to nothing leaves it as it is.
    nothing = FRAME | {"base_cents": 20000, "obligatory_cents": 20000}
    assert quoted(shop, "alice", nothing, replaces=first)["outcome"] == "nothing_agreed"
    assert about_authorization(shop, "read", first)["state"] == "standing"
    second = quoted(shop, "alice", FRAME, replaces=first)
    assert (second["outcome"], second["amount_cents"]) == ("agreed", 5000)
    assert about_authorization(shop, "read", first)["state"] == "replaced"
    assert claimed(shop, first, FRAME)["refused_because"] == "engagement_cancelled"
    # The lenses that it gave up are free for another optician, the frame is not.
    other = optician(shop.db, 2)
    assert [each.amount_cents for each in quoted(other)["lines"]] == [0, 16000]
    assert claimed(shop, number_of(shop, second), FRAME)["amount_cents"] == 5000


def test_one_amended_by_lines_that_need_no_agreement_goes_too(db: DatabaseUnderTest) -> None:
    shop, other = optician(db), optician(db, 2)
    count_glasses(db, {"OPTI": RULES["OPTI"] | {"categories": RULES["OPTI"]["categories"] | {
        "LENTILLES": {"mode": "direct", "amount_cents": 1000}}}})  # fmt: skip
    first = agreed(shop)
    plain = quoted(shop, "alice", CONTACT, replaces=first)
    assert (plain["outcome"], plain["lines"][0].amount_cents) == ("covered", 1000)
    assert about_authorization(shop, "read", first)["state"] == "replaced"
    assert claimed(shop, first, FRAME)["refused_because"] == "engagement_cancelled"
    assert quoted(other)["outcome"] == "agreed"  # what it had taken is free


def test_only_ones_own_about_the_same_card_is_amended(shop: Site) -> None:
    number = agreed(shop)
    other = optician(shop.db, 2)
    for where, what in ((other, number), (shop, hexed(bytes(32)))):
        (found,) = where.ask(quote(where, "alice", CONTACT, replaces=what))
        assert found["refused_because"] == "authorization_unknown"
    for person in ("bob", "stranger"):
        (found,) = shop.ask(quote(shop, person, CONTACT, replaces=number))
        assert found["outcome"] == "no_right_found"
    assert about_authorization(shop, "read", number)["state"] == "standing"
    # Nor is a plain guarantee one.
    assert about_authorization(shop, "read", hexed(bytes(32)))["refused_because"] == (
        "authorization_unknown"
    )


def test_on_its_last_day_it_is_claimed(shop: Site) -> None:
    number = agreed(shop)
    shop.db.owner.execute(f"update billing.engagement set expires_on = {PARIS_DAY}")
    assert claimed(shop, number, FRAME)["refused_because"] is None


def test_it_expires_and_what_it_took_is_free(shop: Site) -> None:
    other = optician(shop.db, 2)
    number = agreed(shop)
    ends = f"update billing.engagement set expires_on = {PARIS_DAY} - %s where authorized"
    shop.db.owner.execute(ends, (0,))
    assert about_authorization(shop, "read", number)["state"] == "standing"
    shop.db.owner.execute(ends, (1,))
    assert about_authorization(shop, "read", number)["state"] == "expired"
    assert claimed(shop, number, FRAME)["refused_because"] == "engagement_expired"
    assert quoted(other)["outcome"] == "nothing_agreed"  # a claim may be under way at midnight
    shop.db.owner.execute(ends, (2,))
    assert quoted(other)["outcome"] == "agreed"


def test_one_that_was_claimed_counts_when_it_has_expired(shop: Site) -> None:
    other = optician(shop.db, 2)
    number = agreed(shop)
    made = claimed(shop, number, FRAME, LENSES)["claim_id"]
    shop.db.owner.execute(f"update billing.engagement set expires_on = {PARIS_DAY} - 9")
    assert quoted(other)["outcome"] == "nothing_agreed"
    about(shop, "cancel", made)
    assert quoted(other)["outcome"] == "agreed"


def test_whoever_quotes_meanwhile_waits_for_his_turn(shop: Site) -> None:
    other = optician(shop.db, 2)
    holder = shop.db.connect("rempart_migrator", autocommit=False)
    holder.execute("select from billing.turn for no key update")
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda site=site: found.append(quoted(site)["outcome"]))
        for site in (shop, other)
    ]
    for waiting, thread in enumerate(threads, 1):
        thread.start()
        wait_for_a_lock(shop.db, waiting)
    assert found == []
    holder.commit()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == ["agreed", "nothing_agreed"]


@pytest.mark.slow
def test_of_many_callers_for_the_last_unit_one_is_given_it(db: DatabaseUnderTest) -> None:
    """Each at a site of its own: no budget row stands between them."""
    shops = [
        Site.make(db, identifier=f"75200{n:04}", rpps=f"1020000{n:04}", profession="opticien")
        for n in range(CALLERS)
    ]
    first = optician(db)
    agreed(first, "alice", line("VERRE"))  # one lens of two is left
    barrier = threading.Barrier(CALLERS, timeout=60)
    found: list[dict[str, Any]] = []

    def call(site: Site, edge: Connection) -> None:
        site.connection = edge
        site.ask(site.scan("bob", domain="OPTI"))  # whoever asks for the first time is slow
        stated = quote(site, "alice", line("VERRE"))
        barrier.wait()
        while True:
            # On a busy machine a turn may come too late: nothing was answered, he asks again.
            with contextlib.suppress(psycopg.errors.LockNotAvailable):
                found.extend(site.ask(stated))
                return

    edges = [db.connect("rempart_edge") for _ in range(CALLERS)]
    threads = [threading.Thread(target=call, args=each) for each in zip(shops, edges, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    told = [row["outcome"] for row in found]
    assert (len(told), told.count("agreed")) == (CALLERS, 1)
    assert told.count("nothing_agreed") == CALLERS - 1
    used = one(db.owner, "select sum(units) as units from billing.frequency_use")["units"]
    assert used == 2
