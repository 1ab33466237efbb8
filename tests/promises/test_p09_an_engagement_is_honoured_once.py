"""P9: an engagement is honoured at most once, and at most for what was promised."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from rempart.billing import ClaimRefusal
from rempart.foundation.database import hexed
from tests.support.asking import INSURER, Site, one
from tests.support.claiming import (
    CLAIM,
    LINE,
    about,
    claimed,
    guarantee,
    refused,
    standing,
    stated,
)
from tests.support.quoting import number_of


def test_a_guarantee_is_claimed_once(site: Site) -> None:
    engagement = guarantee(site)
    first = claimed(site, engagement, reference="one")
    assert (first["refused_because"], first["state"], first["amount_cents"]) == (
        None, "accepted", 700,
    )  # fmt: skip
    again = claimed(site, engagement, reference="two")
    assert again["refused_because"] == "engagement_used"
    assert (again["amount_cents"], again["promised_cents"], again["claim_id"]) == (None,) * 3
    # The same reference with the same claim: the same answer, and nothing new.
    assert claimed(site, engagement, reference="one") == first
    other = claimed(site, engagement, LINE, LINE, reference="one")
    assert other["refused_because"] == "claim_reference_reused"
    assert len(standing(site)) == 1
    assert refused(site) == {"engagement_used": 1, "claim_reference_reused": 1}
    # A sale more on the same day is asked about anew, and has a guarantee of its own: one.
    more = guarantee(site)
    assert more != engagement
    assert guarantee(site) == more


def test_no_more_is_owed_than_was_promised(site: Site) -> None:
    engagement = guarantee(site)
    above = claimed(site, engagement, amount_cents=701)
    assert (above["refused_because"], above["promised_cents"]) == ("above_promise", None)
    below = claimed(site, engagement, amount_cents=699)
    assert (below["amount_cents"], below["promised_cents"]) == (699, 700)
    # The ceiling of the plan is the guarantee's, whatever the lines.
    dear = {**LINE, "price_cents": 9000, "base_cents": 9000}
    assert claimed(site, guarantee(site, "bob"), dear)["amount_cents"] == 5000
    nothing = {**LINE, "obligatory_cents": 2000}
    assert claimed(site, guarantee(site, "carol"), nothing)["refused_because"] == "above_promise"


def neighbour(site: Site) -> Site:
    return Site.make(site.db, identifier="750000002", rpps="10000000002")


def restate(site: Site, **category: object) -> None:
    rules = {"PHAR": {"mode": "direct", "rate_bp": 10000, "categories": {"DM": category}}}
    site.db.owner.execute(
        "select registry.add_plan(%s, 'COMPLET', 'Complet', %s)", (INSURER, Jsonb(rules))
    )


def unknown(site: Site) -> set[str | None]:
    # Another site's number is as unknown as one that was never given.
    there = claimed(neighbour(site), guarantee(site))
    return {there["refused_because"], claimed(site, hexed(bytes(32)))["refused_because"]}


def used(site: Site) -> set[str | None]:
    engagement = guarantee(site)
    claimed(site, engagement)
    return {claimed(site, engagement)["refused_because"]}


def made_void(site: Site, how: str) -> set[str | None]:
    engagement = guarantee(site)
    site.db.owner.execute(f"update billing.engagement set {how}")
    return {claimed(site, engagement)["refused_because"]}


def lines_refused(site: Site, *lines: dict[str, Any]) -> set[str | None]:
    """Refuse each of these lines alone, and beside a good one."""
    engagement = guarantee(site)
    tried = [(line,) for line in lines] + [(LINE, line) for line in lines]
    return {claimed(site, engagement, *each)["refused_because"] for each in tried}


def needs_agreement(site: Site) -> set[str | None]:
    restate(site, mode="on_request", rate_bp=10000)
    return lines_refused(site, {**LINE, "category": "DM"})


def not_agreed(site: Site) -> set[str | None]:
    restate(site, mode="on_request", rate_bp=10000)
    agreed_to = {**LINE, "category": "DM"}
    (answer,) = site.ask(site.question(lines=[agreed_to], replaces=None))
    number = number_of(site, answer)
    return {
        claimed(site, number, *lines)["refused_because"]
        for lines in ((LINE,), (agreed_to, LINE), (agreed_to, agreed_to))
    } | {claimed(site, number, {**agreed_to, "quantity": 2})["refused_because"]}


def above(site: Site) -> set[str | None]:
    return {claimed(site, guarantee(site), amount_cents=701)["refused_because"]}


def reference_reused(site: Site) -> set[str | None]:
    claimed(site, guarantee(site, "bob"), reference="here")
    return {claimed(site, guarantee(site), reference="here")["refused_because"]}


def in_payment(site: Site) -> set[str | None]:
    engagement = guarantee(site)
    made = claimed(site, engagement)["claim_id"]
    site.db.owner.execute("update billing.claim set state = 'batched'")
    replaced = claimed(site, engagement, replaces=hexed(made))
    return {replaced["refused_because"], about(site, "cancel", made)["refused_because"]}


REFUSED: dict[ClaimRefusal, Callable[[Site], set[str | None]]] = {
    ClaimRefusal.ENGAGEMENT_UNKNOWN: unknown,
    ClaimRefusal.ENGAGEMENT_USED: used,
    ClaimRefusal.ENGAGEMENT_CANCELLED: lambda s: made_void(s, "cancelled_at = clock_timestamp()"),
    ClaimRefusal.ENGAGEMENT_EXPIRED: lambda s: made_void(s, "expires_on = current_date - 1"),
    ClaimRefusal.CATEGORY_UNKNOWN: lambda s: lines_refused(s, {**LINE, "category": "VERRE"}),
    ClaimRefusal.AGREEMENT_NEEDED: needs_agreement,
    ClaimRefusal.AMOUNTS_DO_NOT_FIT: lambda s: lines_refused(
        s, {**LINE, "price_cents": 1299}, {**LINE, "base_cents": 1299}
    ),
    ClaimRefusal.LINE_NOT_AGREED: not_agreed,
    ClaimRefusal.ABOVE_PROMISE: above,
    ClaimRefusal.CLAIM_REFERENCE_REUSED: reference_reused,
    ClaimRefusal.CLAIM_UNKNOWN: lambda s: {about(s, "cancel", bytes(16))["refused_because"]},
    ClaimRefusal.CLAIM_IN_PAYMENT: in_payment,
}


@pytest.mark.parametrize("because", list(ClaimRefusal))
def test_each_refusal_has_its_one_reason_and_is_counted(site: Site, because: ClaimRefusal) -> None:
    assert REFUSED[because](site) == {because}
    assert refused(site).keys() == {because}


def test_a_refusal_leaves_the_guarantee_as_it_was(site: Site) -> None:
    engagement = guarantee(site)
    row = "select * from billing.engagement"
    before = one(site.db.owner, row)
    claimed(site, engagement, amount_cents=701)
    claimed(site, engagement, {**LINE, "category": "VERRE"})
    assert one(site.db.owner, row) == before
    assert claimed(site, engagement)["refused_because"] is None
    assert one(site.db.owner, row)["used_at"] is not None


def test_a_claim_is_cancelled_and_its_guarantee_claimed_again(site: Site) -> None:
    engagement = guarantee(site)
    first = claimed(site, engagement)["claim_id"]
    assert about(site, "read", first)["state"] == "accepted"
    assert about(neighbour(site), "read", first)["refused_because"] == "claim_unknown"
    assert about(neighbour(site), "cancel", first)["refused_because"] == "claim_unknown"
    assert about(site, "cancel", first)["state"] == "cancelled"
    assert about(site, "cancel", first)["state"] == "cancelled"  # as it is
    assert claimed(site, engagement)["state"] == "accepted"
    assert [row["state"] for row in standing(site)] == ["cancelled", "accepted"]


def test_a_claim_is_replaced_in_one_step(site: Site) -> None:
    engagement = guarantee(site)
    first = claimed(site, engagement)["claim_id"]
    # It was in time: what corrects it is too.
    site.db.owner.execute("update billing.engagement set expires_on = current_date - 1")
    less = {**LINE, "price_cents": 1500, "base_cents": 1500}
    second = claimed(site, engagement, less, replaces=hexed(first))
    assert second["amount_cents"] == 200
    assert claimed(site, engagement, replaces=hexed(first))["refused_because"] == "claim_unknown"
    other = guarantee(site, "bob")
    wrong = claimed(site, other, replaces=hexed(second["claim_id"]))
    assert wrong["refused_because"] == "claim_unknown"
    assert [(row["state"], row["amount_cents"]) for row in standing(site)] == [
        ("cancelled", 700), ("accepted", 200),
    ]  # fmt: skip
    row = one(site.db.owner, "select replaced_by from billing.claim where claim_id = %s", first)
    assert row["replaced_by"] == second["claim_id"]


def test_a_paper_sale_is_regularised_with_its_care_date(site: Site) -> None:
    # The outage is over: asked with the day of the sale, answered for that day, claimed like any.
    engagement = guarantee(site, care_on=(site.today - timedelta(days=6)).isoformat())
    assert claimed(site, engagement)["state"] == "accepted"


def test_a_token_or_a_proof_that_is_none_claims_nothing(site: Site) -> None:
    engagement = guarantee(site)
    args = stated(site, engagement)
    assert one(site.edge(), CLAIM, "x" * 43, *args[1:])["refused_because"] == "invalid_token"
    assert one(site.edge(), CLAIM, args[0], bytes(32), *args[2:])["refused_because"] == (
        "invalid_token"
    )
    assert one(site.edge(), CLAIM, *args)["refused_because"] is None
    assert one(site.edge(), CLAIM, *args)["refused_because"] == "proof_repeated"
    assert refused(site) == {}


def test_what_no_edge_sends_is_no_claim(site: Site) -> None:
    lines: tuple[dict[str, object], ...] = (
        {"quantity": 0}, {"quantity": None}, {"price_cents": -1}, {"base_cents": 10_000_001},
        {"obligatory_cents": None}, {"category": None},
    )  # fmt: skip
    puts: tuple[dict[str, object], ...] = (
        {"amount_cents": 0}, {"claim_id": "\\x00"}, {"reference": None}, {"replaces": "\\x00"},
    )  # fmt: skip
    wrong: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({**LINE, **line}, {}) for line in lines
    ] + [(LINE, put) for put in puts]
    for line, put in wrong:
        with pytest.raises(psycopg.Error) as raised:
            claimed(site, hexed(bytes(32)), line, **put)
        assert raised.value.sqlstate == "RP031", (line, put)


def test_a_claim_names_nobody(site: Site) -> None:
    """What a claim keeps is of the site and the guarantee; the lines stand apart."""
    claimed(site, guarantee(site))
    columns = {
        row["column_name"]
        for row in site.db.owner.execute(
            "select column_name from information_schema.columns"
            " where table_schema = 'billing' and table_name in ('claim', 'claim_line')"
        )
    }
    assert columns & {"asked", "member_reference", "person_index", "number_hash"} == set()
