"""Looks at a page as its readers do: axe, width, zoom, keyboard, weight, and who else is asked."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import Page

from tests.browser.place import Person, Place

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LIMIT_BYTES: Final = 100_000
WIDTHS: Final = {1280: 800, 390: 844}
THEMES: Final = ("light", "dark")
TARGETS: Final = {1280: 24, 390: 44}
"""The least side of what is touched, in pixels: WCAG 2.2 AA with a mouse, AAA with a finger."""

_STOPS = """() => {
  const all = "a[href], button, input, select, textarea, summary, [tabindex]";
  const inGroup = (e) => e.type === "radio" && !e.checked
    && document.querySelector(`input[name="${e.name}"]:checked`);
  const room = document.querySelector("dialog[open]") ?? document;
  window.stops = [...room.querySelectorAll(all)].filter((e) =>
    e.tabIndex >= 0 && !e.disabled && e.type !== "hidden" && e.checkVisibility() && !inGroup(e));
  (room === document ? document.querySelector(".skip") : window.stops[0]).focus();
  return window.stops.length;
}"""
_STOP = """() => {
  const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
  const points = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]];
  const hits = points.map(([x, y]) =>
    document.elementFromPoint(r.left + r.width * x, r.top + r.height * y));
  return {
    // The head is read as it is seen: each stop is right of the one before, or under it.
    asSeen: (() => {
      const before = window.stops[window.stops.indexOf(e) - 1];
      if (!before?.closest(".bar") || !e.closest(".bar")) return true;
      const b = before.getBoundingClientRect();
      return r.top >= b.bottom - 4 || (r.left >= b.right - 1 && r.bottom > b.top);
    })(),
    at: window.stops.indexOf(e), is: e.outerHTML.slice(0, 90),
    seen: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
    uncovered: hits.some((h) => h && (e === h || e.contains(h) || h.contains(e))),
  };
}"""
_SMALL = """(least) => {
  const text = (one) => one.textContent.trim();
  const inText = (e) =>
    getComputedStyle(e).display === "inline" && text(e.parentElement) !== text(e);
  // A tick is touched by its words too.
  const target = (e) => e.matches("[type=checkbox], [type=radio]") ? e.closest("label") : e;
  return window.stops.filter((e) => !inText(e)).filter((e) => {
    const r = target(e).getBoundingClientRect();
    // What is scaled to the screen's own pixels may lack a part of one.
    return r.width < least - .1 || r.height < least - .1;
  }).map((e) => `smaller than ${least} pixels: ${e.outerHTML.slice(0, 90)}`);
}"""


@dataclass
class Traffic:
    """What a page's loading asked for: bytes since the document, and hosts that are not ours.

    What reads codes from the camera (zxing) counts apart: it comes when the camera is asked for.
    """

    ours: frozenset[str]
    bytes: int = 0
    strangers: tuple[str, ...] = ()
    document: str = ""


_TRAFFIC: WeakKeyDictionary[Page, Traffic] = WeakKeyDictionary()


def watch_network(person: Person, place: Place) -> None:
    """From now on count what this browser asks for, and of whom."""
    settings = place.platform.settings
    hosts = (settings.public_url, settings.portal_signin_url)
    traffic = Traffic(frozenset(urlsplit(url).netloc for url in hosts))
    addresses: dict[str, str] = {}

    def asked(event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        addresses[event["requestId"]] = url
        if event.get("type") == "Document":
            traffic.bytes = 0
            traffic.document = url
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc not in traffic.ours:
            traffic.strangers += (url,)

    def came(event: dict[str, Any]) -> None:
        if "zxing" not in addresses.get(event["requestId"], ""):
            traffic.bytes += int(event["encodedDataLength"])

    person.cdp.send("Network.enable")
    person.cdp.on("Network.requestWillBeSent", asked)
    person.cdp.on("Network.loadingFinished", came)
    _TRAFFIC[person.page] = traffic


def traffic_of(person: Person) -> Traffic:
    return _TRAFFIC[person.page]


_AT_REST = (
    "async () => { await Promise.allSettled(document.getAnimations().map((a) => a.finished)); }"
)


@cache
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def violations(page: Page) -> list[str]:
    """What axe-core finds once the page is at rest, with the page's own policy in force.

    A colour on its way from one theme to the other is neither theme's.
    """
    page.evaluate(_AT_REST)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    found: dict[str, Any] = page.evaluate(
        "async (rules) => await axe.run(document, { runOnly: rules })", RULES
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


def too_wide(page: Page) -> int:
    """How many pixels stick out sideways."""
    wide = page.evaluate(
        "() => { const e = document.documentElement; return e.scrollWidth - e.clientWidth; }"
    )
    return max(0, int(wide))


def sized(page: Page, width: int, theme: str) -> None:
    """Show the page at a width, in a theme, and let what moves come to rest."""
    page.set_viewport_size({"width": width, "height": WIDTHS.get(width, 800)})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")


def zoomed(page: Page) -> list[str]:
    """What sticks out at 200 and 400 per cent of 1280 pixels (WCAG 2.2, 1.4.4 and 1.4.10)."""
    found = []
    for percent, width in ((200, 640), (400, 320)):
        sized(page, width, "light")
        if over := too_wide(page):
            found.append(f"{over} pixels too wide at {percent} %")
    return found


def small_targets(page: Page, width: int) -> list[str]:
    """What is too small to be touched at a width, in the page and in its opened menu."""
    sized(page, width, "light")
    page.evaluate(_STOPS)
    wrong: list[str] = page.evaluate(_SMALL, TARGETS[width])
    if (menu := page.locator("#open-menu:visible")).count() and not modal(page):
        menu.click()
        page.evaluate(_STOPS)
        wrong += page.evaluate(_SMALL, TARGETS[width])
        # Not by Escape, which also leads to the next question.
        page.evaluate("() => document.getElementById('menu').hidePopover()")
    return wrong


def modal(page: Page) -> bool:
    """Whether a dialog is in front of the page."""
    return page.locator("dialog[open]").count() > 0


def by_keyboard(page: Page) -> list[str]:
    """Go through the page by Tab alone; what is not reached in order, not seen, or covered."""
    wrong = []
    for expected in range(1, page.evaluate(_STOPS)):
        # A date has stops within it: day, month, year, calendar.
        for _ in range(5):
            page.keyboard.press("Tab")
            stop: dict[str, Any] = page.evaluate(_STOP)
            if stop["at"] != expected - 1:
                break
        if stop["at"] != expected:
            wrong.append(f"out of order, {stop['at']} for {expected}: {stop['is']}")
            break
        for fault, holds in (
            ("no visible focus", "seen"),
            ("covered", "uncovered"),
            ("not where it is seen", "asSeen"),
        ):
            if not stop[holds]:
                wrong.append(f"{fault}: {stop['is']}")
    return wrong


def headings(page: Page, language: str) -> list[str]:
    """Whether there is one h1, a title that says it, and the page's language."""
    found: dict[str, Any] = page.evaluate(
        "() => ({ title: document.title, lang: document.documentElement.lang,"
        " ones: [...document.querySelectorAll('h1')].filter((e) => e.checkVisibility()).length })"
    )
    wrong = []
    if found["ones"] != 1:
        wrong.append(f"{found['ones']} h1")
    if not found["title"].removesuffix(" · Rempart").strip() or "·" not in found["title"]:
        wrong.append(f"title {found['title']!r}")
    if found["lang"] != language:
        wrong.append(f"language {found['lang']}")
    return wrong
