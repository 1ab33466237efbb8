"""Fixtures of the browser tests: the whole platform as processes, and Debian's Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from rempart.cli.demo_platform import running_platform
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.processes import free_port
from rempart.foundation.settings import Settings
from tests.browser.cards import Cards
from tests.browser.place import CHROMIUM, TELEPHONE, Place

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid or item.nodeid.startswith("browser/"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A platform of its own: database, blinding, edge and sign-in, each a process."""
    folder = tmp_path_factory.mktemp("portal")
    settings = Settings.load(
        {
            "REMPART_STATE_DIR": str(folder / "run"),
            "REMPART_PUBLIC_URL": f"http://localhost:{free_port()}",
            "REMPART_DESK_TELEPHONE": TELEPHONE,
            "REMPART_SIGNIN_URL": f"http://localhost:{free_port()}",
        }
    )
    with running_platform(settings, demonstration=True) as platform:
        yield Place.furnish(platform)
    EmbeddedPostgres(settings.state_dir).erase()


@pytest.fixture(scope="session")
def cards(place: Place) -> Cards:
    """Invented people, insured at this platform, and their cards."""
    return Cards.of(place)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, for one file: it keeps a loop in this thread, where other tests run theirs."""
    if not CHROMIUM.exists():
        if "NEEDS_CHROMIUM" in os.environ:
            raise FileNotFoundError(CHROMIUM)
        pytest.skip("Debian's Chromium is not here: ci/packages asks for it")
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the pages are left to look at: SCREENS, or nowhere that lasts."""
    folder = Path(os.environ.get("SCREENS", tmp_path_factory.mktemp("screens")))
    folder.mkdir(exist_ok=True)
    return folder
