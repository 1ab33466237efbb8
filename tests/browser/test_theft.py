"""The demonstration to its end: its page, a key in software, the red button, the exact list."""

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from rempart.foundation.database import Database
from rempart.journal import BudgetCheck, Verification, check_budgets, verify
from tests.browser.looking import THEMES, WIDTHS, sized, small_targets, too_wide, violations
from tests.browser.place import Place
from tests.browser.stage import PEOPLE, become, staged, steal

TYPED = 15
"""A pharmacy's cards that may be typed at once without having been met (docs/guard.md)."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with staged(tmp_path_factory.mktemp("stage") / "run") as found:
        yield found


async def _books(conninfo: str) -> tuple[Verification, BudgetCheck]:
    async with await Database.open(conninfo, max_size=1) as journal:
        return await verify(journal), await check_budgets(journal)


def look(page: Page, name: str, screens: Path) -> None:
    """Look at a page at both widths, in both themes."""
    for width in WIDTHS:
        for theme in THEMES:
            sized(page, width, theme)
            page.screenshot(path=screens / f"{name}-{width}-{theme}.png", full_page=True)
            found = violations(page)
            assert (found, too_wide(page) > 0) == ([], False), (name, width, theme)
    assert small_targets(page, 390) == [], name
    sized(page, 1280, "light")


def test_a_stolen_account_gives_what_its_budget_says_and_the_list_is_exact(
    stage: Place, chromium: Browser, screens: Path, tmp_path: Path
) -> None:
    url = stage.platform.settings.public_url
    with stage.person(chromium, reduced_motion="reduce") as alice:
        page = alice.page
        page.goto(f"{url}/demo")
        look(page, "demo", screens)
        pharmacy = page.locator("#enrol-title + p").inner_text()
        expect(page.locator(".plastic")).to_have_count(6)
        become(alice, stage, "Alice Martin")
        steal(alice, stage)
        look(page, "theft-after", screens)

        # 1. He got what the budget of a pharmacy lets through, and B0 the whole list.
        exposed = int(page.locator("#count-real").inner_text())
        assert 0 < exposed <= TYPED  # one of the fifteen may have been nobody
        unlimited = int(re.sub(r"\D", "", page.locator("#count-b0").inner_text()))
        assert unlimited > 0.8 * PEOPLE * 0.9
        assert page.locator("#list tbody tr").count() == exposed
        expect(page.locator("#verdict-word")).to_contain_text(f"{exposed} personnes exposées")
        expect(page.locator("#verdict")).to_have_class("verdict good")

        # 2. The list's file holds the same entries with what opens them, and no card.
        with page.expect_download() as coming:
            page.click("#download")
        coming.value.save_as(tmp_path / "list.json")
        written = (tmp_path / "list.json").read_text()
        entries = json.loads(written)["entries"]
        rows = page.locator("#list tbody tr td:last-child").all_inner_texts()
        assert [str(one["entry"]["entry_no"]) for one in entries] == rows
        for card in page.locator("#list tbody tr td:nth-child(4)").all_inner_texts():
            assert card
            assert card not in written

        # 3. The account is at its end for who owns it, too; the next pharmacy is not.
        page.goto(f"{url}/demo")
        assert page.locator("#enrol-title + p").inner_text() != pharmacy
        assert alice.faults == []

    conninfo = stage.platform.reached.conninfo("rempart_journal")
    with ThreadPoolExecutor(1) as elsewhere:
        whole, budgets = elsewhere.submit(asyncio.run, _books(conninfo)).result()
    assert whole.ok, whole.problems
    assert budgets.ok, budgets.problems


def test_an_account_sees_its_own_theft_alone_and_the_thiefs_key_is_dead(
    stage: Place, chromium: Browser
) -> None:
    """The journey of another pharmacy; the button again, at the end of the same seconds."""
    with stage.person(chromium) as bruno:
        become(bruno, stage, "Bruno Petit")
        page = bruno.page
        page.goto(f"{stage.portal}/theft")
        # Whatever was stolen before was another account's.
        expect(page.locator("#steal")).to_be_visible()
        expect(page.locator("#live")).to_be_hidden()
        page.click("#steal")
        expect(page.locator("#chart .curve.real")).to_be_attached(timeout=30_000)
        expect(page.locator("#after")).to_be_visible(timeout=90_000)
        page.reload()
        expect(page.locator("#after")).to_be_visible(timeout=30_000)
        # The page shows the same list again: it is the journal's.
        expect(page.locator("#list tbody tr")).to_have_count(
            int(page.locator("#count-real").inner_text())
        )
        assert bruno.faults == []
    listed = stage.as_desk(lambda desk: desk.call("identity.list_installations"))[0]
    stolen = [one for one in listed if one["vendor"] == "Logiciel volé"]
    assert stolen
    assert all(one["revoked_at"] is not None for one in stolen)


def test_the_stages_socket_is_its_users_alone(stage: Place) -> None:
    settings = stage.platform.settings
    path = settings.blinding_socket.with_suffix(".stage")
    assert path.stat().st_mode & 0o777 == 0o600
    assert httpx.get(f"{settings.public_url}/demo", trust_env=False).status_code == 200
