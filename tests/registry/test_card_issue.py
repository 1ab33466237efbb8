"""Card secrets on the insurer's premises: drawn once, kept, made anew by series, whole or not."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rempart.foundation.errors import BadInputError
from rempart.registry import FeedProblem, Issued, Series, issue_cards, read_card_payload
from tests.registry.feeds import AMC, HEADER, SECRET, TODAY, line, prepare

A = Series("2026A")
B_FOR_A = Series("2026B", leaked="2026A")
FAMILY = [
    line("00 123", card_secret=""),
    line("123", card_secret="", birth_date="2015-03-09"),
    line("123", card_secret="", birth_date="2015-03-09", birth_rank="2"),
    line("123", card_secret="", cover_rank="2"),
]
OTHERS = [line("9001", card_secret=""), line("9002", card_secret=SECRET)]


@dataclass
class Premises:
    """An insurer's folder: its source, the source with secrets, the printer's file."""

    folder: Path
    problems: list[FeedProblem] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.folder / "out.csv"

    @property
    def printer(self) -> Path:
        return self.folder / "printer.csv"

    def issue(self, lines: list[str] | Path, series: Series = A, header: str = HEADER) -> Issued:
        content = (
            lines.read_bytes()
            if isinstance(lines, Path)
            else "\n".join([header, *lines, ""]).encode()
        )
        self.problems.clear()
        return issue_cards(
            io.BytesIO(content),
            self.out,
            self.printer,
            AMC,
            series,
            today=TODAY,
            on_problem=self.problems.append,
        )

    def secrets(self) -> dict[str, tuple[str, str]]:
        """Return what the source with secrets has, by member number as written."""
        with self.out.open(newline="") as file:
            return {
                row["member_number"]: (row["card_secret"], row["card_series"])
                for row in csv.DictReader(file)
            }

    def printed(self) -> list[dict[str, str]]:
        with self.printer.open(newline="") as file:
            return list(csv.DictReader(file))

    def files(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.iterdir())]


@pytest.fixture
def premises(tmp_path: Path) -> Premises:
    """An insurer's folder with nothing in it."""
    return Premises(tmp_path)


def test_a_card_is_a_member_numbers_with_all_its_people(premises: Premises) -> None:
    assert premises.issue(FAMILY + OTHERS) == Issued(cards=2, drawn=2, refused=0, is_written=True)
    found = premises.secrets()
    assert found["00 123"] == found["123"]
    assert found["9001"][1] == "2026A"
    assert found["9002"] == (SECRET, "")
    assert len({secret for secret, _ in found.values()}) == 3
    family, other = premises.printed()
    assert family["member_number"] == "00 123"
    assert family["people"] == "1985-05-17/1 2015-03-09/1 2015-03-09/2"
    card = read_card_payload(family["payload"])
    assert (card.insurer, card.member_number, len(card.people)) == (AMC, "123", 3)
    assert card.secret == found["123"][0] == family["secret"].replace("-", "")
    assert other["member_number"] == "9001"
    for path in (premises.out, premises.printer):
        assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in premises.folder.iterdir()) == ["out.csv", "printer.csv"]


def test_the_source_is_as_it_was_and_makes_a_feed(premises: Premises) -> None:
    header = HEADER.replace(",", ";")
    lines = [one.replace(",", ";") for one in FAMILY]
    premises.issue(lines, header=header)
    with premises.out.open(newline="") as file:
        first, *rows = csv.reader(file)
    assert first == [*HEADER.split(","), "card_series"]
    for row, one in zip(rows, FAMILY, strict=True):
        assert row[:6] + row[7:8] == one.split(",")[:6] + one.split(",")[7:]
    (premises.folder / "feed").mkdir()
    made = prepare(premises.folder / "feed", *map(",".join, rows), header=",".join(first))
    assert (made.done.accepted, made.done.refused) == (4, 0)


def test_the_same_again_gives_the_same(premises: Premises) -> None:
    premises.issue(FAMILY + OTHERS)
    before = premises.files()
    # From the source that has no secrets, from the one that has, and after the printer's was lost.
    for source in (FAMILY + OTHERS, premises.out, premises.out):
        assert premises.issue(source).drawn == 0
        assert premises.files() == before
        premises.printer.unlink()
    premises.issue(FAMILY + OTHERS)
    assert premises.files() == before


def test_who_joins_later_gets_a_card_of_the_next_series(premises: Premises) -> None:
    premises.issue(FAMILY)
    before = premises.secrets()
    newborn = line("123", card_secret="", birth_date="2026-03-01")
    done = premises.issue([*FAMILY, newborn, *OTHERS], Series("2026C"))
    assert (done.cards, done.drawn) == (1, 1)
    assert premises.secrets()["123"] == before["123"]
    assert [row["member_number"] for row in premises.printed()] == ["9001"]


