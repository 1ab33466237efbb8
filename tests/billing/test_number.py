"""Engagement numbers: typed again by people, who read 0 for O and lose a character now and then."""

import pytest

from rempart.billing import engagement_number, read_engagement_number
from rempart.foundation.errors import BadInputError

NUMBER = engagement_number(bytes(32), bytes(16))
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_number_is_read_as_it_was_given() -> None:
    assert read_engagement_number(NUMBER) == NUMBER.replace("-", "")
    assert engagement_number(bytes(32), bytes(15) + b"\x01") != NUMBER
    assert engagement_number(bytes(31) + b"\x01", bytes(16)) != NUMBER


def test_case_blanks_and_letters_that_look_like_digits_do_not_matter() -> None:
    looks_like = str.maketrans({"0": "o", "1": "l"})
    for n in range(200):
        number = engagement_number(bytes(32), n.to_bytes(16, "big"))
        typed = number.translate(looks_like).lower().replace("-", " ")
        assert read_engagement_number(typed) == number.replace("-", "")


@pytest.mark.parametrize("at", range(16))
def test_one_wrong_character_is_found(at: int) -> None:
    right = NUMBER.replace("-", "")
    for other in set(DIGITS) - {right[at]}:
        with pytest.raises(BadInputError, match="misread") as raised:
            read_engagement_number(right[:at] + other + right[at + 1 :])
        assert raised.value.field == "engagement"


@pytest.mark.parametrize(
    "typed", ["", NUMBER[:-2], NUMBER + "0", NUMBER.replace("-", "")[1:], "U" * 17, "0" * 1000]
)
def test_what_has_not_the_shape_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(BadInputError, match="16 letters or digits") as raised:
        read_engagement_number(typed, "number")
    assert raised.value.field == "number"
    assert not typed or typed not in str(raised.value)
