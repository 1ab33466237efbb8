"""What a feed does to those who ask: no patient becomes new, engagements stand, ranks choose."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from rempart.foundation.database import hexed
from tests.support.asking import INSURER, SECRET, Site, index_of


@dataclass(frozen=True)
class Cover:
    """One line of a feed, as days from today."""

    person: str
    first: int = -400
    last: int = 300
    plan: str = "COMPLET"
    rank: int = 1
    key: bytes = b""
    feed_key: str = ""

    @property
    def reference(self) -> bytes:
        return hashlib.sha256(self.key + self.person.encode()).digest()[:16]

    @property
    def index(self) -> bytes:
        return index_of(self.feed_key + self.person)


def feed(
    site: Site, *covers: Cover, kind: str = "full", before: bytes | None = None
) -> dict[str, Any]:
    """Put covers in force as the importer does, for people of the tests' own indexes.

    `before`: the key of their references until now, when they were made anew.
    """
    intake, token = site.db.connect("rempart_intake"), secrets.token_bytes(32)
    (opened,) = intake.execute(
        "select * from registry.open_feed(%s, %s, clock_timestamp(), %s, %s, sha256(%s))",
        (INSURER, kind, secrets.token_bytes(32), len(covers), token),
    ).fetchall()
    assert opened["refused_because"] is None
    plans = dict(zip(opened["plan_codes"], opened["plan_ids"], strict=True))
    intake.execute(
        "select registry.stage_coverage(%s, %s, 0, %s, %s, %s, %s, %s, %s, %s, '{}')",
        (
            opened["feed_id"],
            token,
            [one.index for one in covers],
            [one.reference for one in covers],
            [plans[one.plan] for one in covers],
            [site.today + timedelta(one.first) for one in covers],
            [site.today + timedelta(one.last) for one in covers],
            [one.rank for one in covers],
            [SECRET for _ in covers],
        ),
    )
    if before is not None:
        people = {one.person: one for one in covers}.values()
        old = [replace(one, key=before).reference for one in people]
        intake.execute(
            "select registry.stage_references(%s, %s, 0, %s, %s)",
            (opened["feed_id"], token, old, [one.reference for one in people]),
        )
    (swapped,) = intake.execute(
        "select * from registry.swap_feed(%s, %s, false, %s, true, true)",
        (opened["feed_id"], token, before is not None),
    ).fetchall()
    assert swapped["refused_because"] is None, swapped
    return dict(swapped)


def answer(site: Site, question: dict[str, Any]) -> dict[str, Any]:
    (row,) = site.ask(question)
    return row


def test_no_patient_becomes_new_by_a_feed(site: Site) -> None:
    for person in ("alice", "bob"):
        assert site.outcome(site.question(person)) == "covered"
    for bucket in ("fresh", "new", "miss"):
        site.empty(bucket)
    assert site.outcome(site.question("carol")) == "better_evidence_needed"
    everybody = [Cover(person) for person in ("alice", "bob", "carol", "dora")]
    moved = [Cover(person, first=-300, key=b"another") for person in ("alice", "bob", "carol")]
    for covers, before in ((everybody, None), (everybody[::-1], None), (moved, b"")):
        feed(site, *covers, before=before)
        for person in ("alice", "bob"):
            assert site.outcome(site.question(person)) == "covered"
        # And nobody becomes known by one either.
        assert site.outcome(site.question("carol")) == "better_evidence_needed"
    # Left out, and erased: still met, and no miss is charged.
    feed(site, Cover("carol", first=-300, key=b"another"))
    assert site.outcome(site.question("alice")) == "no_right_found"
    site.db.owner.execute("delete from registry.coverage")
    assert site.outcome(site.question("alice")) == "no_right_found"


def test_a_changed_feed_key_makes_no_patient_new(site: Site) -> None:
    before = answer(site, site.question("alice"))
    for bucket in ("fresh", "new", "miss"):
        site.empty(bucket)
    feed(site, *(Cover(person, feed_key="second") for person in ("alice", "carol")), before=b"")
    # An edge that still has the first key finds nobody, and says so of whom it met.
    assert site.outcome(site.question("alice")) == "no_right_found"

    def asked(person: str) -> dict[str, Any]:
        return site.question(person, person_indexes=[hexed(index_of("second" + person))])

    again = answer(site, asked("alice"))
    assert again["outcome"] == "covered"
    assert again["engagement_id"] == before["engagement_id"]
    assert site.outcome(asked("carol")) == "better_evidence_needed"


def test_whoever_is_called_anew_keeps_the_guarantee_of_the_day(site: Site) -> None:
    given = answer(site, site.question("alice"))
    engagements = "select * from billing.engagement order by 1"
    payloads = "select member_reference from journal.payload order by entry_no"
    kept = [site.db.owner.execute(one).fetchall() for one in (engagements, payloads)]
    everybody = [Cover(person, key=b"other") for person in ("alice", "bob", "carol")]
    feed(site, *everybody, before=b"")
    # What was written keeps the reference of its day.
    assert [site.db.owner.execute(one).fetchall() for one in (engagements, payloads)] == kept
    again = answer(site, site.question("alice"))
    assert again["engagement_id"] == given["engagement_id"]
    assert len(site.db.owner.execute(engagements).fetchall()) == 1
    told = [row["member_reference"] for row in site.db.owner.execute(payloads).fetchall()]
    assert told[-2:] == [Cover("alice").reference, everybody[0].reference]


def test_a_retroactive_end_leaves_given_engagements_standing(site: Site) -> None:
    question = site.question("alice")
    given = answer(site, question)
    assert given["outcome"] == "covered"
    engagements = "select * from billing.engagement order by 1"
    before = site.db.owner.execute(engagements).fetchall()
    assert len(before) == 1
    intake = site.db.connect("rempart_intake")
    (row,) = intake.execute(
        "select * from registry.end_member(%s, %s, %s)",
        (INSURER, Cover("alice").reference, site.today - timedelta(60)),
    ).fetchall()
    assert (row["refused_because"], row["ended"]) == (None, 1)
    # From now on nobody is told that she is covered, not even for the days before.
    assert site.outcome(site.question("alice")) == "no_right_found"
    yesterday = (site.today - timedelta(1)).isoformat()
    assert site.outcome(site.question("alice", care_on=yesterday)) == "no_right_found"
    # What was guaranteed stands, and asking again by its reference gives it again.
    assert site.db.owner.execute(engagements).fetchall() == before
    fresh = {"attempt": "\\x" + secrets.token_hex(16), "proof_jti": secrets.token_hex(16)}
    again = answer(site, question | fresh)
    for name in ("outcome", "rate_bp", "engagement_id", "expires_on"):
        assert again[name] == given[name]


def test_of_two_plans_of_a_person_the_first_rank_that_pays_answers(site: Site) -> None:
    half = {"mode": "direct", "rate_bp": 5000, "amount_cents": None, "ceiling_cents": None}
    site.db.owner.execute(
        "select registry.add_plan(%s, 'SURCO', 'Surcomplémentaire', %s)",
        (INSURER, Jsonb({"PHAR": half, "LABO": half})),
    )
    base, top = Cover("alice", last=5), Cover("alice", plan="SURCO", rank=2)
    feed(site, base, top, Cover("bob", plan="OPTIQUE"), Cover("bob", plan="SURCO", rank=2))

    def rate(person: str, days: int = 0) -> object:
        care_on = (site.today + timedelta(days)).isoformat()
        return answer(site, site.question(person, care_on=care_on))["rate_bp"]

    assert rate("alice") == 10000
    assert rate("alice", 6) == 5000  # the base cover has ended, the other has not
    assert rate("bob") == 5000  # the base plan pays optics alone
    feed(site, top, Cover("bob"))
    assert rate("alice", 1) == 5000
    assert rate("bob", 1) == 10000
    # Today's question was answered with a guarantee already: it stands as it was given.
    assert rate("alice") == 10000
