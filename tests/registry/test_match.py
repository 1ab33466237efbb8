"""registry.match and registry.insurer_served: one row always, and closed whatever is missing."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.support.database import Connection, DatabaseUnderTest

AMC = "990001"
TODAY = date(2026, 3, 15)
REFERENCE = bytes(range(16))
DIRECT = {"mode": "direct", "rate_bp": 10000, "amount_cents": None, "ceiling_cents": 5000}
ON_REQUEST = {"mode": "on_request", "rate_bp": None, "amount_cents": 15000, "ceiling_cents": None}


def index(name: str) -> bytes:
    """Stand in for somebody's outer index."""
    return hashlib.sha256(name.encode()).digest()


SECRET = index("alice's card")
CALL = "select * from registry.match(%s, %s::bytea[], %s::bytea[], %s, %s, %s)"


class Registry:
    """One insurer with three plans, filled and asked as a superuser."""

    def __init__(self, owner: Connection) -> None:
        self.owner = owner
        self.insurer_id = self.value("select registry.add_insurer(%s, %s)", AMC, "Mutuelle d'essai")
        self.full = self.plan("FULL", {"PHAR": DIRECT, "OPTI": ON_REQUEST})
        self.eyes = self.plan("EYES", {"OPTI": DIRECT})

    def value(self, statement: str, *args: object) -> int:
        row = self.owner.execute(statement, args).fetchone()
        assert row is not None
        return int(next(iter(row.values())))

    def plan(self, code: str, rules: dict[str, object]) -> int:
        return self.value("select registry.add_plan(%s, %s, %s, %s)", AMC, code, code, Jsonb(rules))

    def cover(self, name: str, plan: int, **changes: object) -> None:
        row: dict[str, object] = {
            "insurer_id": self.insurer_id,
            "person_index": index(name),
            "member_reference": REFERENCE,
            "plan_id": plan,
            "valid_from": TODAY - timedelta(days=100),
            "valid_to": TODAY + timedelta(days=100),
            "cover_rank": 1,
            "card_hash": SECRET,
            "feed_id": 1,
        } | changes
        columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        self.owner.execute(
            f"insert into registry.coverage ({columns}) values ({marks})",
            list(row.values()),
        )

    def match(self, name: str = "alice", /, **changes: object) -> dict[str, Any]:
        rows = self.owner.execute(CALL, self.asked(name, **changes)).fetchall()
        assert len(rows) == 1
        return dict(rows[0])

    def pages(self, name: str = "alice", /, **changes: object) -> int:
        """Count the pages that the same call reads."""
        told = self.owner.execute(
            "explain (analyze, buffers, format json) " + CALL, self.asked(name, **changes)
        ).fetchone()
        assert told is not None
        plan = told["QUERY PLAN"][0]["Plan"]
        return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

    def asked(self, name: str, /, **changes: object) -> list[object]:
        asked: dict[str, object] = {
            "insurer": self.insurer_id,
            "indexes": [index(name)],
            "cards": [None],
            "evidence": "typed",
            "domain": "PHAR",
            "care_on": TODAY,
        } | changes
        return list(asked.values())


NOTHING = dict.fromkeys(
    ("member_reference", "plan_id", "mode", "rate_bp", "amount_cents", "ceiling_cents", "terms_id")
)
MISS = {"fits": False} | NOTHING
KNOWN = MISS | {"member_reference": REFERENCE}


@pytest.fixture
def registry(db: DatabaseUnderTest) -> Registry:
    """Alice is covered by FULL."""
    made = Registry(db.owner)
    made.cover("alice", made.full)
    return made


def test_a_covered_person_gets_what_the_plan_pays(registry: Registry) -> None:
    assert registry.match() == {
        "fits": True,
        "member_reference": REFERENCE,
        "plan_id": registry.full,
        "mode": "direct",
        "rate_bp": 10000,
        "amount_cents": None,
        "ceiling_cents": 5000,
        "terms_id": None,
    }
    assert registry.match(domain="OPTI")["mode"] == "on_request"


def test_a_stranger_is_a_row_that_says_no(registry: Registry) -> None:
    assert registry.match("nobody") == MISS


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"domain": "HOSP"}, id="domain not in the plan"),
        pytest.param({"domain": "phar"}, id="domain misspelled"),
        pytest.param({"care_on": TODAY - timedelta(days=101)}, id="not begun"),
        pytest.param({"care_on": TODAY + timedelta(days=101)}, id="ended"),
        pytest.param({"evidence": "scan"}, id="scan without a secret"),
        pytest.param({"evidence": "scan", "cards": [index("x")]}, id="wrong secret"),
        pytest.param({"evidence": "scan", "cards": [b""]}, id="empty secret"),
        pytest.param({"evidence": "presence", "cards": [SECRET]}, id="evidence unknown here"),
        pytest.param({"evidence": None}, id="evidence missing"),
        pytest.param({"domain": None}, id="domain missing"),
        pytest.param({"care_on": None}, id="date missing"),
    ],
)
def test_it_is_closed_but_says_whom_to_the_journal(
    registry: Registry, changes: dict[str, object]
) -> None:
    assert registry.match(**changes) == KNOWN


@pytest.mark.parametrize("changes", [{"insurer": None}, {"indexes": [None]}, {"insurer": 0}])
def test_nobody_meant_is_nobody_found(registry: Registry, changes: dict[str, object]) -> None:
    assert registry.match(**changes) == MISS


