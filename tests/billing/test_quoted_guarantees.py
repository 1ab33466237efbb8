"""What a quote that needs no agreement promises is what a claim on its guarantee gets."""

import pytest

from rempart.rights.quote import QuotedLine
from tests.support.asking import Site
from tests.support.claiming import claimed
from tests.support.database import DatabaseUnderTest
from tests.support.quoting import CONTACT, FRAME, LENSES, count_glasses, number_of, optician, quoted

FRAMES_AT_ONCE = {
    "OPTI": {
        "mode": "on_request",
        "rate_bp": 10000,
        "amount_cents": 30000,
        "categories": {"MONTURE": {"mode": "direct", "amount_cents": 1000}},
    }
}
GENERIC = {
    "category": "PH2",
    "quantity": 1,
    "price_cents": 2000,
    "base_cents": 2000,
    "obligatory_cents": 0,
}


def pays(mode: str, rate_bp: int) -> dict[str, object]:
    own = {"PH2": {"mode": mode, "rate_bp": rate_bp}}
    return {"PHAR": {"mode": "direct", "rate_bp": 10000, "categories": own}}


@pytest.mark.parametrize("other", [LENSES, CONTACT])
def test_a_domain_on_request_pays_nothing_but_what_is_direct_unasked(
    db: DatabaseUnderTest, other: dict[str, object]
) -> None:
    shop = optician(db)
    count_glasses(db, FRAMES_AT_ONCE)
    answer = quoted(shop, "alice", FRAME)
    assert answer["outcome"] == "covered"
    assert (answer["rate_bp"], answer["amount_cents"]) == (None, None)
    assert [told.amount_cents for told in answer["lines"]] == [1000]
    number = number_of(shop, answer)
    for lines in ([other], [FRAME, other]):
        assert claimed(shop, number, *lines)["refused_because"] == "agreement_needed"
    assert claimed(shop, number, FRAME)["promised_cents"] == 1000


def test_a_quote_that_finds_a_guarantee_of_terms_before_tells_those(site: Site) -> None:
    count_glasses(site.db, pays("direct", 1500))
    first = quoted(site, "alice", GENERIC, domain="PHAR")
    count_glasses(site.db, pays("direct", 10000))
    again = quoted(site, "alice", {**GENERIC, "quantity": 2}, domain="PHAR")
    assert again["engagement_id"] == first["engagement_id"]
    taken = claimed(site, number_of(site, again), {**GENERIC, "quantity": 2})
    assert [told.amount_cents for told in again["lines"]] == [taken["promised_cents"]] == [300]


def test_what_needed_an_agreement_by_the_terms_before_is_told_as_nothing(site: Site) -> None:
    count_glasses(site.db, pays("on_request", 1500))
    other = {**GENERIC, "category": "PH7"}
    first = quoted(site, "alice", other, domain="PHAR")
    count_glasses(site.db, pays("direct", 10000))
    again = quoted(site, "alice", GENERIC, other, domain="PHAR")
    assert again["engagement_id"] == first["engagement_id"]
    assert again["lines"] == (QuotedLine(0), QuotedLine(2000))
    number = number_of(site, again)
    assert claimed(site, number, GENERIC, other)["refused_because"] == "agreement_needed"
    assert claimed(site, number, other)["promised_cents"] == 2000
