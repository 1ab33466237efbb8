"""`rempart probe timing` says what it found, and when there is nothing to ask."""

import json
from pathlib import Path

import pytest

from rempart.cli import probe as command
from rempart.cli import run_line
from rempart.simulation.timing_probe import Found, Gap


def found(gap: float = 0.01, told_apart: tuple[str, ...] = ()) -> Found:
    return Found(
        pairs=(Gap("unknown", "ended", gap),),
        floors=(Gap("unknown", "unknown", 0.02),),
        medians_ms={"unknown": 4.2, "ended": 4.3},
        told_apart=told_apart,
        calls=2000,
    )


def test_it_holds_when_every_gap_is_small_and_the_bytes_are_the_same() -> None:
    assert command.holds(found(0.06), 0.06)
    assert not command.holds(found(0.0601), 0.06)
    assert not command.holds(found(0.01, ("no_right_found",)), 0.06)


def test_without_a_demonstration_there_is_nothing_to_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REMPART_STATE_DIR", raising=False)
    assert run_line(["probe", "timing", "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["error"]["kind"] == "unavailable"


def test_a_page_names_what_can_be_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    command._show(found(0.2, ("no_right_found",)), 0.06)
    page = capsys.readouterr().out
    assert "0.2000  unknown / ended  more than 0.06: CAN be told apart" in page
    assert "the bytes or statuses of no_right_found differ" in page
    command._show(found(), 0.06)
    assert "CAN" not in capsys.readouterr().out
