"""The colours of the pages, by their tokens: each pair that meets can be read, in both themes."""

import re
from functools import cache
from itertools import product

import pytest

from tests.consistency.source import PACKAGE

SHEET = (PACKAGE / "portal" / "static" / "portal.css").read_text()
STATES = ("good", "info", "warn", "bad", "none")
GROUNDS = ("paper", "panel", "sunken")

TEXT = [
    *product(("ink", "soft", "accent", "accent-strong"), GROUNDS),
    *product(("ink", "accent", "accent-strong"), ("accent-wash",)),
    *((state, f"{state}-wash") for state in STATES),
    *(("ink", f"{state}-wash") for state in STATES),
    *product(STATES, ("panel", "paper")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-bad", "bad"),
    ("on-alarm", "alarm"),
    ("on-bar", "bar"),
    ("bar-soft", "bar"),
    ("bar", "on-bar"),
]
"""Text and what is behind it: at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

SHAPES = [
    *product(("edge", "focus"), GROUNDS),
    ("edge", "accent-wash"),
    *(("focus", f"{state}-wash") for state in STATES),
    ("bar-edge", "bar"),
    ("on-bar", "bar"),
    *((state, ground) for state in STATES for ground in ("paper", "panel")),
]
"""Edges of fields and buttons, the focus, and icons: at least 3 to 1 (WCAG 2.2, 1.4.11)."""


@cache
def themes() -> dict[str, dict[str, str]]:
    """Read the tokens' colours: light is what :root says first, dark what it says for dark."""
    light, dark = (
        dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", block))
        for block in re.findall(r"(?s):root \{(.*?)\}", SHEET)[:2]
    )
    return {"light": light, "dark": light | dark}


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, another: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(another)))
    return (lighter + 0.05) / (darker + 0.05)


def too_weak(theme: str, pairs: list[tuple[str, str]], least: float) -> dict[str, float]:
    tokens = themes()[theme]
    found = {f"{a} on {b}": round(ratio(tokens[a], tokens[b]), 2) for a, b in pairs}
    return {pair: value for pair, value in found.items() if value < least}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(theme: str) -> None:
    assert too_weak(theme, TEXT, 4.5) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shapes_can_be_seen(theme: str) -> None:
    assert too_weak(theme, SHAPES, 3.0) == {}


def test_the_ratio_is_that_of_the_standard() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_dark_is_designed_and_not_what_is_left_of_light() -> None:
    tokens = themes()
    assert [n for n, colour in tokens["light"].items() if tokens["dark"][n] == colour] == []


def test_no_sheet_has_a_colour_of_its_own() -> None:
    """A page's sheet takes its colours from the tokens, or its contrast is nobody's to check."""
    for sheet in sorted((PACKAGE / "portal" / "static").glob("*.css")):
        rules = re.sub(r"(?s)@media print \{.*\Z|/\*.*?\*/", "", sheet.read_text())
        rules = re.sub(r"--[\w-]+:[^;}]*[;}]", "", rules) if sheet.name == "portal.css" else rules
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*\})", rules) == [], sheet.name
