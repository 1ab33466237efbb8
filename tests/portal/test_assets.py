"""What pages are made of: small on the line for whoever can unpack, the same for everybody."""

import gzip
import re
from importlib.resources import files

import pytest

from rempart.portal.assets import ASSETS
from tests.http.platform import Platform

pytestmark = pytest.mark.slow


@pytest.mark.anyio
async def test_every_asset_is_packed_for_whoever_can_unpack(platform: Platform) -> None:
    for name in ASSETS:
        content = files("rempart.portal").joinpath("static", *name.split("/")).read_bytes()
        for encoding in ("identity", "gzip, br"):
            path = f"/portal/static/{name}"
            async with platform.edge.stream(
                "GET", path, headers={"Accept-Encoding": encoding}
            ) as answer:
                raw = b"".join([part async for part in answer.aiter_raw()])
            assert answer.headers["vary"] == "Accept-Encoding"
            packed = answer.headers.get("content-encoding") == "gzip"
            assert packed == (encoding != "identity"), name
            assert (gzip.decompress(raw) if packed else raw) == content, name


@pytest.mark.anyio
async def test_pages_are_never_packed(platform: Platform) -> None:
    """The size of what was packed tells what is in it."""
    page = await platform.edge.get("/portal/sign-in", headers={"Accept-Encoding": "gzip"})
    assert page.status_code == 200
    assert "content-encoding" not in page.headers


def test_a_page_waits_for_its_own_script() -> None:
    """Else buttons are shown before they work (tests/browser/test_signing_in.py)."""
    for template in files("rempart.portal").joinpath("templates").iterdir():
        if template.name != "base.html":
            for line in template.read_text("utf-8").splitlines():
                assert "<script" not in line or 'blocking="render"' in line, template.name


def test_every_page_writes_days_numbers_and_hours_alike() -> None:
    """By `language` of figures.js: "en" alone would put the month before the day."""
    for script in files("rempart.portal").joinpath("static").iterdir():
        if script.name.endswith(".js"):
            named = re.findall(r"new Intl\.\w+\(([^,)]+)", script.read_text("utf-8"))
            # "fr-FR": the day of care, which is typed day first in both languages.
            assert set(named) <= {"language", '"fr-FR"'}, script.name


def test_a_page_with_a_table_has_its_styles() -> None:
    """A page's tables stand in it, in what it includes, or are made by its scripts."""
    portal = files("rempart.portal")

    def whole(folder: str, name: str, seen: set[str]) -> str:
        if name in seen:
            return ""
        seen.add(name)
        text = portal.joinpath(folder, name).read_text("utf-8")
        # What is included on a condition is for pages that meet it.
        parts = [
            ("templates", each)
            for each in re.findall(r'^{% include "([\w.]+)"', text, re.MULTILINE)
        ]
        parts += [("static", each) for each in re.findall(r'/static/(\w+\.js)"', text)]
        parts += [("static", each) for each in re.findall(r'"\./(\w+\.js)"', text)]
        return text + "".join(whole(*part, seen) for part in parts)

    with_tables = set()
    for template in portal.joinpath("templates").iterdir():
        page = template.read_text("utf-8")
        if "{% block main %}" in page and template.name != "base.html":
            found = whole("templates", template.name, set())
            if "<table" in found or 'createElement("table")' in found:
                with_tables.add(template.name)
                assert "/tables.css" in page, template.name
    assert "theft.html" in with_tables
