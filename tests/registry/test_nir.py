"""A NIR given for a member number is recognised; other long numbers are left alone."""

from datetime import date

import pytest

from rempart.registry import looks_like_nir

BORN = date(1985, 5, 17)


@pytest.mark.parametrize(
    "number",
    ["185051900400181", "185052A00400181", "185052B03300114", "1850519004001", "185052A004001"],
)
def test_a_nir_is_recognised(number: str) -> None:
    assert looks_like_nir(number, BORN)


@pytest.mark.parametrize(
    "number",
    [
        "185051900400182",  # wrong key
        "1860519004001",  # not the person's year
        "1850619004001",  # not the person's month
        "9850519004001",  # no such sex
        "1850500004001",  # no such department
        "1850519000001",  # no such commune
        "1850519004000",  # no such order
        "12345678",
        "MER12345671",
        "ABCDEFGHJKMNPQR",
    ],
)
def test_another_number_is_not(number: str) -> None:
    assert not looks_like_nir(number, BORN)


def test_with_a_key_the_birth_date_does_not_matter() -> None:
    assert looks_like_nir("185051900400181", date(2020, 1, 1))
