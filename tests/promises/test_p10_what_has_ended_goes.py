"""P10: ended rights stay as long as anybody may ask for them, and are then erased."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.asking import Site, asked_of, cover_people, index_of, one
from tests.support.database import DatabaseUnderTest
from tests.support.purging import add_covers, assert_whole, counts, limit, number, purged

PARIS = ZoneInfo("Europe/Paris")
DAYS = (
    date(2027, 1, 31),
    date(2027, 3, 28),  # clocks go forward: 23 hours
    date(2027, 10, 31),  # clocks go back: 25 hours
    date(2028, 2, 29),
    date(2028, 12, 31),
)
DOMAINS = ("PHAR", "HOSP", "OPTI")


def instants(day: date) -> list[datetime]:
    """Every quarter of an hour of three days, and a breath at each midnight."""
    midnights = [
        datetime(d.year, d.month, d.day, tzinfo=PARIS).astimezone(UTC)
        for d in (day + timedelta(n) for n in range(-1, 3))
    ]
    found = {midnights[0] + n * timedelta(minutes=15) for n in range(3 * 96 + 5)}
    for midnight in midnights:
        for hours in (0, 1):
            found |= {midnight + timedelta(hours=hours, microseconds=us) for us in (-1, 0, 1)}
    return sorted(found)


@pytest.mark.parametrize("day", DAYS)
def test_a_cover_goes_an_hour_after_the_last_day_on_which_anybody_may_ask(
    db: DatabaseUnderTest, day: date
) -> None:
    """Both rules are read as they run, for every domain and care date, around midnight and DST."""
    last_day = day - timedelta(31)
    rows = db.owner.execute(
        "select t.at, %s < l.before as gone,"
        " (select bool_or(rights.care_window(d.domain, %s::date - c.back, t.at)) from"
        "  unnest(%s::text[]) d (domain) cross join generate_series(0, 60) c (back)) as asked"
        " from unnest(%s::timestamptz[]) t (at) cross join journal.purge_limits(t.at, 36) l"
        " where l.what = 'cover' order by t.at",
        (last_day, last_day, list(DOMAINS), instants(day)),
    ).fetchall()
    first_gone = next(row["at"] for row in rows if row["gone"])
    midnight = datetime(day.year, day.month, day.day, tzinfo=PARIS) + timedelta(days=1)
    assert first_gone == midnight.astimezone(UTC) + timedelta(hours=1)
    last_asked = max(row["at"] for row in rows if row["asked"])
    assert last_asked == midnight.astimezone(UTC) - timedelta(microseconds=1)
    # Once gone it stays gone, and nobody may ask; until then it was there for whoever began to ask.
    assert all(row["gone"] and not row["asked"] for row in rows if row["at"] >= first_gone)
    assert not any(row["gone"] for row in rows if row["at"] < first_gone)


@pytest.fixture
def desk(db: DatabaseUnderTest) -> Site:
    """A hospital's desk, an insurer that pays HOSP, and people covered until about a month ago."""
    site = Site.make(db, profession="hospitalier")
    db.owner.execute(
        "insert into registry.plan_domain (plan_id, domain, mode, rate_bp)"
        " select plan_id, 'HOSP', 'direct', 10000 from registry.plan"
    )
    return site


def cover(site: Site, person: str, last_day: date) -> None:
    back = (last_day - site.today).days
    site.db.owner.execute(
        "insert into registry.coverage (insurer_id, person_index, member_reference, plan_id,"
        " valid_from, valid_to, cover_rank, card_hash, feed_id)"
        " select insurer_id, %s, substr(sha256(%s), 1, 16), plan_id, %s, %s, 1, null, 1"
        " from registry.plan where code = 'COMPLET'",
        (
            index_of(person),
            person.encode(),
            last_day - timedelta(400),
            site.today + timedelta(back),
        ),
    )


