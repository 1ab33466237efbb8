"""From `card issue` to a scan that is answered; from `card reissue` to one that no longer is."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rempart.registry import CardPayload, read_card_payload
from tests.support.real_platform import AMC, COLUMNS, RealPlatform, real_platform

LINES = "".join(
    f"{number},{born},1,COMPLET,2020-01-01,2099-12-31,\n"
    for number, born in (
        ("0012 345 678", "1985-05-17"),
        ("0012 345 678", "2015-03-09"),
        ("5551", "1950-01-30"),
    )
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPlatform]:
    """A platform to which nobody's card has a secret."""
    with real_platform(tmp_path_factory.mktemp("cards"), LINES) as made:
        yield made


class Premises:
    """The insurer's folder, from which cards are made and feeds sent."""

    def __init__(self, real: RealPlatform, source: str = "members.csv") -> None:
        self.real, self.folder = real, real.folder.parent / "insurer"
        self.source = self.folder / source

    def issue(self, command: str, *words: str, expect: int = 0) -> Path:
        printer = self.folder / f"{words[-1]}.csv"
        self.real.command(
            *("card", command, str(self.source), str(self.source), "--insurer", AMC),
            *("--printer", str(printer), *words),
            expect=expect,
        )
        return printer

    def feed(self) -> None:
        keys = {kind: next(self.folder.glob(f"{kind}-*.key")) for kind in ("feed", "reference")}
        prepared = self.real.folder / "next.feed"
        self.real.command(
            *("feed", "prepare", str(self.source), str(prepared), "--insurer", AMC),
            *("--feed-key", str(keys["feed"]), "--reference-key", str(keys["reference"])),
        )
        self.real.command("feed", "import", str(prepared))

    def scanned(self, card: CardPayload, born: date) -> str | None:
        question = self.real.question(
            card.member_number, born, evidence="scan", card_secret=card.secret
        )
        return self.real.software.ask(question).outcome


def cards(printer: Path) -> dict[str, CardPayload]:
    with printer.open(newline="") as file:
        read = [read_card_payload(row["payload"]) for row in csv.DictReader(file)]
    return {card.member_number: card for card in read}


def test_a_card_works_from_its_feed_on_until_it_is_made_anew(real: RealPlatform) -> None:
    premises = Premises(real)
    first = cards(premises.issue("issue", "--series", "2026A"))
    family, single = first["12345678"], first["5551"]
    born = date(1985, 5, 17)
    assert premises.scanned(family, born) == "no_right_found"  # the platform does not know it yet
    premises.feed()
    assert [born for born, _ in family.people] == [born, date(2015, 3, 9)]
    for person, _ in family.people:
        assert premises.scanned(family, person) == "covered"
    # Another card's secret opens nothing, nor does one that was never drawn.
    assert premises.scanned(single, date(1950, 1, 30)) == "covered"
    for wrong in (single.secret, family.secret[::-1]):
        other = CardPayload(AMC, family.member_number, family.people, wrong)
        assert premises.scanned(other, born) == "no_right_found"

    second = cards(premises.issue("reissue", "--series", "2026A", "--new-series", "2026B"))
    # Until the feed, the old card is the card.
    assert premises.scanned(family, born) == "covered"
    premises.feed()
    assert premises.scanned(family, born) == "no_right_found"
    assert premises.scanned(second["12345678"], born) == "covered"
    assert real.software.ask(real.question("12345678", born)).outcome == "covered"


def test_no_secret_and_no_person_is_told_by_a_command(real: RealPlatform) -> None:
    premises = Premises(real, "faulty.csv")
    premises.source.write_text(
        f"{COLUMNS}777001,1985-05-17,1,COMPLET,2020-01-01,2099-12-31,QQQQWWWWEEEERRR\n"
        "777001,1985-05-17,1,COMPLET,2020-01-01,2099-12-31,ZZZZWWWWEEEERRRR\n"
        "777002,1985-17-05,1,COMPLET,2020-01-01,2099-12-31,\n"
    )
    before = premises.source.read_bytes()
    premises.issue("issue", "--series", "2026Z", expect=3)
    assert premises.source.read_bytes() == before
    assert not (premises.folder / "2026Z.csv").exists()
    told = "".join(real.printed)
    assert "line 3, card_secret" in told
    assert "line 4, birth_date" in told
    assert not any(one in told for one in ("777001", "777002", "QQQQ", "ZZZZ", "1985"))