def test_a_series_that_leaked_is_made_anew_whole(premises: Premises) -> None:
    premises.issue(FAMILY + OTHERS)
    premises.issue([*FAMILY, *OTHERS, line("77", card_secret="")], Series("2026C"))
    before = premises.secrets()
    done = premises.issue(premises.out, B_FOR_A)
    assert (done.cards, done.drawn) == (2, 2)
    after = premises.secrets()
    for number in ("123", "9001"):
        assert after[number][1] == "2026B"
        assert after[number][0] != before[number][0]
    for number in ("77", "9002"):
        assert after[number] == before[number]
    assert [row["member_number"] for row in premises.printed()] == ["00 123", "9001"]
    # Again, from either file: the same cards.
    kept = premises.files()
    assert premises.issue(premises.out, B_FOR_A).drawn == 0
    assert premises.files() == kept


def test_a_reissue_into_another_file_is_done_once(premises: Premises) -> None:
    premises.issue(FAMILY)
    first = premises.folder / "first.csv"
    premises.out.rename(first)
    premises.issue(first, B_FOR_A)
    kept = premises.files()
    # The first file still has the secret that leaked: it does not come back.
    assert premises.issue(first, B_FOR_A).drawn == 0
    assert premises.files() == kept
    done = premises.issue(first, Series("2026D"))
    assert (done.is_written, premises.problems[0].column) == (False, "card_secret")
    assert premises.files() == kept


@pytest.mark.parametrize(
    "lines, told",
    [
        ([line("1"), line("2", birth_date="1985-02-30")], [(3, "birth_date")]),
        ([line("1", card_secret="SHORT")], [(2, "card_secret")]),
        ([line("185051900400181")], [(2, "member_number")]),
        ([line("1"), line("1", card_secret=SECRET[::-1])], [(3, "card_secret")]),
        ([f"{line('1')},x", line("2")], [(2, "")]),
        (
            [line("1", birth_date=f"1990-{n // 9 + 1:02}-0{n % 9 + 1}") for n in range(21)],
            [(22, "member_number")],
        ),
    ],
)
def test_a_line_that_is_refused_leaves_both_files_as_they_were(
    premises: Premises, lines: list[str], told: list[tuple[int, str]]
) -> None:
    premises.issue(FAMILY)
    before = premises.files()
    done = premises.issue([*lines, line("3", card_secret="")], Series("2026C"))
    assert (done.is_written, done.refused) == (False, 1)
    assert [(one.line, one.column) for one in premises.problems] == told
    assert not any("85-05" in one.reason or SECRET in one.reason for one in premises.problems)
    assert premises.files() == before


def test_another_secret_than_before_is_refused(premises: Premises) -> None:
    premises.issue(FAMILY)
    done = premises.issue([line("123", card_secret=SECRET), line("5", card_secret="")])
    assert not done.is_written
    assert [(one.line, one.column) for one in premises.problems] == [(2, "card_secret")]


def test_an_empty_series_writes_nothing(premises: Premises) -> None:
    for source, series in ((OTHERS[1:], A), (FAMILY, B_FOR_A)):
        assert premises.issue(source, series) == Issued(0, 0, 0, is_written=False)
        assert premises.files() == []


@pytest.mark.parametrize(
    "series", [Series(""), Series("a b"), Series("x" * 33), Series("A", "A"), Series("B", "é")]
)
def test_a_label_is_a_plain_word(premises: Premises, series: Series) -> None:
    with pytest.raises(BadInputError):
        premises.issue(FAMILY, series)
    assert premises.files() == []


def test_a_series_in_the_source_is_a_label(premises: Premises) -> None:
    lines = [line("1") + ",2026A", line("2") + ",not a label"]
    done = premises.issue(lines, header=HEADER + ",card_series")
    assert not done.is_written
    assert [(one.line, one.column) for one in premises.problems] == [(3, "card_series")]


def test_an_out_that_is_something_else_is_not_overwritten(premises: Premises) -> None:
    premises.out.write_text("a letter\n")
    with pytest.raises(BadInputError, match="OUT"):
        premises.issue(FAMILY)
    assert premises.out.read_text() == "a letter\n"


def test_whoever_stops_between_the_two_files_runs_it_again(premises: Premises) -> None:
    premises.issue(FAMILY)
    premises.printer.unlink()
    premises.printer.mkdir()  # the second of the two files cannot be put in its place
    with pytest.raises(IsADirectoryError):
        premises.issue([*FAMILY, *OTHERS])
    premises.printer.rmdir()
    # What was drawn is kept: the cards printed now have the secrets of the file.
    found = premises.secrets()
    assert premises.issue([*FAMILY, *OTHERS]).drawn == 0
    assert premises.secrets() == found
