"""What a quote states and is told, without a database."""

from datetime import date

import pytest

from rempart.billing import Line
from rempart.foundation.errors import BadInputError, UnavailableError
from rempart.rights import QuotedLine, Quoting
from rempart.rights.quote import read_told, write_told

FRAME = Line("MONTURE", 1, 14000, 5, 3)
NUMBER = "NB34-1EQP-PW3K-XJD5-V"


def test_what_is_told_is_read_as_it_was_written() -> None:
    lines = (QuotedLine(0, 1, date(2026, 3, 12)), QuotedLine(700), QuotedLine(5, 0, None))
    assert read_told(write_told(lines)) == lines
    assert (read_told(None), read_told(b"")) == (None, ())


@pytest.mark.parametrize(
    "told",
    [
        b"x",
        write_told([QuotedLine(1)])[:-1],
        write_told([QuotedLine(1)])[:-4],
        write_told([QuotedLine(1)])[8:] + write_told([QuotedLine(1)])[:8],
        write_told([QuotedLine(1, 1, date(2026, 3, 12))]).replace(b"2026", b"20x6"),
    ],
)
def test_what_nobody_can_read_is_told_to_nobody(told: bytes) -> None:
    with pytest.raises(UnavailableError):
        read_told(told)


def test_another_line_number_or_key_is_another_quote() -> None:
    quoting = Quoting([FRAME])
    assert quoting.mark(b"k") == Quoting([FRAME]).mark(b"k")
    others = (Quoting([FRAME, FRAME]), Quoting([FRAME], NUMBER), Quoting([]))
    marks = {quoting.mark(b"k"), quoting.mark(b"other"), *(one.mark(b"k") for one in others)}
    assert len(marks) == 5
    # However the number is written, it is the same.
    assert Quoting([FRAME], NUMBER.lower()).mark(b"k") == Quoting([FRAME], NUMBER).mark(b"k")
    with pytest.raises(BadInputError, match="replaces"):
        Quoting([FRAME], NUMBER[:-1] + "W").row()
