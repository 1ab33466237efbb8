"""What a guarantee promises for lines: the vectors, a second program, what holds of all amounts."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.billing.money_page import CASES, ROOT, table
from tests.support.database import Connection, DatabaseUnderTest

AMOUNTS = (
    "select billing.amounts(jsonb_populate_record(null::billing.rule, %s),"
    " array(select r from jsonb_populate_recordset(null::billing.rule, %s) r),"
    " array(select l from jsonb_populate_recordset(null::billing.line, %s) l)) as amounts"
)
Stated = dict[str, Any]
CENTS = st.integers(0, 10_000_000)
RATE = st.none() | st.integers(0, 100_000)
PAYS = {"rate_bp": RATE, "amount_cents": st.none() | CENTS, "ceiling_cents": st.none() | CENTS}
GUARANTEE = st.fixed_dictionaries(PAYS)
RULES = st.lists(
    st.fixed_dictionaries({"category": st.sampled_from("ABC"), **PAYS}),
    max_size=3,
    unique_by=lambda rule: rule["category"],
)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from("ABCD"),
            "quantity": st.integers(1, 999),
            "price_cents": CENTS,
            "base_cents": CENTS,
            "obligatory_cents": CENTS,
        }
    ),
    min_size=1,
    max_size=5,
)


def amounts(
    owner: Connection, guarantee: Stated, rules: list[Stated], lines: list[Stated]
) -> list[int]:
    row = owner.execute(AMOUNTS, (Jsonb(guarantee), Jsonb(rules), Jsonb(lines))).fetchone()
    assert row is not None
    return list(row["amounts"])


def test_the_vectors_hold(db: DatabaseUnderTest) -> None:
    for case in CASES:
        found = amounts(db.owner, case["guarantee"], case["rules"], case["lines"])
        assert found == case["amounts"], case["name"]
    assert len(CASES) > 10


def test_the_page_shows_the_vectors_and_no_others() -> None:
    page = (ROOT / "docs/money.md").read_text(encoding="utf-8")
    assert table() in page
    assert page.count("| example |") == 1


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
def test_a_second_program_agrees_and_can_disagree(tmp_path: Path) -> None:
    program = ["node", str(ROOT / "vectors/check_money.mjs")]
    assert subprocess.run(program, check=False, capture_output=True).returncode == 0
    for number in (0, len(CASES) - 1):
        changed = json.loads(json.dumps(CASES))
        changed[number]["amounts"][0] += 1
        file = tmp_path / "changed.json"
        file.write_text(json.dumps({"cases": changed}))
        assert subprocess.run([*program, str(file)], check=False, capture_output=True).returncode


LIMITED = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(guarantee=GUARANTEE, rules=RULES, lines=LINES)
@LIMITED
def test_no_line_gets_more_than_is_left_to_pay_and_all_stay_within_the_ceiling(
    db: DatabaseUnderTest, guarantee: Stated, rules: list[Stated], lines: list[Stated]
) -> None:
    found = amounts(db.owner, guarantee, rules, lines)
    assert len(found) == len(lines)
    for line, cents in zip(lines, found, strict=True):
        assert 0 <= cents <= max(0, line["price_cents"] - line["obligatory_cents"])
    if guarantee["ceiling_cents"] is not None:
        assert sum(found) <= guarantee["ceiling_cents"]


@given(guarantee=GUARANTEE, rules=RULES, lines=LINES, more=st.integers(1, 100_000))
@LIMITED
def test_more_promised_never_pays_less(
    db: DatabaseUnderTest, guarantee: Stated, rules: list[Stated], lines: list[Stated], more: int
) -> None:
    before = sum(amounts(db.owner, guarantee, rules, lines))
    for name in ("rate_bp", "amount_cents", "ceiling_cents"):
        if guarantee[name] is not None:
            raised = guarantee | {name: guarantee[name] + more}
            assert sum(amounts(db.owner, raised, rules, lines)) >= before, name
    # What the obligatory insurance pays more, the plan never pays on top of it.
    other = [{**line, "obligatory_cents": line["obligatory_cents"] + more} for line in lines[:1]]
    alone = sum(amounts(db.owner, guarantee, rules, lines[:1]))
    assert sum(amounts(db.owner, guarantee, rules, other)) <= alone


@given(guarantee=GUARANTEE, rules=RULES, lines=LINES, extra=LINES)
@LIMITED
def test_a_line_more_never_changes_the_lines_before(
    db: DatabaseUnderTest,
    guarantee: Stated,
    rules: list[Stated],
    lines: list[Stated],
    extra: list[Stated],
) -> None:
    found = amounts(db.owner, guarantee, rules, lines + extra)
    assert found[: len(lines)] == amounts(db.owner, guarantee, rules, lines)
