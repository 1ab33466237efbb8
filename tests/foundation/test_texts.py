"""Texts: which language is chosen, and that a catalogue is whole."""

import pytest

from rempart.foundation.texts import Language, from_environment, negotiate, texts

FR, EN = Language.FRENCH, Language.ENGLISH


@pytest.mark.parametrize(
    "header, language",
    [
        (None, FR),
        ("", FR),
        ("en", EN),
        ("EN-us", EN),
        ("fr-CA, en;q=0.9", FR),
        ("en;q=0.4, fr;q=0.8", FR),
        ("fr;q=0.1, en;q=0.2", EN),
        ("de, en;q=0.5", EN),
        ("de", FR),
        ("*", FR),
        ("*;q=0.1, en;q=0.2", EN),
        ("en;q=0", FR),
        ("en;q=2", FR),
        ("en;q=x", FR),
        ("en;level=1", FR),
        (",,;;=,", FR),
        ("x" * 200 + ",en", FR),
    ],
)
def test_the_header_chooses(header: str | None, language: Language) -> None:
    assert negotiate(header) is language


@pytest.mark.parametrize(
    "environ, language",
    [
        ({}, EN),
        ({"LANG": "fr_FR.UTF-8"}, FR),
        ({"LANG": "fr"}, FR),
        ({"LANG": "C.UTF-8"}, EN),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, EN),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}, FR),
        ({"LC_ALL": "", "LANG": "fr_CA"}, FR),
    ],
)
def test_the_locale_chooses(environ: dict[str, str], language: Language) -> None:
    assert from_environment(environ) is language


def test_an_unknown_key_is_a_fault() -> None:
    with pytest.raises(KeyError):
        texts(FR)("no.such.key")


def test_names_are_filled_in() -> None:
    assert texts(EN)("reader.characters", least=1, most=30) == "1 to 30 characters"
    assert "reader.characters" in texts(FR)
