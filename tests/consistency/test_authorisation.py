"""Every route says who gets what there, and the document says the same."""

from rempart.routes import TABLE
from tests.consistency.source import ROOT
from tests.http.authorisation import LINES, ROLES, render_page


def test_every_route_has_a_line_and_every_line_a_route() -> None:
    assert {route.name for route in TABLE} == LINES.keys()
    assert {len(each.cells) for each in LINES.values()} == {len(ROLES)}


def test_the_page_is_what_the_table_says() -> None:
    page = ROOT / "docs" / "authorisation.md"
    assert page.read_text(encoding="utf-8") == render_page()
