"""P4: whatever led to an outcome cannot be told; budgets are judged before the registry is read."""

import secrets
from typing import Any

import pytest

from rempart.foundation.database import hexed
from tests.support.asking import Site, install_software, one

NOT_COVERED = ("stranger", "ended", "not_begun", "optic_only")
SAID = ("kind", "outcome", "refused_because", "rate_bp", "amount_cents", "ceiling_cents")


def said(site: Site, question: dict[str, Any]) -> dict[str, Any]:
    """Return everything that the asker is told but receipt, salts and random numbers."""
    row = site.ask(question)[0]
    return {name: row[name] for name in SAID} | {
        "engaged": row["engagement_id"] is not None,
        "expires_on": row["expires_on"],
    }


def levels(site: Site) -> list[dict[str, Any]]:
    return site.db.owner.execute(
        "select kind, all_tat, new_tat, fresh_tat, typed_tat, miss_tat from guard.budget"
        " where (kind, id) in ((1, %s), (2, %s), (3, %s), (4, %s)) order by kind",
        (
            site.installation.installation_id,
            site.account_id,
            site.professional_id,
            site.site_id,
        ),
    ).fetchall()


def freeze(site: Site) -> None:
    """Hold guard time still, so that what was charged can be compared to the microsecond."""
    site.db.owner.execute("update guard.clock set wall_at = clock_timestamp() + interval '1 hour'")


def charged(site: Site, question: dict[str, Any]) -> list[dict[str, int]]:
    before = levels(site)
    site.ask(question)
    now = one(site.db.owner, "select guard.now() as now")["now"]
    return [
        {
            name: max(after[name], now) - max(old[name], now)
            for name in after
            if name.endswith("_tat")
        }
        for old, after in zip(before, levels(site), strict=True)
    ]


def test_every_reason_for_no_right_says_and_costs_the_same(site: Site) -> None:
    freeze(site)
    wrong_secret = site.scan("alice", cards=[hexed(bytes(32))])
    told = [said(site, site.question(person)) for person in NOT_COVERED[:1]]
    assert told[0]["outcome"] == "no_right_found"
    for person in NOT_COVERED[1:]:
        assert said(site, site.question(person)) == told[0]
    assert said(site, wrong_secret) == told[0]
    # Again with people never asked about, for what each costs: typed alike, and scan alike.
    other = Site.make(site.db, identifier="750000002", rpps="10000000002")
    costs = [charged(other, other.question(person)) for person in NOT_COVERED]
    assert all(cost == costs[0] for cost in costs)
    assert costs[0][1]["miss_tat"] > 0
    scans = [
        charged(other, other.scan("nobody")),
        charged(other, other.scan("alice", cards=[hexed(bytes(32))])),
    ]
    assert scans[0] == scans[1]


@pytest.mark.parametrize("bucket", ["fresh", "new", "miss", "typed"])
def test_an_empty_bucket_tells_nobody_from_nobody(site: Site, bucket: str) -> None:
    """R3: member, stranger, ended cover and wrong secret, none met before, are one answer."""
    freeze(site)
    site.empty(bucket)
    people = ("alice", *NOT_COVERED)
    told = [said(site, site.question(person)) for person in people]
    assert told[0]["outcome"] == "better_evidence_needed"
    assert all(answer == told[0] for answer in told)
    costs = [charged(site, site.question(person)) for person in people]
    assert all(cost == costs[0] for cost in costs)
    if bucket != "typed":
        scanned = [
            said(site, site.scan("bob")),
            said(site, site.scan("bob", cards=[hexed(bytes(32))])),
            said(site, site.scan("nobody")),
        ]
        assert scanned[0]["outcome"] == "exception_possible"
        assert all(answer == scanned[0] for answer in scanned)


def test_guessing_is_not_free_once_misses_are_used_up(site: Site) -> None:
    """R3.1: a hit does not go on being answered while misses are refused."""
    site.empty("miss")
    assert site.outcome(site.question("alice")) == "better_evidence_needed"
    assert site.outcome(site.question("stranger")) == "better_evidence_needed"


