"""Reads an insurer's own CSV, and says what is wrong with a line without quoting it."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from rempart.foundation.errors import BadInputError
from rempart.registry.nir import looks_like_nir
from rempart.registry.normalisation import (
    normalise_date,
    normalise_member,
    normalise_rank,
    normalise_secret,
)

COLUMNS = (
    "member_number",
    "birth_date",
    "birth_rank",
    "plan",
    "valid_from",
    "valid_to",
    "card_secret",
)
"""Columns that a source must have, in any order."""

FORMER_COLUMNS = ("former_member_number", "former_birth_date", "former_birth_rank")
"""Who the person was in the feeds before, where that changed; for the map of references alone."""

SERIES_COLUMN = "card_series"
"""The batch that the card of the line was made in; `card issue` writes it, no feed has it."""

OPTIONAL_COLUMNS = ("cover_rank", *FORMER_COLUMNS, SERIES_COLUMN)
"""Columns that it may have; a cover without a rank is a base cover, rank 1."""

DELTA_COLUMNS = ("action",)
"""Columns that the source of a delta must have besides: ``put`` (or nothing), or ``end``."""

_LONGEST_LINE = 4096
_PLAN = re.compile(r"[0-9A-Za-z_.-]{1,32}")


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """Why a line, or the file, is refused: the line from 1, the column's name, the reason.

    Never the value.
    """

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        """One sentence for a person."""
        place = f"line {self.line}" if self.line else "the file"
        return (
            f"{place}, {self.column}: {self.reason}" if self.column else f"{place}: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One cover as the insurer states it, in plain and normalised: never leaves the insurer.

    Without a plan, in a delta: the person is no longer covered after `valid_to`. `former` is who
    the person was before (member number, birth date, birth rank) where the source says so.
    """

    line: int
    member_number: str
    birth_date: date
    birth_rank: int
    plan: str
    valid_from: date
    valid_to: date
    cover_rank: int
    card_secret: str | None
    former: tuple[str, date, int] | None = None


@dataclass(frozen=True, slots=True)
class _Layout:
    delimiter: str
    names: Sequence[str]


def read_source(
    file: BinaryIO, today: date, *, is_delta: bool = False
) -> Iterator[SourceLine | FeedProblem]:
    """Yield each cover, or what is wrong with its line; blank lines are passed over.

    A header that is wrong is a problem of line 1, after which nothing more is read.
    """
    for one in read_cells(file, today, is_delta=is_delta):
        yield one if isinstance(one, FeedProblem) else one[1]


def read_cells(
    file: BinaryIO, today: date, *, is_delta: bool = False
) -> Iterator[tuple[dict[str, str], SourceLine] | FeedProblem]:
    """Yield, as `read_source` does, each cover with its cells as they are written, by column."""
    lines = _lines(file)
    first = next(lines, FeedProblem(1, "", "the file is empty"))
    layout = (
        first
        if isinstance(first, FeedProblem)
        else _layout(first[1].removeprefix("\ufeff"), is_delta=is_delta)
    )
    if isinstance(layout, FeedProblem):
        yield layout
        return
    for one in lines:
        if isinstance(one, FeedProblem):
            yield one
            continue
        number, text = one
        if not text.strip():
            continue
        try:
            cells = _cells(text, layout)
            yield cells, _cover(number, cells, today)
        except BadInputError as error:
            yield FeedProblem(number, error.field, error.reason)


def _lines(file: BinaryIO) -> Iterator[tuple[int, str] | FeedProblem]:
    number = 0
    while raw := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(raw) > _LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(_LONGEST_LINE)
            yield FeedProblem(number, "", f"longer than {_LONGEST_LINE} bytes")
            continue
        try:
            yield number, raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield FeedProblem(number, "", "not UTF-8")


def _layout(header: str, *, is_delta: bool) -> _Layout | FeedProblem:
    delimiter = ";" if header.count(";") > header.count(",") else ","
    names = [name.strip().strip('"') for name in header.split(delimiter)]
    due = COLUMNS + DELTA_COLUMNS if is_delta else COLUMNS
    known = {*due, *OPTIONAL_COLUMNS}
    for place, name in enumerate(names, 1):
        # Not quoted: without a header, this is somebody's member number.
        if name not in known:
            return FeedProblem(1, f"column {place}", "not the name of a column; see docs/feed.md")
    if len(set(names)) < len(names):
        return FeedProblem(1, "", "a column is named twice")
    missing = [name for name in due if name not in names]
    if missing:
        return FeedProblem(1, missing[0], "no column has this name")
    return _Layout(delimiter, names)


def _cells(text: str, layout: _Layout) -> dict[str, str]:
    try:
        (cells,) = csv.reader([text], delimiter=layout.delimiter, strict=True)
    except (csv.Error, ValueError):
        raise BadInputError("", "cannot be read as CSV: a quote is open, or misplaced") from None
    if len(cells) != len(layout.names):
        raise BadInputError("", f"{len(layout.names)} columns are due, not {len(cells)}")
    return {name: cell.strip() for name, cell in zip(layout.names, cells, strict=True)}


def _cover(number: int, cells: dict[str, str], today: date) -> SourceLine:
    member_number = normalise_member(cells["member_number"])
    birth_date = normalise_date(cells["birth_date"])
    if birth_date > today:
        raise BadInputError("birth_date", "in the future")
    if looks_like_nir(member_number, birth_date):
        raise BadInputError("member_number", "looks like a NIR, which no feed may hold")
    valid_to = normalise_date(cells["valid_to"], "valid_to")
    if _is_end(cells):
        plan, valid_from = "", valid_to
    elif _PLAN.fullmatch(cells["plan"]):
        plan, valid_from = cells["plan"], normalise_date(cells["valid_from"], "valid_from")
    else:
        raise BadInputError("plan", "not a code of 1 to 32 letters A-Z, digits, '_', '.', '-'")
    if valid_to < valid_from:
        raise BadInputError("valid_to", "before valid_from")
    secret = cells["card_secret"]
    birth_rank = normalise_rank(cells["birth_rank"])
    return SourceLine(
        line=number,
        member_number=member_number,
        birth_date=birth_date,
        birth_rank=birth_rank,
        plan=plan,
        valid_from=valid_from,
        valid_to=valid_to,
        cover_rank=normalise_rank(cells.get("cover_rank") or "1", "cover_rank"),
        card_secret=normalise_secret(secret) if secret else None,
        former=_former(cells, member_number, birth_date, birth_rank),
    )


def _former(
    cells: dict[str, str], member_number: str, birth_date: date, birth_rank: int
) -> tuple[str, date, int] | None:
    """Who the person was before: what is not said has not changed."""
    number, born, rank = (cells.get(name) for name in FORMER_COLUMNS)
    if not (number or born or rank):
        return None
    return (
        normalise_member(number, FORMER_COLUMNS[0]) if number else member_number,
        normalise_date(born, FORMER_COLUMNS[1]) if born else birth_date,
        normalise_rank(rank, FORMER_COLUMNS[2]) if rank else birth_rank,
    )


def _is_end(cells: dict[str, str]) -> bool:
    """Whether a delta's line ends a person: then it says who and the last day, nothing else."""
    action = cells.get("action") or "put"
    if action not in {"put", "end"}:
        raise BadInputError("action", "put or end")
    if action == "end":
        for name in ("plan", "valid_from", "card_secret", "cover_rank"):
            if cells.get(name):
                raise BadInputError(name, "empty where a person is ended")
    return action == "end"
