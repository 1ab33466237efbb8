"""What somebody at the counter waits for, in a real browser: an answer, a change of hands, a page.

An answer: from the key that leaves the last field of a typed card to the frame that shows the
verdict, by the page's own clock. A change of hands: from F2 to the colleague's page, ready to be
typed into, his key touched at once. A page: its document over HTTP, as its reader's browser asks
for it. The browser, the platform's processes and this script share the cores.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
from playwright.sync_api import Browser, expect, sync_playwright

from bench._measuring import write
from rempart.cli.demo_platform import running_platform
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.processes import free_port
from rempart.foundation.settings import Settings
from tests.browser.cards import Cards
from tests.browser.colleagues import Counter, colleagues
from tests.browser.conftest import FLAGS
from tests.browser.hands import answered, fill_in
from tests.browser.place import CHROMIUM, Place

ANSWERS, CARDS, CHANGES, LOADS = 60, 10, 20, 50
ANSWER_GOAL_MS, CHANGE_GOAL_MS, PAGE_GOAL_MS = 2_000, 3_000, 50
PATHS = ("ask", "account", "activity", "budgets", "people", "site", "closed")
CLOCK = """() => {
  addEventListener("keydown", (event) => {
    if (event.key === "Enter") window.left = performance.now();
  }, { capture: true });
  const answer = document.getElementById("answer");
  new MutationObserver(() => {
    if (answer.dataset.shown) requestAnimationFrame(() => { window.seen = performance.now(); });
  }).observe(answer, { attributeFilter: ["data-shown"] });
}"""
TOOK = """async () => {
  while (!(window.seen > window.left)) await new Promise(requestAnimationFrame);
  return window.seen - window.left;
}"""


def p95(times: list[float]) -> float:
    """Return what 95 in 100 came within."""
    return sorted(times)[-(-len(times) * 95 // 100) - 1]


def answers(at: Counter, cards: Cards) -> list[float]:
    """Return the milliseconds of each answer to a typed card."""
    page, took = at.person.page, []
    page.goto(f"{at.place.portal}/ask")
    page.evaluate(CLOCK)
    adults = cards.adults(CARDS)
    for turn in range(ANSWERS):
        fill_in(page, adults[turn % CARDS])
        page.keyboard.press("Enter")
        took.append(float(page.evaluate(TOOK)))
        answered(at.person, "covered")
        page.keyboard.press("Escape")
    return took


def changes(at: Counter) -> list[float]:
    """Return the milliseconds of each change of hands, there and back."""
    took = []
    for turn in range(CHANGES):
        name = ("Bob Durand", "Alice Martin")[turn % 2]
        at.at_hand(name)
        begun = time.perf_counter()
        at.person.page.keyboard.press("F2")
        at.is_of(name)
        expect(at.person.page.locator("#insurer")).to_be_focused()
        at.person.page.wait_for_load_state("load")
        took.append((time.perf_counter() - begun) * 1000)
    return took


def loads(at: Counter) -> dict[str, float]:
    """Return the 95th percentile of each page's document, in milliseconds."""
    kept = "; ".join(f"{one['name']}={one['value']}" for one in at.person.context.cookies())
    found = {}
    with httpx.Client(headers={"Cookie": kept}, trust_env=False) as client:
        for path in PATHS:
            took = []
            for _ in range(LOADS):
                begun = time.perf_counter()
                answer = client.get(f"{at.place.portal}/{path}")
                took.append((time.perf_counter() - begun) * 1000)
                assert answer.status_code == 200, (path, answer.status_code)
            found[path] = round(p95(took), 1)
    return found


def measure(place: Place, chromium: Browser) -> None:
    """Measure all three, and write each down."""
    before = round(os.getloadavg()[0], 1)
    cards = Cards.of(place)
    with colleagues(place, chromium) as at:
        at.begin()
        shown = answers(at, cards)
        moved = changes(at)
        pages = loads(at)
        assert at.person.faults == []

    def told(name: str, goal: int, figure: float, **detail: object) -> None:
        write(
            name,
            "ms",
            [figure],
            goal=goal,
            floor=None,
            detail={**detail, "percentile": 95, "load_before": before},
        )

    middle = round(sorted(shown)[len(shown) // 2], 1)
    told("counter_answer", ANSWER_GOAL_MS, p95(shown), questions=ANSWERS, median_ms=middle)
    middle = round(sorted(moved)[len(moved) // 2], 1)
    slowest = round(max(moved), 1)
    told(
        "counter_hands", CHANGE_GOAL_MS, p95(moved),
        changes=CHANGES, median_ms=middle, slowest_ms=slowest,
    )  # fmt: skip
    told("portal_page", PAGE_GOAL_MS, max(pages.values()), loads=LOADS, p95_ms=pages)


def main() -> int:
    """Run a platform of its own and one browser, of which nothing stays."""
    with tempfile.TemporaryDirectory(prefix="rempart-counter-") as folder:
        ports = {name: free_port() for name in ("PUBLIC", "SIGNIN", "INTAKE")}
        urls = {f"REMPART_{name}_URL": f"http://localhost:{port}" for name, port in ports.items()}
        settings = Settings.load({"REMPART_STATE_DIR": f"{folder}/run"} | urls)
        try:
            with (
                running_platform(settings, demonstration=True) as platform,
                sync_playwright() as playwright,
            ):
                chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
                measure(Place.furnish(platform), chromium)
                chromium.close()
        finally:
            EmbeddedPostgres(settings.state_dir).erase()
    return 0


if __name__ == "__main__":
    sys.exit(main())
