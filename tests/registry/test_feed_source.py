"""A source's lines: read as documented, or refused by line, column and reason, never the value."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.registry import COLUMNS, FeedProblem, SourceLine, read_source
from tests.registry.feeds import HEADER, TODAY, line


def read(text: str | bytes) -> list[SourceLine | FeedProblem]:
    """Read a source."""
    raw = text.encode() if isinstance(text, str) else text
    return list(read_source(io.BytesIO(raw), TODAY))


def problems(text: str | bytes) -> list[tuple[int, str]]:
    """Where a source is refused."""
    return [(p.line, p.column) for p in read(text) if isinstance(p, FeedProblem)]


def test_a_line_is_read_and_normalised() -> None:
    (cover,) = read(f"{HEADER}\n{line('00 12-ab', card_secret='abcd-efgh-jkmn-2345')}\n")
    assert isinstance(cover, SourceLine)
    assert (cover.line, cover.member_number, cover.birth_rank) == (2, "12AB", 1)
    assert (cover.plan, cover.cover_rank, cover.card_secret) == ("FULL", 1, "ABCDEFGHJKMN2345")


@pytest.mark.parametrize(
    "text",
    [
        HEADER.replace(",", ";") + "\n" + line().replace(",", ";"),
        "\ufeff" + HEADER + "\r\n" + line() + "\r\n\r\n",
        HEADER + "\n" + ",".join(f'" {cell} "' for cell in line().split(",")),
        ",".join(f'"{name}"' for name in HEADER.split(",")) + "\n" + line(),
        ",".join(reversed(HEADER.split(","))) + "\n" + ",".join(reversed(line().split(","))),
        HEADER.removesuffix(",cover_rank") + "\n" + line().removesuffix(",1"),
    ],
    ids=["semicolons", "as a spreadsheet saves it", "quoted", "quoted header", "reordered", "base"],
)
def test_other_layouts_say_the_same(text: str) -> None:
    (cover,) = read(text)
    assert isinstance(cover, SourceLine)
    assert (cover.member_number, cover.plan) == ("12345678", "FULL")


@pytest.mark.parametrize(
    "changes, column",
    [
        ({"member_number": ""}, "member_number"),
        ({"member_number": "12_3"}, "member_number"),
        ({"member_number": "185051900400181"}, "member_number"),
        ({"member_number": "1 85 05 19 004 001"}, "member_number"),
        ({"birth_date": "17/05/1985"}, "birth_date"),
        ({"birth_date": "1985-02-30"}, "birth_date"),
        ({"birth_date": "2026-03-16"}, "birth_date"),
        ({"birth_rank": "0"}, "birth_rank"),
        ({"birth_rank": ""}, "birth_rank"),
        ({"plan": ""}, "plan"),
        ({"plan": "no spaces"}, "plan"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_to": "2026"}, "valid_to"),
        ({"valid_from": "2026-01-02", "valid_to": "2026-01-01"}, "valid_to"),
        ({"card_secret": "1234567890"}, "card_secret"),
        ({"card_secret": "A" * 20}, "card_secret"),
        ({"cover_rank": "10"}, "cover_rank"),
    ],
)
def test_a_bad_line_is_refused_where_it_is_bad(changes: dict[str, str], column: str) -> None:
    assert problems(f"{HEADER}\n{line()}\n{line('9', **changes)}\n{line('7')}") == [(3, column)]


@pytest.mark.parametrize(
    "header, column",
    [
        ("", ""),
        (line(), "column 1"),
        (HEADER + ",nom", "column 9"),
        (HEADER + ",plan", ""),
        (",".join(name for name in COLUMNS if name != "plan"), "plan"),
        (HEADER.replace(",", "\t"), "column 1"),
    ],
)
def test_a_wrong_header_ends_it(header: str, column: str) -> None:
    text = f"{header}\n{line()}" if header else ""
    assert problems(text) == [(1, column)]
    assert len(read(text)) == 1


@pytest.mark.parametrize(
    "raw",
    [
        line().encode() + b",x",
        b"12345678,1985-05-17",
        b'"' + line().encode(),
        b'a"b' + line().encode() + b'"',
        b"\xff\xfe" + line().encode(),
        b"x" * 5000,
        b"\0" + line().encode(),
    ],
    ids=["a cell more", "cells less", "open quote", "quote within", "not UTF-8", "long", "NUL"],
)
def test_a_line_that_cannot_be_read_is_refused_and_the_next_is_not(raw: bytes) -> None:
    found = read(HEADER.encode() + b"\n" + raw + b"\n" + line("7").encode())
    assert isinstance(found[0], FeedProblem)
    assert found[0].line == 2
    assert isinstance(found[1], SourceLine)
    assert (found[1].line, len(found)) == (3, 2)


@given(st.text(max_size=60), st.sampled_from(HEADER.split(",")))
def test_no_problem_holds_a_value(raw: str, column: str) -> None:
    marked = f"Zq7{raw}_Zq7".replace(",", "")
    for found in read(f"{HEADER}\n{line(**{column: marked})}"):
        if isinstance(found, FeedProblem):
            assert "Zq7" not in str(found)
            assert "Zq7" not in repr(found)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_to_the_end(raw: bytes) -> None:
    read(raw)
    read(HEADER.encode() + b"\n" + raw)