def test_a_patient_of_the_site_is_never_refused_where_a_stranger_is_answered(site: Site) -> None:
    """R3.2: fresh people count in the wider bucket too, so it cannot be emptied beneath them."""
    assert site.outcome(site.question("alice")) == "covered"
    second = Site.make(site.db, rpps="10000000003")
    assert second.site_id == site.site_id
    second.empty("new", 2)
    # Alice was met by the site, the stranger was not: both are new to this account.
    patient, stranger = (said(second, second.question(p)) for p in ("alice", "stranger"))
    assert patient == stranger
    assert patient["outcome"] == "better_evidence_needed"


def test_better_evidence_reads_no_registry(site: Site) -> None:
    """Decided before the registry is read: it stands even when the registry cannot be."""
    site.empty("fresh")
    site.db.owner.execute("alter function registry.match rename to match_gone")
    assert site.outcome(site.question("alice")) == "better_evidence_needed"


def test_a_wrong_secret_is_charged_by_the_grade_claimed(site: Site) -> None:
    """R12: no_right_found, never a hint that the person exists."""
    freeze(site)
    costs = charged(site, site.scan("alice", cards=[hexed(secrets.token_bytes(32))]))
    assert costs[1]["typed_tat"] == 0
    assert costs[1]["miss_tat"] > 0


def test_a_met_index_is_never_a_miss_nor_fresh(site: Site) -> None:
    freeze(site)
    site.ask(site.question("stranger"))
    again = charged(site, site.question("stranger"))
    assert [cost["fresh_tat"] + cost["miss_tat"] + cost["new_tat"] for cost in again] == [0] * 4


def test_a_feed_makes_nobody_new(site: Site) -> None:
    """R4: what was met is kept under a key that no feed touches."""
    freeze(site)
    site.ask(site.question("alice"))
    site.db.owner.execute("update registry.coverage set feed_id = feed_id + 1")
    assert all(c["fresh_tat"] == 0 for c in charged(site, site.question("alice")))


def test_a_profession_asks_its_own_domains_only(site: Site) -> None:
    """R12: a pharmacist's stolen account rebuilds no contract."""
    refused = {d: site.outcome(site.question(domain=d)) for d in ("OPTI", "HOSP", "AUDI", "LABO")}
    assert set(refused.values()) == {"domain_not_allowed"}
    assert site.outcome(site.question("stranger", domain="OPTI")) == "domain_not_allowed"


def test_an_insurer_not_served_counts_in_all_questions(site: Site) -> None:
    """R12: charged to nobody's freshness, but not a free flood."""
    freeze(site)
    question = site.question(insurer="99999999")
    costs = charged(site, question)
    assert costs[1]["all_tat"] > 0
    assert costs[1]["fresh_tat"] == costs[1]["new_tat"] == costs[1]["miss_tat"] == 0
    assert site.outcome(site.question(insurer="99999999")) == "insurer_not_served"


def test_an_engagement_never_tells_when_a_cover_ends(site: Site) -> None:
    owner = site.db.owner
    owner.execute("delete from registry.coverage where valid_from > %s", (site.today,))
    owner.execute("update registry.coverage set valid_to = %s", (site.today,))
    last_day = site.ask(site.question("alice"))[0]["expires_on"]
    owner.execute("update registry.coverage set valid_to = %s::date + 900", (site.today,))
    assert site.ask(site.question("bob"))[0]["expires_on"] == last_day


def test_the_same_person_domain_and_date_give_the_same_engagement(site: Site) -> None:
    first, second = (site.ask(site.question("alice"))[0]["engagement_id"] for _ in range(2))
    assert first == second
    elsewhere = Site.make(site.db, identifier="750000009", rpps="10000000009")
    assert elsewhere.ask(elsewhere.question("alice"))[0]["engagement_id"] != first


def test_care_dates_outside_the_window_are_refused_alike(site: Site) -> None:
    from datetime import timedelta

    for days, expected in ((-9, "care_date_out_of_window"), (-8, "covered"), (31, "covered")):
        day = (site.today + timedelta(days)).isoformat()
        assert site.outcome(site.question("alice", care_on=day)) == expected, days
    day = (site.today + timedelta(32)).isoformat()
    told = {said(site, site.question(p, care_on=day))["refused_because"] for p in ("alice", "x")}
    assert told == {"care_date_out_of_window"}


def test_a_second_installation_of_the_site_meets_the_same_budgets(site: Site) -> None:
    site.empty("fresh", 4)
    other = site.at(install_software(site.db, site.site_id, [site.account_id]))
    assert other.outcome(other.question("alice")) == "better_evidence_needed"
