"""What `make run` starts, with fewer people and a shorter theft; and how one gets in there."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import expect

from rempart.cli.demo_fill import fill
from rempart.cli.demo_platform import running_platform, start_stage
from rempart.cli.demo_state import make_people
from rempart.foundation.clock import SystemClock
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.processes import free_port
from rempart.foundation.settings import Settings
from tests.browser.place import Person, Place

PEOPLE: Final = 6_000
SECONDS: Final = 4.0


@contextmanager
def staged(folder: Path, *, people: int = PEOPLE, seconds: float = SECONDS) -> Iterator[Place]:
    """Run a demonstration with its stage in a folder of its own, which is gone afterwards."""
    settings = Settings.load(
        {
            "REMPART_STATE_DIR": str(folder),
            "REMPART_PUBLIC_URL": f"http://localhost:{free_port()}",
            "REMPART_SIGNIN_URL": f"http://localhost:{free_port()}",
            "REMPART_INTAKE_URL": f"http://localhost:{free_port()}",
        }
    )
    try:
        with running_platform(settings, demonstration=True) as platform:
            population = make_people(folder, SystemClock().today(), people)
            # Playwright may have a loop in this thread already.
            with ThreadPoolExecutor(1) as elsewhere:
                elsewhere.submit(asyncio.run, fill(platform, population)).result()
            start_stage(platform, seconds=seconds, people=people)
            yield Place.furnish(platform)
    finally:
        EmbeddedPostgres(folder).erase()


def become(alice: Person, stage: Place, name: str) -> None:
    """Enrol as the demonstration's page says, by a key in software, and sign in."""
    page, url = alice.page, stage.platform.settings.public_url
    page.goto(f"{url}/demo")
    who = page.locator(".lent > li").filter(has_text=name)
    second, link = who.locator(".second").inner_text(), who.locator("[data-enrol]")
    page.goto(f"{link.get_attribute('href')}")
    page.fill("#second", second)
    page.fill("#label", "Navigateur")
    page.click("#software")
    alice.said("enregistrée")
    page.goto(f"{stage.portal}/sign-in")
    page.click("#software-keys button")
    expect(page.locator("#sign-out")).to_be_visible()


def steal(alice: Person, stage: Place) -> None:
    """Press the red button, and wait for the list."""
    alice.page.goto(f"{stage.portal}/theft")
    alice.page.click("#steal")
    expect(alice.page.locator("#after")).to_be_visible(timeout=90_000)
