"""The bytes of sealed lines: vectors, a second program, and nothing else is read as lines."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.billing import Delivered, Line, LinesError
from rempart.billing.line_format import bound_to, read_lines, write_lines
from rempart.foundation.sealing import SealError, make_pair, open_sealed, public_of, seal

ROOT = Path(__file__).parents[2]
CASES: list[dict[str, Any]] = json.loads((ROOT / "vectors" / "lines.json").read_text())["cases"]
CENTS = st.integers(0, 10_000_000)
CATEGORY = st.sampled_from(["PH7", "AIDE_AUDITIVE", "A" * 20])
LINES = st.lists(
    st.builds(Line, CATEGORY, st.integers(1, 999), CENTS, CENTS, CENTS), min_size=1, max_size=40
)


def test_the_vectors_hold() -> None:
    assert {len(case["lines"]) for case in CASES} == {1, 3, 40}
    for case in CASES:
        lines = [Line(**one) for one in case["lines"]]
        private, sealed = (bytes.fromhex(case[name]) for name in ("private", "sealed"))
        plain = write_lines(date.fromisoformat(case["made_on"]), lines)
        key, claim = bytes.fromhex(case["key"]), bytes.fromhex(case["claim"])
        assert plain.hex() == case["plain"]
        assert public_of(private).hex() == case["public"]
        assert bound_to(case["insurer"], claim, key) == case["bound_to"]
        assert open_sealed(private, case["bound_to"], sealed) == plain
        assert len(sealed) == 2508


def test_a_second_program_opens_them_and_nothing_that_was_changed(tmp_path: Path) -> None:
    checker = [sys.executable, str(ROOT / "vectors" / "check_lines.py")]
    done = subprocess.run(checker, capture_output=True, text=True, check=True)
    assert done.stdout == "3 of 3 hold\n"
    changed = [
        case | {name: value}
        for case, name, value in zip(
            CASES * 2,
            ("insurer", "claim", "made_on", "lines", "sealed", "private"),
            ("990002", "ff" * 16, "2026-12-30", [], "00" * 2508, CASES[0]["private"]),
            strict=True,
        )
    ]
    file = tmp_path / "changed.json"
    file.write_text(json.dumps({"cases": changed}))
    done = subprocess.run([*checker, str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "0 of 6 hold\n")


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)), LINES)
def test_lines_come_back_as_they_were_and_all_of_one_length(day: date, lines: list[Line]) -> None:
    plain = write_lines(day, lines)
    assert len(plain) == 1372
    assert read_lines(plain) == Delivered(day, tuple(lines))


def test_nothing_else_is_read_as_lines() -> None:
    good = write_lines(date(2027, 3, 1), [Line("PH7", 1, 2000, 2000, 1300)])
    bad = [
        b"",
        good[:-1],
        good + b"\0",
        b"\2" + good[1:],
        good[:1] + b"\0" + good[2:],
        good[:1] + b"\x29" + good[2:],
        # Fewer lines than are there; more than are there.
        good[:-1] + b"\1",
        good[:1] + b"\2" + good[2:],
        good[:2] + b"2027-02-30" + good[12:],
        good[:2] + b"2027-3-01 " + good[12:],
        good[:12] + b"ph7" + good[15:],
        good[:12] + b"PH7\0X" + good[17:],
    ]
    for plain in bad:
        with pytest.raises(LinesError):
            read_lines(plain)


def test_a_key_of_the_right_length_may_be_none() -> None:
    private, public = make_pair()
    for none in (b"\xff" * 1216, public[:1184] + bytes(32), public[:-1], b""):
        with pytest.raises(SealError) as refused:
            seal(none, "a", b"plain")
        assert refused.value.__cause__ is None
    for short in (b"", b"x", bytes(2508)):
        with pytest.raises(SealError):
            open_sealed(private, "a", short)
