"""`rempart insurer plan`: a plan stated from a file, shown, tried, and held on to by guarantees."""

import asyncio
import re
from pathlib import Path

import pytest

from rempart.billing import Line, try_plan
from rempart.cli import run_line
from rempart.foundation.database import Database
from rempart.foundation.errors import BadInputError, MisuseError
from rempart.registry import read_plan_file
from tests.billing.money_page import ROOT
from tests.support.asking import Site, one
from tests.support.command_line import Told
from tests.support.database import DatabaseUnderTest

PLAN = """
label = "Confort"
[domains.PHAR]
mode = "direct"
rate_bp = 10000
[domains.PHAR.categories.PH2]
mode = "direct"
rate_bp = 1500
[domains.OPTI]
mode = "on_request"
amount_cents = 25000
[domains.OPTI.categories.VERRE]
mode = "on_request"
amount_cents = 8000
ceiling_cents = 9000
every_months = 24
units = 2
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN)
    return file


def test_a_plan_is_stated_shown_and_tried(told: Told, plan: Path) -> None:
    told("insurer", "plan", "set", "990001", "CONFORT", str(plan), code=3)
    told("insurer", "add", "990001", "--name", "Mutuelle d'essai")
    told("insurer", "plan", "set", "990001", "CONFORT", str(plan))
    shown = told("insurer", "plan", "show", "990001", "CONFORT")["rules"]
    assert [(r["domain"], r["category"], r["mode"], r["every_months"]) for r in shown] == [
        ("OPTI", None, "on_request", None), ("OPTI", "VERRE", "on_request", 24),
        ("PHAR", None, "direct", None), ("PHAR", "PH2", "direct", None),
    ]  # fmt: skip
    lines = ("PH7:1:1000:1000:650", "PH2:2:1000:1000:150")
    tried = told("insurer", "plan", "try", "990001", "CONFORT", "PHAR", *lines)
    assert tried == {
        "lines": [
            {"category": "PH7", "mode": "direct", "amount_cents": 350},
            {"category": "PH2", "mode": "direct", "amount_cents": 0},
        ],
        "amount_cents": 350,
    }
    optical = told("insurer", "plan", "try", "990001", "CONFORT", "OPTI", "VERRE:2:20000:100:60")
    assert (optical["amount_cents"], optical["lines"][0]["mode"]) == (16000, "on_request")
    told("insurer", "plan", "try", "990001", "CONFORT", "LABO", "BIOLOGIE:1:1:1:1", code=3)
    told("insurer", "plan", "try", "990001", "OTHER", "PHAR", "PH7:1:1:1:1", code=3)
    told("insurer", "plan", "show", "990001", "OTHER", code=3)
    for line in ("VERRE:1:1:1:1", "PH7:0:1:1:1", "PH7:1:1:1", "ph7:1:1:1:1"):
        told("insurer", "plan", "try", "990001", "CONFORT", "PHAR", line, code=2)


def test_a_page_is_printed_for_a_person(
    told: Told, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told("insurer", "add", "990001", "--name", "Mutuelle d'essai")
    told("insurer", "plan", "set", "990001", "CONFORT", str(plan))
    assert run_line(["insurer", "plan", "show", "990001", "CONFORT"]) == 0
    page = capsys.readouterr().out
    assert re.search(r"OPTI +VERRE +on_request +80\.00 € +90\.00 € +2 per 24 months", page)
    assert re.search(r"PHAR +PH2 +direct +15 %", page)
    words = ["insurer", "plan", "try", "990001", "CONFORT", "OPTI", "VERRE:1:20000:100:60"]
    assert run_line(words) == 0
    assert "80.00 €  (the insurer must agree first)" in capsys.readouterr().out


WRONG = {
    "label = 1": "a label is text",
    "label = 'x'\n[domains]": "no domain",
    "label = 'x'\n[domains.PHAR]\nmode = 'direct'": "pays nothing",
    "label = 'x'\n[domains.PHAR]\nmode = 'sometimes'": "no such mode",
    "label = 'x'\n[domains.PHAR]\nmode = 'direct'\nrate_bp = -1": "a rate below nothing",
    "label = 'x'\n[domains.PHAR]\nmode = 'direct'\nrate = 1": "an unknown key",
    "label = 'x'\n[domains.PHAR]\nmode = 'direct'\nrate_bp = 1\n"
    "[domains.PHAR.categories.PH2]\nmode = 'direct'": "a category that pays nothing",
    "label = 'x'\n[domains.PHAR]\nmode = 'direct'\nrate_bp = 1\n[domains.PHAR.categories.PH2]\n"
    "mode = 'direct'\nrate_bp = 1\nevery_months = 6": "a frequency that nobody agrees to",
    "label = 'x'\n[domains.PHAR]\nmode = 'direct'\nrate_bp = 1\n[domains.PHAR.categories.PH2]\n"
    "mode = 'on_request'\nrate_bp = 1\nunits = 2": "units of no frequency",
    "label =": "no TOML",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=WRONG.values())
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(text)
    with pytest.raises(BadInputError, match=r"^file: "):
        read_plan_file(file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_bytes(b"label = '\xff'")
    for path in (file, tmp_path / "none.toml"):
        with pytest.raises(BadInputError, match="cannot be read"):
            read_plan_file(path)


def test_what_the_tables_alone_can_refuse_is_refused(told: Told, tmp_path: Path) -> None:
    told("insurer", "add", "990001", "--name", "Mutuelle d'essai")
    file = tmp_path / "plan.toml"
    for domain, category in (("XXXX", "PH2"), ("PHAR", "VERRE")):
        file.write_text(
            f"label = 'x'\n[domains.{domain}]\nmode = 'direct'\nrate_bp = 1\n"
            f"[domains.{domain}.categories.{category}]\nmode = 'direct'\nrate_bp = 1\n"
        )
        told("insurer", "plan", "set", "990001", "CONFORT", str(file), code=3)


def test_the_pages_file_is_a_plan(tmp_path: Path) -> None:
    page = (ROOT / "docs/money.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "plan.toml"
    file.write_text(block)
    assert read_plan_file(file).rules["PHAR"].categories["PH2"].rate_bp == 1500


def test_a_guarantee_keeps_the_terms_that_it_was_given_under(
    db: DatabaseUnderTest, site: Site, told: Told, tmp_path: Path
) -> None:
    file, kept = tmp_path / "plan.toml", "select terms_id from billing.engagement order by given_at"
    assert site.outcome(site.question("alice")) == "covered"
    file.write_text(PLAN)
    told("insurer", "plan", "set", "12345678", "COMPLET", str(file))
    assert site.outcome(site.question("bob")) == "covered"
    file.write_text(PLAN.replace("rate_bp = 1500", "rate_bp = 3000"))
    told("insurer", "plan", "set", "12345678", "COMPLET", str(file))
    assert site.outcome(site.question("carol")) == "covered"
    assert site.outcome(site.question("bob")) == "covered"  # the unused one again
    none, first, second = (row["terms_id"] for row in db.owner.execute(kept))
    assert none is None
    rate = "select rate_bp from registry.category_rules(%s, 'PHAR') where category = 'PH2'"
    assert [one(db.owner, rate, terms)["rate_bp"] for terms in (first, second)] == [1500, 3000]


def test_who_may_not_try_a_plan_is_not_told_of_its_categories(db: DatabaseUnderTest) -> None:
    async def tried() -> None:
        async with await Database.open(db.dsn("rempart_jobs"), max_size=1) as database:
            await try_plan(database, "990001", "CONFORT", "PHAR", [Line("PH7", 1, 1, 1, 1)])

    with pytest.raises(MisuseError) as refused:
        asyncio.run(tried())
    assert refused.value.sqlstate == "42501"