def test_a_right_that_may_be_asked_about_is_answered_before_and_after(desk: Site) -> None:
    last = desk.today - timedelta(31)
    cover(desk, "edge", last)
    cover(desk, "gone", limit(desk.db, "cover") - timedelta(1))
    question = {"domain": "HOSP", "care_on": last.isoformat()}
    assert desk.outcome(desk.question("edge", **question)) == "covered"
    certificate = purged(desk.db)
    assert counts(certificate)["cover"] == 2  # the other is `ended`, 40 days ago
    assert desk.outcome(desk.question("edge", **question)) == "covered"
    left = one(desk.db.owner, "select min(valid_to) as day from registry.coverage")["day"]
    assert left == last
    assert_whole(desk.db)


def test_whoever_was_covered_until_yesterday_is_told_for_the_care_date_alone(desk: Site) -> None:
    """Out of the query path for today, there for the days before: never a matter of today."""
    cover(desk, "left", desk.today - timedelta(3))
    purged(desk.db)
    told = {
        days: desk.outcome(
            desk.question("left", domain="HOSP", care_on=(desk.today - timedelta(days)).isoformat())
        )
        for days in (0, 2, 3, 4)
    }
    assert told == {0: "no_right_found", 2: "no_right_found", 3: "covered", 4: "covered"}


def test_a_patient_is_new_no_earlier_than_twelve_months_after_he_was_met(desk: Site) -> None:
    before = limit(desk.db, "met")
    assert before <= desk.today - timedelta(365)
    for person, met_on in (("old", before - timedelta(1)), ("edge", before)):
        for holder, holder_id in ((2, desk.account_id), (4, desk.site_id)):
            desk.db.owner.execute(
                "insert into guard.met (holder, holder_id, asked, met_on) values (%s, %s, %s, %s)",
                (holder, holder_id, asked_of(person), met_on),
            )
    judged = "select is_fresh from guard.judge(%s, %s, %s, %s, null, %s, 'typed', guard.now())"
    keys = (desk.installation.installation_id, desk.account_id, desk.professional_id, desk.site_id)
    fresh = {p: one(desk.db.owner, judged, *keys, asked_of(p))["is_fresh"] for p in ("old", "edge")}
    assert counts(purged(desk.db))["met"] == 2
    assert fresh["old"]
    assert fresh == {
        p: one(desk.db.owner, judged, *keys, asked_of(p))["is_fresh"] for p in ("old", "edge")
    }
    assert number(desk.db, "select count(*) from guard.met") == 2


def test_what_is_in_force_cannot_be_erased_whatever_a_run_says(desk: Site) -> None:
    """The periods are also policies of the tables: a run with a date of tomorrow erases no more."""
    assert desk.outcome(desk.question("alice", domain="HOSP")) == "covered"
    db = desk.db
    add_covers(db, 10, desk.today)
    jobs = db.connect("rempart_jobs")
    jobs.execute("select * from journal.open_purge('console', 36)")
    db.owner.execute("update journal.purge_part set before = current_date + 400")
    before = number(db, "select count(*) from registry.coverage")
    for function in (
        "registry.erase_covers(5000)",
        "guard.erase_met(100)",
        "journal.erase_payloads(5000)",
        "journal.erase_references(100)",
        "registry.erase_departed(100)",
        *["registry.erase_generation(100)"] * 2,
    ):
        jobs.execute(f"select * from {function}")
    assert number(db, "select count(*) from registry.coverage") == before - 1  # `ended`
    # Whoever was covered until then alone is on the list of who left, and stays there.
    assert number(db, "select count(*) from registry.departed") == 1
    assert number(db, "select count(*) from guard.met") == 2
    assert number(db, "select count(*) from journal.reference") == 1
    kept = "select count(*) from journal.entry e where exists"
    payload = "(select from journal.payload p where p.entry_no = e.entry_no)"
    assert number(db, f"{kept} {payload}") == number(db, "select count(*) from journal.entry")


