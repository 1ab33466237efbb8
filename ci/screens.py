"""Takes a picture of every page, wide and narrow, light and dark, and says what is wrong with it.

Leaves screens/*.png, screens/index.json and screens/index.html; exit 1 when axe finds anything,
a page weighs more than 100 kB, or something sticks out sideways.
"""

import argparse
import html
import json
import pathlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402 - the tests' modules are found from the root
from playwright.sync_api import sync_playwright  # noqa: E402 - as above

from rempart.cli.demo_platform import running_platform  # noqa: E402 - as above
from rempart.foundation.embedded import EmbeddedPostgres  # noqa: E402 - as above
from rempart.foundation.processes import free_port  # noqa: E402 - as above
from rempart.foundation.settings import Settings  # noqa: E402 - as above
from tests.browser.conftest import FLAGS  # noqa: E402 - as above
from tests.browser.gallery import PAGES, STAGED, Gallery, Shown  # noqa: E402 - as above
from tests.browser.looking import (  # noqa: E402 - as above
    LIMIT_BYTES,
    THEMES,
    WIDTHS,
    sized,
    too_wide,
    traffic_of,
    violations,
)
from tests.browser.place import CHROMIUM, Person, Place  # noqa: E402 - as above
from tests.browser.stage import staged  # noqa: E402 - as above

SCREENS = ROOT / "screens"
LOADS = 50
FLOOR_MS = 50


PEOPLE, THEFT_S = 50_000, 30.0
"""As `make run` has them."""


def p95_ms(person: Person) -> float:
    """Load the page's document again and again, as its reader; 95 in 100 came within this."""
    kept = "; ".join(f"{one['name']}={one['value']}" for one in person.context.cookies())
    took = []
    with httpx.Client(headers={"Cookie": kept}, trust_env=False) as client:
        for _ in range(LOADS):
            begun = time.perf_counter()
            client.get(traffic_of(person).document)
            took.append((time.perf_counter() - begun) * 1000)
    return round(sorted(took)[int(LOADS * 0.95) - 1], 1)


def take(gallery: Gallery, shown: Shown, language: str) -> list[dict[str, object]]:
    """Bring a page into its state, and take its four pictures."""
    name = shown.name if language == "fr" else f"{shown.name}.{language}"
    rows: list[dict[str, object]] = []
    with gallery.showing(shown, language) as person:
        weight, slowest = traffic_of(person).bytes, p95_ms(person)
        for width in WIDTHS:
            for theme in THEMES:
                sized(person.page, width, theme)
                found = violations(person.page)
                whole = not person.page.locator("dialog[open], #late:not([hidden])").count()
                path = SCREENS / f"{name}-{width}-{theme}.png"
                person.page.screenshot(path=path, full_page=whole)
                row: dict[str, object] = {"page": name, "width": width, "theme": theme}
                row |= {"axe": len(found), "bytes": weight, "p95_ms": slowest}
                row |= {"too_wide": too_wide(person.page), "found": found}
                rows.append(row)
        if person.faults:
            rows[-1]["found"] = [*found, *person.faults]
    return rows


def wrong(row: dict[str, object]) -> bool:
    """Whether a picture must not be shown to anybody."""
    return bool(row["found"] or row["too_wide"]) or int(str(row["bytes"])) > LIMIT_BYTES


def page(rows: list[dict[str, object]]) -> str:
    """Return the page on which all pictures can be looked at."""
    shown = "".join(
        f"<figure><figcaption>{html.escape(str(r['page']))} · {r['width']} · {r['theme']}"
        f" · axe {r['axe']} · {r['bytes']} B · {r['p95_ms']} ms</figcaption>"
        f"<img loading=lazy width={int(str(r['width'])) // 2}"
        f" src='{html.escape(str(r['page']))}-{r['width']}-{r['theme']}.png' alt=''></figure>"
        for r in rows
    )
    style = "body{font:16px sans-serif;display:flex;flex-wrap:wrap;gap:1rem;background:#888}"
    return f"<!doctype html><meta charset=utf-8><title>Screens</title><style>{style}</style>{shown}"


@contextmanager
def plain(folder: pathlib.Path) -> Iterator[Place]:
    """Run a demonstration's platform without its stage, so that the pages' people are few."""
    ports = {name: free_port() for name in ("PUBLIC", "SIGNIN", "INTAKE")}
    urls = {f"REMPART_{name}_URL": f"http://localhost:{port}" for name, port in ports.items()}
    settings = Settings.load({"REMPART_STATE_DIR": str(folder)} | urls)
    try:
        with running_platform(settings, demonstration=True) as platform:
            yield Place.furnish(platform)
    finally:
        EmbeddedPostgres(folder).erase()


def taken(
    platform: Callable[[pathlib.Path], AbstractContextManager[Place]], shown: list[Shown]
) -> Iterator[dict[str, object]]:
    """Take these pages' pictures, at a platform and in one browser of which nothing stays."""
    if not shown:
        return
    with (
        tempfile.TemporaryDirectory(prefix="rempart-screens-") as folder,
        platform(pathlib.Path(folder) / "run") as place,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with Gallery.opened(place, chromium) as gallery:
            for one in shown:
                for language in one.languages:
                    yield from take(gallery, one, language)
                    print(one.name, language, file=sys.stderr, flush=True)
        chromium.close()


def main() -> int:
    """Take them all; 0 when nothing is wrong with any."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("page", nargs="*", help="only the pages whose name holds this")
    asked = reader.parse_args().page
    SCREENS.mkdir(exist_ok=True)

    def chosen(pages: tuple[Shown, ...]) -> list[Shown]:
        return [one for one in pages if not asked or any(part in one.name for part in asked)]

    def whole_stage(folder: pathlib.Path) -> AbstractContextManager[Place]:
        return staged(folder, people=PEOPLE, seconds=THEFT_S)

    rows = [*taken(plain, chosen(PAGES)), *taken(whole_stage, chosen(STAGED))]
    (SCREENS / "index.json").write_text(json.dumps(rows, indent=1) + "\n")
    (SCREENS / "index.html").write_text(page(rows))
    for row in rows:
        if wrong(row):
            print("WRONG", json.dumps(row))
    slow = sorted({str(r["page"]) for r in rows if float(str(r["p95_ms"])) > FLOOR_MS})
    print(f"{len(rows)} pictures in {SCREENS}; over {FLOOR_MS} ms: {', '.join(slow) or 'none'}")
    return 1 if any(wrong(row) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
