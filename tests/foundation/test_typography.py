"""French breaks no line before a high sign, within guillemets, or between a figure and its unit."""

import re

import pytest

from rempart.foundation.texts import Language, typeset, unbroken

_BROKEN = re.compile(r" [:;!?»%€]|« |[0-9] (?:heures|minutes|jours)\b")


def test_no_french_text_can_break_where_it_must_not() -> None:
    french = typeset(Language.FRENCH).entries
    assert {key: text for key, text in french.items() if _BROKEN.search(text)} == {}
    assert "\N{NO-BREAK SPACE}" in french["portal.sign_in.lead"]


def test_apostrophes_are_curved() -> None:
    french = typeset(Language.FRENCH).entries
    assert [key for key, text in french.items() if re.search(r"\w'\w", text)] == []


@pytest.mark.parametrize(
    "written,set_",
    [
        ("Jumeaux ?", "Jumeaux~?"),
        ("lit « prise en charge » ; non", "lit «~prise en charge~»~; non"),
        ("26 842 cartes, 24 heures, {days} jours", "26~842 cartes, 24~heures, {days}~jours"),
        ("Content-Type: application/json", "Content-Type: application/json"),
        ("le 3 mars 2027 à 14:05", "le 3 mars 2027 à 14:05"),
    ],
)
def test_where_a_blank_stays(written: str, set_: str) -> None:
    assert unbroken(written) == set_.replace("~", "\N{NO-BREAK SPACE}")
