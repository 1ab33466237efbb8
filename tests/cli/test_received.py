"""What an insurer's terminal shows of a claim's lines: they, or where they are."""

from rempart.cli.received import delivered

LINE = {"category": "PH7", "quantity": 2, "price_cents": 2000}


def test_lines_are_shown_or_it_is_said_where_they_are() -> None:
    (shown,) = delivered({"lines": [LINE], "sealed_lines": None})
    assert "2 × PH7" in shown
    (sealed,) = delivered({"lines": None, "sealed_lines": {"key": "3f" * 32, "sealed": "AAAA"}})
    assert "3f3f3f3f3f3f3f3f…" in sealed
    assert "AAAA" not in sealed
    (erased,) = delivered({"lines": None, "sealed_lines": None})
    assert "erased" in erased
