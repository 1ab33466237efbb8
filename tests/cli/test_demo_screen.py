"""What the demonstration shows: in both languages, whole, and never wider than the terminal."""

from datetime import date

import pytest
from rich.console import Console

from rempart.billing import LedgerCheck
from rempart.cli.demo_cards import show_cards
from rempart.cli.demo_payment import Notice, NoticeHead, NoticeLine, Paid
from rempart.cli.demo_results import BudgetLine, Findings, FirstAnswer, Lists, Theft
from rempart.cli.demo_screen import Screen
from rempart.cli.demo_words import Words
from rempart.foundation.texts import Language, texts
from rempart.journal import Bucket, BudgetCheck, Kind, Verification
from rempart.simulation.baselines import Exposure
from rempart.simulation.population import Person, make_population
from rempart.simulation.question import question_about
from rempart.simulation.robbery import Robbery
from rempart.simulation.sample_cards import sample_cards

TODAY = date(2026, 11, 22)
PERSON = Person("990001", "12345678", date(1980, 2, 3), 1)


def findings(*, holds: bool = True, next_door: str = "covered") -> Findings:
    robbery = Robbery(asked=5_000, exposed=frozenset({PERSON}), seconds=30.0)
    robbery.outcomes["better_evidence_needed"] = 414
    robbery.refusals["too_many_questions"] = 4_574
    answer = {
        "outcome": "covered",
        "rate_bp": 10_000,
        "amount_cents": None,
        "ceiling_cents": 20_000,
        "engagement": "ABCD-EFGH",
        "expires_on": "2026-12-22",
    }
    question = question_about(
        PERSON, domain="PHAR", on=TODAY, professional="99718705181", site="997298765"
    )
    line = BudgetLine(Kind.SITE, Bucket.TYPED, 14, 15, 7.8)
    state = "paid" if holds else "returned"
    head = NoticeHead("RP" + "0" * 32, state, 1_400, "0115")
    return Findings(
        first=FirstAnswer("Pharmacie", "Mutuelle", question, answer, {"number": "550"}, (line,)),
        theft=Theft(
            robbery,
            Exposure(12, 12, 0.0083),
            {name: Exposure(4_814, 4_812, 1.37) for name in ("B0", "B1", "B3")},
            248,
            next_door,
        ),
        journal=Verification(ok=holds, entries=1_001),
        budgets=BudgetCheck(ok=holds, accounts=220),
        paid=Paid(1_400, Notice(head, [NoticeLine("ABCD-EFGH", "2026-11-22", 1_400)])),
        ledger=LedgerCheck(0 if holds else 1, -1_400, 0, 0, 0, 0, 1_400, 1, 1, ()),
        seconds=30.5,
    )


def shown(language: Language, width: int, found: Findings) -> str:
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123 - closed with the console
    screen = Screen(console, Words(texts(language)))
    assert found.first is not None
    assert found.theft is not None
    screen.opening()
    screen.lists(Lists(12, 50_000, 52_410, 0, 3.14, 2.72))
    screen.answered(found.first)
    with screen.waiting("books"), screen.robbing(5_000, 24) as progress:
        progress(5_000)
    screen.robbed(found.theft)
    assert found.paid is not None
    screen.paid(found.paid)
    screen.books(found)
    screen.closing(30.5, "http://localhost:1")
    console.file.close()
    return console.export_text()


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("width", [80, 100, 160])
def test_everything_fits_and_nothing_is_cut(language: Language, width: int) -> None:
    text = shown(language, width, findings())
    assert max(map(len, text.splitlines())) <= min(width, 100)
    assert "…" not in text.replace("… whose", "").replace("… dont", "")
    for value in ("ABCD-EFGH", "550", "http://localhost:1", "✓"):
        assert value in text
    assert "✗" not in text


@pytest.mark.parametrize(
    "language,written",
    [
        (Language.FRENCH, ["4\u202f814", "1,4 h", "200,00\u00a0€", "3 février 1980", "30,5 s"]),
        (Language.ENGLISH, ["4,814", "1.4 h", "€200.00", "February 3, 1980", "30.5 s"]),
    ],
)
def test_values_are_written_as_the_language_does(language: Language, written: list[str]) -> None:
    text = shown(language, 100, findings())
    assert [value for value in written if value not in text] == []


@pytest.mark.parametrize("language", list(Language))
def test_what_does_not_hold_is_said(language: Language) -> None:
    found = findings(holds=False, next_door="too_many_questions")
    text = shown(language, 100, found)
    assert text.count("✗") == 5
    assert "too_many_questions" in text
    assert not found.hold


def test_the_object_for_scripts_has_the_keys_that_stay() -> None:
    told = findings().as_json()
    assert told["answer"] == {"outcome": "covered", "engagement": "ABCD-EFGH"}
    assert told["stolen_account"] == {
        "asked": 5_000, "people_exposed": 12, "new_to_it": 12, "bound_30_days": 248
    }  # fmt: skip
    assert told["journal"] == {"entries": 1_001, "ok": True}
    assert told["payment"] == {"claim_cents": 1_400, "paid_cents": 1_400}
    with pytest.raises(TypeError):
        Findings().as_json()


@pytest.mark.parametrize("language", list(Language))
def test_every_sample_card_has_its_words(language: Language) -> None:
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123 - closed below
    cards = sample_cards(make_population(1, TODAY, 6_000), TODAY)
    show_cards(console, Words(texts(language)), cards)
    console.file.close()
    text = console.export_text()
    assert all(card.person.member_number in text for card in cards)


@pytest.mark.parametrize(
    "hours,french", [(0.001, "4 s"), (0.5, "30 min"), (1.372, "1,4 h"), (720, "30 jours")]
)
def test_durations_are_told_in_the_unit_that_reads_best(hours: float, french: str) -> None:
    assert Words(texts(Language.FRENCH)).hours(hours) == french
