"""Everybody can use every page of the gallery: axe, zoom, keyboard, and nobody else is asked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.gallery import PAGES, Gallery, Shown
from tests.browser.looking import (
    LIMIT_BYTES,
    THEMES,
    WIDTHS,
    by_keyboard,
    headings,
    sized,
    small_targets,
    too_wide,
    traffic_of,
    violations,
    zoomed,
)
from tests.browser.place import Place


@pytest.fixture(scope="module")
def gallery(place: Place, chromium: Browser) -> Iterator[Gallery]:
    with Gallery.opened(place, chromium) as found:
        yield found


@pytest.mark.parametrize(
    "shown,language",
    [
        pytest.param(shown, language, id=f"{shown.name}-{language}")
        for shown in PAGES
        for language in shown.languages
    ],
)
def test_everybody_can_use(gallery: Gallery, shown: Shown, language: str) -> None:
    with gallery.showing(shown, language) as person:
        page, traffic = person.page, traffic_of(person)
        assert 0 < traffic.bytes <= LIMIT_BYTES
        assert headings(page, language) == []
        found = {
            f"{width} {theme}": problems
            for width in WIDTHS
            for theme in THEMES
            if (problems := looked_at(person.page, width, theme))
        }
        assert found == {}
        for width in (390, 1280):
            assert small_targets(page, width) == [], f"at {width}"
            assert by_keyboard(page) == [], f"at {width}"
        assert zoomed(page) == []
        assert traffic.strangers == ()
        assert person.faults == []


def looked_at(page: Page, width: int, theme: str) -> list[str]:
    sized(page, width, theme)
    over = too_wide(page)
    return violations(page) + ([f"{over} pixels too wide"] if over else [])
