"""A scanner that types: told from a person, whatever keyboard the computer believes it to be."""

import json
import string
from pathlib import Path
from typing import Any

from tests.portal.page_scripts import in_node
from tests.portal.scanner_keys import Keys, typed

PAYLOADS = [
    str(card["payload"])
    for card in json.loads((Path(__file__).resolve().parents[2] / "vectors/card.json").read_text())[
        "cards"
    ]
]
ALPHABET = string.ascii_uppercase + string.digits + ":+"
HEARD = """
  return given.map((keys) => {
    const wedge = new it.Wedge();
    let found = null;
    for (const [key, code, at] of keys) found = wedge.press({ key, code, at });
    return found.texts;
  });
"""
CARD, PRODUCT = PAYLOADS[0], "34009301234567"


def heard(folder: Path, *scans: Keys) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return, for each run of keys on a page of its own, what its last key made of it."""
    return in_node(folder, "wedge", HEARD, scans)


def with_tab(text: str) -> Keys:
    *keys, (_, _, at) = typed(text)
    return [*keys, ("Tab", "Tab", at)]


def test_the_whole_alphabet_arrives_on_any_layout(tmp_path: Path) -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        (text, {"layout": layout, "caps": caps, "named": named})
        for text in (ALPHABET, *PAYLOADS[:3])
        for layout in ("american", "french")
        for caps in ("", "windows", "elsewhere")
        for named in (True, False)
    ]
    found = heard(tmp_path, *(typed(text, **how) for text, how in cases))
    lost = [
        (text, how) for (text, how), texts in zip(cases, found, strict=True) if text not in texts
    ]
    assert lost == []


def test_a_keypad_and_another_country_are_told_by_the_place(tmp_path: Path) -> None:
    *keys, enter = typed(CARD)
    elsewhere = [
        ("y" if sign == "Z" else "ß", code.replace("Digit", "Numpad"), at)
        for sign, (_, code, at) in zip(CARD, keys, strict=True)
    ]
    (texts,) = heard(tmp_path, [*elsewhere, enter])
    assert CARD in texts


def test_a_person_is_no_scanner(tmp_path: Path) -> None:
    person, slowest, date, product = heard(
        tmp_path,
        # Faster than any typist keeps up for long.
        typed(CARD, every=60),
        typed(CARD, every=49),
        # A short burst is somebody's, or something that fills in a field.
        typed("01021950"),
        typed(PRODUCT),
    )
    assert person is None
    assert date is None
    assert slowest[0] == CARD
    assert product[0] == PRODUCT


def test_a_pause_begins_anew(tmp_path: Path) -> None:
    before = [(sign, "", 10.0 * place) for place, sign in enumerate("990001")]
    (texts,) = heard(tmp_path, [*before, *typed(CARD)])
    assert texts[0] == CARD


def test_a_tab_ends_a_card_and_else_only_a_field(tmp_path: Path) -> None:
    card, product = heard(tmp_path, with_tab(CARD), with_tab(PRODUCT))
    assert card[0] == CARD
    assert product is None


def test_a_key_without_a_sign_is_a_persons(tmp_path: Path) -> None:
    keys = typed(CARD)
    after, amid = heard(
        tmp_path,
        # Escape for the next question, and the next card at once.
        [("Escape", "Escape", 990.0), *keys],
        # In the middle of a scan it is some separator of a code that is not ours.
        [*keys[:20], ("F8", "F8", 1_155), *keys[20:]],
    )
    assert after[0] == CARD
    assert CARD not in amid
