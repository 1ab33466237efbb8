"""P6: whatever is closed, guarantees already given stay good: a claim on them is accepted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.asking import INSURER, Site, install_software
from tests.support.claiming import about, claimed, guarantee, standing
from tests.support.closing import client_of, close, move
from tests.support.command_line import Told
from tests.support.database import DatabaseUnderTest
from tests.support.paying import Desk, holds
from tests.support.quoting import FRAME, LENSES, about_authorization, agreed, optician, quote

SCOPES: dict[str, Callable[[Site], str]] = {
    "account": lambda site: f"{site.rpps}@{site.identifier}",
    "professional": lambda site: site.rpps,
    "site": lambda site: site.identifier,
    "client": client_of,
    "insurer": lambda _: INSURER,
    "grade": lambda _: "typed",
    "channel": lambda _: "software",
    "platform": lambda _: "",
}


def hold(site: Site) -> None:
    """Put the account on hold as `guard.place_hold` does, without the officers' signatures."""
    site.db.owner.execute(
        "insert into guard.hold (account_id, value, reason, author, placed_at)"
        " values (%s, %s, 'essai', 'Alice', clock_timestamp())",
        (site.account_id, f"{site.rpps}@{site.identifier}"),
    )


def claimed_and_put_right(site: Site, *engagements: str) -> None:
    first = claimed(site, engagements[0])
    assert (first["refused_because"], first["amount_cents"]) == (None, 700)
    assert claimed(site, engagements[0])["refused_because"] == "engagement_used"
    second = claimed(site, engagements[1])["claim_id"]
    assert about(site, "read", second)["state"] == "accepted"
    assert about(site, "cancel", second)["state"] == "cancelled"


def test_a_claim_is_taken_whatever_scope_is_closed(site: Site) -> None:
    for scope, value in SCOPES.items():
        given = guarantee(site), guarantee(site, "bob")
        close(site, scope, value(site))
        assert site.outcome(site.question()) == "closed", scope
        claimed_and_put_right(site, *given)
        assert move(site, "open", scope, value(site))["refused_because"] is None


def test_a_claim_is_taken_while_its_account_is_held(site: Site) -> None:
    given = guarantee(site), guarantee(site, "bob")
    hold(site)
    assert site.outcome(site.question()) == "closed"
    claimed_and_put_right(site, *given)


def test_a_prise_en_charge_is_claimed_and_cancelled_while_nothing_is_quoted(
    db: DatabaseUnderTest,
) -> None:
    shop = optician(db)
    taken, given_up = agreed(shop), agreed(shop, "bob")
    close(shop, "platform", "")
    hold(shop)
    assert shop.outcome(quote(shop, "carol")) == "closed"
    assert shop.outcome(quote(shop, replaces=taken)) == "closed"
    assert claimed(shop, taken, FRAME, LENSES)["amount_cents"] == 21000
    assert about_authorization(shop, "cancel", given_up)["state"] == "cancelled"
    assert about_authorization(shop, "read", taken)["state"] == "claimed"


def test_what_was_guaranteed_a_minute_before_its_account_was_held_is_paid(
    site: Site, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk.open(told, tmp_path, monkeypatch)
    desk.bank(site)
    given = guarantee(site)
    site.db.owner.execute("update billing.engagement set given_at = given_at - interval '1 minute'")
    hold(site)
    for scope in ("site", "insurer", "platform"):
        close(site, scope, SCOPES[scope](site))
    assert claimed(site, given)["refused_because"] is None
    (batch,) = desk.run()
    desk.told("pay", "confirm", batch["batch"])
    assert [row["state"] for row in standing(site)] == ["paid"]
    holds(desk, bank=700)


def test_a_claim_is_taken_when_nothing_may_be_asked_any_more(site: Site) -> None:
    given = guarantee(site), guarantee(site, "bob")
    site.empty("all")
    assert site.outcome(site.question()) == "too_many_questions"
    claimed_and_put_right(site, *given)


def test_a_revoked_token_claims_nothing_and_another_software_of_the_site_does(site: Site) -> None:
    given = guarantee(site), guarantee(site, "bob")
    site.db.owner.execute("update identity.installation set revoked_at = clock_timestamp()")
    assert claimed(site, given[0])["refused_because"] == "invalid_token"
    claimed_and_put_right(site.at(install_software(site.db, site.site_id, [])), *given)
