"""Asked and never billed: a number for each account and site, late and missing claims included."""

from datetime import timedelta

from rempart.cli import run_line
from tests.promises.test_p06_closing import colleague
from tests.support.asking import Site
from tests.support.claiming import about, claimed, guarantee
from tests.support.command_line import Told
from tests.support.database import DatabaseUnderTest
from tests.support.quoting import FRAME, about_authorization, agreed, optician


def aged(site: Site, engagement: str, days: int) -> None:
    """Make a guarantee, and a claim on it, that many days older."""
    site.db.owner.execute(
        "update billing.engagement set given_at = given_at - make_interval(days => %s),"
        " care_on = care_on - %s, expires_on = expires_on - %s where number_hash = %s",
        (days, days, days, engagement),
    )


def test_each_guarantee_is_counted_once_where_it_stands(site: Site, told: Told) -> None:
    names = ("given", "claimed", "late", "waiting", "missing")

    def counted(*words: str) -> tuple[int, ...]:
        found = told("ledger", "unbilled", site.identifier, *words)
        return tuple(found[name] for name in names)

    assert counted() == (0, 0, 0, 0, 0)
    first = guarantee(site)
    assert counted() == (1, 0, 0, 1, 0)
    made = claimed(site, first)["claim_id"]
    assert counted() == (1, 1, 0, 0, 0)
    about(site, "cancel", made)
    assert counted() == (1, 0, 0, 1, 0)  # cancelled: it stands for nothing
    claimed(site, first)
    late = guarantee(site, "bob")
    aged(site, late, 15)
    claimed(site, late)
    in_time = guarantee(site, "bob")
    aged(site, in_time, 14)
    claimed(site, in_time)
    missing = guarantee(site, "carol")
    aged(site, missing, 31)
    assert counted() == (4, 3, 1, 0, 1)
    assert counted("--days", "20") == (3, 3, 1, 0, 0)
    other = colleague(site)
    guarantee(other, "carol", care_on=(site.today - timedelta(days=1)).isoformat())
    assert counted() == (5, 3, 1, 1, 1)
    assert counted("--rpps", site.rpps) == (4, 3, 1, 0, 1)
    assert counted("--rpps", other.rpps) == (1, 0, 0, 1, 0)
    site.db.owner.execute(
        "update billing.engagement set cancelled_at = clock_timestamp() where number_hash = %s",
        (missing,),
    )
    assert counted() == (4, 3, 1, 1, 0)  # nobody owes a claim on what was taken back
    told("ledger", "unbilled", "759999999", code=3)
    told("ledger", "unbilled", site.identifier, "--rpps", "10000000009", code=3)
    assert run_line(["ledger", "unbilled", site.identifier]) == 0


def test_a_prise_en_charge_counts_and_is_never_late(db: DatabaseUnderTest, told: Told) -> None:
    shop = optician(db)
    names = ("given", "claimed", "late", "waiting", "missing")

    def counted() -> tuple[int, ...]:
        found = told("ledger", "unbilled", shop.identifier, "--days", "200")
        return tuple(found[name] for name in names)

    delivered, kept, forgotten = (agreed(shop, who) for who in ("alice", "bob", "carol"))
    assert counted() == (3, 0, 0, 3, 0)
    for each, days in ((delivered, 60), (kept, 60), (forgotten, 91)):
        aged(shop, each, days)
    claimed(shop, delivered, FRAME)
    assert counted() == (3, 1, 0, 1, 1)
    about_authorization(shop, "cancel", kept)
    assert counted() == (2, 1, 0, 0, 1)
