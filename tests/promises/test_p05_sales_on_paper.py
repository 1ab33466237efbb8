"""P5 and sales on paper: asked about afterwards, for their day, on the budget as it is now."""

from datetime import timedelta
from typing import Any

from rempart.foundation.database import hexed
from rempart.journal import check_budgets
from rempart.journal.charges import Bucket, Kind, read_charges
from tests.support.asking import Site, index_of, one
from tests.support.claiming import claimed
from tests.support.closing import close, move
from tests.support.purging import as_role


def charged(site: Site) -> set[tuple[Kind, Bucket, int]]:
    """What the last entry charged, the installation's, account's, professional's and site's."""
    row = one(site.db.owner, "select charges from journal.entry order by entry_no desc limit 1")
    return {(each.kind, each.bucket, each.units) for each in read_charges(row["charges"])}


def asked(site: Site, person: str, days_ago: int, **changes: object) -> dict[str, Any]:
    on = site.today - timedelta(days_ago)
    return site.question(person, care_on=on.isoformat(), **changes)


def test_it_is_answered_and_paid_for_its_own_day(site: Site) -> None:
    """The cover may have ended since, and a gate may have been closed then."""
    close(site, "platform", "")
    assert site.outcome(asked(site, "alice", 0)) == "closed"
    assert move(site, "open", "platform", "")["refused_because"] is None
    site.db.owner.execute(
        "update registry.coverage set valid_to = %s where person_index = %s",
        (site.today - timedelta(2), index_of("alice")),
    )
    question = asked(site, "alice", 2)
    (answer,) = site.ask(question)
    assert answer["outcome"] == "covered"
    assert site.outcome(asked(site, "alice", 1)) == "no_right_found"
    number = one(
        site.db.owner,
        "select number_hash from billing.engagement where engagement_id = %s",
        answer["engagement_id"],
    )["number_hash"]
    assert claimed(site, hexed(number))["amount_cents"] == 700


def test_it_costs_what_any_question_costs(site: Site) -> None:
    """Whatever day it is about, the same buckets of the same keys, by the outcome alone."""
    costs = []
    for person, days_ago in (
        ("alice", 0),
        ("bob", 8),
        ("carol", 3),
        ("stranger", 0),
        ("nobody", 8),
    ):
        site.outcome(asked(site, person, days_ago))
        costs.append(charged(site))
    hit, miss = costs[0], costs[3]
    assert costs == [hit, hit, hit, miss, miss]
    assert (Kind.SITE, Bucket.FRESH, 1) in hit
    assert (Kind.ACCOUNT, Bucket.MISS, 1) in miss - hit
    assert as_role(site.db, "rempart_journal", check_budgets).ok


def test_no_day_gives_a_thief_anything_that_today_does_not(site: Site) -> None:
    """With today's budget used up, every care date that may be asked about is refused alike."""
    assert site.outcome(asked(site, "alice", 8)) == "covered"
    site.empty("fresh")
    for days_ago in range(-31, 9):
        assert site.outcome(asked(site, "bob", days_ago)) == "better_evidence_needed", days_ago
    assert site.outcome(asked(site, "bob", 9)) == "care_date_out_of_window"
    # Whom the site has met costs nothing of it, for any day.
    assert site.outcome(asked(site, "alice", 1)) == "covered"
    assert charged(site) == {
        (kind, Bucket.ALL, 1) for kind in (Kind.INSTALLATION, Kind.ACCOUNT, Kind.SITE)
    }


def test_an_outage_fills_a_bucket_and_no_further(site: Site) -> None:
    """After however long, a key has B units at once, and the next one when r gives it back."""
    site.db.owner.execute("update guard.budget set typed_burst = 3, typed_tat = 0")
    site.db.owner.execute("update guard.clock set guard_at = guard_at + 30 * 86400000000::bigint")
    outcomes = [site.outcome(asked(site, f"patient {n}", n)) for n in range(5)]
    assert outcomes == ["no_right_found"] * 3 + ["better_evidence_needed"] * 2
