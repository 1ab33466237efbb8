"""P5 and sales on paper: asked about afterwards, for their day, on the budget as it is now."""

from datetime import timedelta
from typing import Any

from rempart.foundation.database import hexed
from rempart.journal import check_budgets
from rempart.journal.charges import Bucket, Kind, read_charges
from tests.support.asking import Site, asked_of, index_of, one
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


def test_whom_a_colleague_met_lately_is_new_to_an_account_again_after_a_year(site: Site) -> None:
    for holder, key, days in ((2, site.account_id, -400), (4, site.site_id, 0)):
        site.db.owner.execute(
            "insert into guard.met (holder, holder_id, asked, met_on)"
            " values (%s, %s, %s, current_date + %s)",
            (holder, key, asked_of("alice"), days),
        )
    assert site.outcome(site.question()) == "covered"
    assert (Kind.ACCOUNT, Bucket.NEW, 1) in charged(site)
    assert (Kind.ACCOUNT, Bucket.FRESH, 1) not in charged(site)


def test_twelve_months_to_the_day_are_over(site: Site) -> None:
    for holder, key in ((2, site.account_id), (4, site.site_id)):
        site.db.owner.execute(
            "insert into guard.met (holder, holder_id, asked, met_on)"
            " values (%s, %s, %s, current_date - interval '12 months')",
            (holder, key, asked_of("alice")),
        )
    assert site.outcome(site.question()) == "covered"
    assert (Kind.ACCOUNT, Bucket.FRESH, 1) in charged(site)


def test_whoever_is_asked_about_again_is_met_again(site: Site) -> None:
    assert site.outcome(site.question()) == "covered"
    site.db.owner.execute("update guard.met set met_on = current_date - 62")
    assert site.outcome(site.question()) == "covered"
    rows = site.db.owner.execute("select met_on = current_date as today from guard.met").fetchall()
    assert [row["today"] for row in rows] == [True, True]