@pytest.mark.parametrize("day", [-100, 0, 100])
def test_first_and_last_day_count(registry: Registry, day: int) -> None:
    assert registry.match(care_on=TODAY + timedelta(days=day))["fits"]


def test_the_right_secret_is_found(registry: Registry) -> None:
    assert registry.match(evidence="scan", cards=[SECRET])["fits"]


def test_a_card_without_a_secret_is_never_scanned(registry: Registry) -> None:
    registry.cover("bob", registry.full, card_hash=None)
    for card in (None, b"", SECRET):
        assert registry.match("bob", evidence="scan", cards=[card]) == KNOWN
    assert registry.match("bob")["fits"]


@pytest.mark.parametrize("evidence", ["typed", "scan"])
def test_who_is_read_in_a_strangers_stead_answers_for_nobody(
    registry: Registry, evidence: str
) -> None:
    """Alice's row, the first of the only page, is read for whoever is unknown."""
    told = {"evidence": evidence, "cards": [SECRET, SECRET]}
    for stranger in (bytes(32), index("nobody"), b"\xff" * 32):
        assert registry.match(indexes=[stranger], **told) == MISS
        assert registry.match(indexes=[stranger, index("bob")], **told) == MISS
    assert registry.match(**told)["fits"]


def test_under_two_generations_the_one_who_is_there_is_found(registry: Registry) -> None:
    registry.cover("bob", registry.eyes, member_reference=bytes(16), cover_rank=2)
    for indexes in ([index("bob"), index("nobody")], [index("nobody"), index("bob")]):
        assert registry.match(indexes=indexes) == KNOWN | {"member_reference": bytes(16)}
        assert registry.match(indexes=indexes, domain="OPTI")["plan_id"] == registry.eyes


def test_as_many_pages_are_read_for_a_stranger_as_for_a_member(registry: Registry) -> None:
    """What an answer's time would tell (docs/timing.md), counted by PostgreSQL itself."""
    for n in range(200):
        registry.cover(f"member {n}", registry.full)
    # As the edge's role has it.
    registry.owner.execute("set enable_seqscan = off")
    registry.owner.execute("set plan_cache_mode = force_generic_plan")

    def pages(**changes: object) -> int:
        return [registry.pages(**changes) for _ in range(2)][-1]

    known = pages()
    assert known >= 4, "a page of each index, of a cover, and of its plan"
    assert {pages(indexes=[index(f"nobody {n}")]) for n in range(20)} == {known}
    both = [[index(name), index("bob")] for name in ("alice", "nobody")]
    assert pages(indexes=both[0]) == pages(indexes=both[1])
    assert pages(evidence="scan", cards=[index("x")]) == known
    assert pages(indexes=[index("nobody")], evidence="scan", cards=[index("x")]) == known
    assert pages(care_on=TODAY + timedelta(days=101)) == known


def test_another_insurers_member_is_a_stranger(registry: Registry) -> None:
    other = registry.value("select registry.add_insurer('990002', 'Autre')")
    assert registry.match(insurer=other) == MISS


def test_the_lowest_rank_that_pays_is_chosen(registry: Registry) -> None:
    registry.cover("alice", registry.eyes, cover_rank=2)
    assert registry.match(domain="OPTI")["plan_id"] == registry.full
    registry.cover("bob", registry.eyes, cover_rank=2)
    registry.cover("bob", registry.plan("POOR", {"PHAR": DIRECT}), cover_rank=1)
    assert registry.match("bob", domain="OPTI")["plan_id"] == registry.eyes


def test_then_the_cover_that_began_last(registry: Registry) -> None:
    for days, plan in ((50, registry.eyes), (80, registry.full)):
        registry.cover("bob", plan, valid_from=TODAY - timedelta(days=days))
    assert registry.match("bob", domain="OPTI")["plan_id"] == registry.eyes


def test_rights_may_call_it_and_reads_nothing_else(db: DatabaseUnderTest) -> None:
    Registry(db.owner)
    db.owner.execute("set role rempart_def_rights")
    assert db.owner.execute("select registry.insurer_served(%s) as i", (AMC,)).fetchone()
    with pytest.raises(Exception, match="permission denied"):
        db.owner.execute("select from registry.coverage")


def test_a_closed_or_unknown_insurer_is_not_served(registry: Registry) -> None:
    def served(amc: str | None) -> object:
        row = registry.owner.execute("select registry.insurer_served(%s) as i", (amc,)).fetchone()
        assert row is not None
        return row["i"]

    assert served(AMC) == registry.insurer_id
    assert served("990002") is None
    assert served(None) is None
    registry.owner.execute("update registry.insurer set closed_at = now()")
    assert served(AMC) is None


def test_a_plan_is_restated_whole(registry: Registry) -> None:
    assert registry.plan("FULL", {"HOSP": DIRECT}) == registry.full
    assert registry.match() == KNOWN
    assert registry.match(domain="HOSP")["fits"]


@pytest.mark.parametrize(
    "rules",
    [
        {"PHAR": {"mode": "direct"}},
        {"PHAR": {"mode": "gratis", "rate_bp": 1}},
        {"XXXX": DIRECT},
        {"PHAR": {"mode": "direct", "rate_bp": -1}},
        {"PHAR": {"mode": "direct", "rate_bp": 100_001}},
    ],
)
def test_a_plan_that_pays_nonsense_is_refused(registry: Registry, rules: dict[str, object]) -> None:
    with pytest.raises(Exception, match="violates check constraint"):
        registry.plan("FULL", rules)
    assert registry.match()["fits"]