def test_what_a_feed_that_was_given_up_left_goes_after_a_week(db: DatabaseUnderTest) -> None:
    cover_people(db)
    for feed, kind, days in ((7, "full", 9), (8, "end", 3), (9, None, 0)):
        if kind is not None:
            db.owner.execute(
                "insert into registry.feed_work (feed_id, insurer_id, kind, made_at, file_digest,"
                " due, token_hash, worked_at) select %s, insurer_id, %s, now(), sha256(''), 9,"
                " sha256(''), now() - make_interval(days => %s) from registry.insurer",
                (feed, kind, days),
            )
        db.owner.execute(
            "insert into registry.staged_coverage (feed_id, insurer_id, person_index,"
            " member_reference, plan_id, valid_from, valid_to, cover_rank)"
            " select %s, 1, sha256(int8send(n)), substr(sha256(int8send(n)), 1, 16), 1,"
            " current_date, current_date, 1 from generate_series(1, 3) n",
            (feed,),
        )
        db.owner.execute(
            "insert into registry.staged_reference (feed_id, insurer_id, former, current)"
            " values (%s, 1, substr(sha256('a'), 1, 16), substr(sha256('b'), 1, 16))",
            (feed,),
        )
    foreseen = "select due from journal.foresee_purge(36) where what = 'staged'"
    assert number(db, foreseen) == 8
    assert counts(purged(db))["staged"] == 8
    left = db.owner.execute(
        "select feed_id from registry.staged_coverage union select feed_id"
        " from registry.staged_reference union select feed_id from registry.feed_work"
    ).fetchall()
    assert left == [{"feed_id": 8}]


def test_nobody_but_the_jobs_may_erase(db: DatabaseUnderTest) -> None:
    cover_people(db)
    for role in ("rempart_edge", "rempart_desk", "rempart_intake", "rempart_journal"):
        may = one(
            db.owner,
            "select bool_or(has_function_privilege(%s, p.oid, 'execute')) as may from pg_proc p"
            " where p.proname ~ '^(erase_|open_purge|close_purge|note_erased|purge_turn)'",
            role,
        )
        assert may["may"] is False, role


@pytest.mark.parametrize(
    "at, last",
    [("2026-12-31 22:59:59+00", "2027-01-31"), ("2026-12-31 23:00:00+00", "2027-02-01"),
     ("2027-06-30 21:59:59+00", "2027-07-31"), ("2027-06-30 22:00:00+00", "2027-08-01")],
)  # fmt: skip
def test_the_last_day_that_may_be_asked_about_is_counted_in_paris(
    desk: Site, at: str, last: str
) -> None:
    window = "select rights.care_window('PHAR', %s::date + %s, %s::timestamptz) as inside"
    asked = [one(desk.db.owner, window, last, more, at)["inside"] for more in (0, 1)]
    assert asked == [True, False]


@pytest.mark.parametrize(
    "table, row",
    [
        (
            "guard.met (holder, holder_id, asked, met_on)",
            "2, 1, substr(sha256(''), 1, 16), current_date",
        ),
        ("registry.departed", "1, sha256(''), substr(sha256(''), 1, 16), current_date, 1"),
        ("billing.claim_refusal", None),
    ],
)
def test_what_is_young_is_not_erased_by_the_role_itself(
    desk: Site, table: str, row: str | None
) -> None:
    """Not even without a lock on it, which the policies refuse too."""
    owner = desk.db.owner
    if row is None:
        owner.execute(
            "select billing.note_refusal(%s, 'claim_unknown')", (desk.installation.installation_id,)
        )
    else:
        owner.execute(f"insert into {table} values ({row})")
    table = table.split(maxsplit=1)[0]
    owner.execute("set role rempart_def_purge")
    try:
        assert owner.execute(f"delete from {table}").rowcount == 0
    finally:
        owner.execute("reset role")
    assert number(desk.db, f"select count(*) from {table}") == 1
