"""`rempart ask` against a platform that runs: every card answers as announced; exit codes."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rempart.cli import run_line
from rempart.cli.demo_fill import fill
from rempart.cli.demo_platform import running_platform
from rempart.cli.demo_state import make_people, settings_for
from rempart.cli.output import run
from rempart.foundation.clock import SystemClock
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.processes import free_port


@contextmanager
def try_out(folder: Path) -> Iterator[str]:
    """A platform with the first few thousand invented people; yields its address."""
    settings = settings_for(folder / ".run", free_port(), free_port())
    try:
        with running_platform(settings, demonstration=True) as platform:
            run(fill(platform, make_people(settings.state_dir, SystemClock().today(), 6_000)))
            yield settings.public_url
    finally:
        if EmbeddedPostgres.is_made(settings.state_dir):
            EmbeddedPostgres(settings.state_dir).erase()


class Asked:
    """Runs `rempart ask --json` and keeps the exit code and the object."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, Any]:
        self._capsys.readouterr()
        code = run_line(["ask", "--json", *words])
        return code, json.loads(self._capsys.readouterr().out)

    def page(self, *words: str) -> str:
        """What a person reads."""
        run_line(["ask", *words])
        return self._capsys.readouterr().out


def words_for(card: dict[str, Any]) -> list[str]:
    words = ["--insurer", card["insurer"], "--member", card["member"], "--born", card["born"]]
    words += ["--rank", str(card["rank"]), "--domain", card["domain"]]
    return words + (["--scan", card["scan"]] if card["scan"] else [])


def refused(asked: Asked, address: str) -> None:
    assert asked("--domain", "OPTI", "--as", "pharmacy")[1]["refused_because"] == (
        "domain_not_allowed"
    )
    assert asked("--domain", "RADL")[0] == 3
    code, told = asked("--on", "2020-01-01")
    assert (code, told["refused_because"]) == (3, "care_date_out_of_window")
    card = ("--insurer", "!", "--member", "1", "--born", "1980-01-01")
    code, told = asked(*card)
    assert (code, told["refused_because"], told["field"]) == (2, "bad_format", "insurer")
    assert "(insurer)" in asked.page(*card)
    assert asked("--as", "nobody")[1]["error"]["field"] == "--as"
    assert asked("--member", "1")[1]["error"]["field"] == "--insurer"
    assert asked("--on", "yesterday")[0] == 2
    assert asked("--url", address)[0] == 0
    assert asked("--url", f"http://localhost:{free_port()}")[0] == 4


@pytest.mark.slow
def test_asking_a_platform_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("REMPART_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    asked = Asked(capsys)
    with try_out(tmp_path) as address:
        # 1. Every card answers what was announced.
        run_line(["demo", "cards", "--json"])
        cards = json.loads(capsys.readouterr().out)
        for card in cards:
            code, told = asked(*words_for(card))
            assert (code, told["outcome"]) == (0, card["expected_outcome"])
            assert told["refused_because"] is None
            assert set(told["receipt"]) >= {"entry", "leaf"}

        # 2. Without a card, the first; to a person, in his language.
        code, told = asked()
        assert (code, told["outcome"], told["rate_bp"]) == (0, "covered", 10_000)
        assert run_line(["ask"]) == 0
        assert "Droits ouverts" in capsys.readouterr().out

        # 3. The same reference again is the same answer; with another question, a refusal.
        first = asked("--reference", "R-1")[1]
        assert asked("--reference", "R-1")[1]["engagement"] == first["engagement"]
        code, told = asked("--reference", "R-1", *words_for(cards[1]))
        assert (code, told["refused_because"]) == (3, "reference_reused")
        assert told["outcome"] is told["receipt"] is None

        # 4. Refusals, wrong usage, and an address where nothing answers.
        refused(asked, address)

        # 5. What is guaranteed is claimed: once, and for no more than was promised.
        claim_one(asked()[1]["engagement"], capsys)

        # 6. Glasses are quoted, amended, claimed by the optician alone, and cancelled.
        quote_glasses(capsys, tmp_path)

        # 7. A refusal is told in words.
        assert run_line(["ask", "--domain", "RADL"]) == 3
        assert "domaine" in capsys.readouterr().out


LINE = "PH7:1:2000:2000:1300"


def claim_one(engagement: str, capsys: pytest.CaptureFixture[str]) -> None:
    def claimed(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = run_line(["claim", engagement, LINE, "--json", *words])
        return code, json.loads(capsys.readouterr().out)

    assert claimed("--amount", "701")[1]["refused_because"] == "above_promise"
    code, told = claimed("--reference", "F-1")
    assert (code, told["state"], told["amount_cents"]) == (0, "accepted", 700)
    assert claimed("--reference", "F-1") == (0, told)
    code, told = claimed()
    assert (code, told["refused_because"], told["claim"]) == (3, "engagement_used", None)
    assert claimed("--reference", "not one")[0] == 2
    capsys.readouterr()
    assert run_line(["claim", engagement, LINE, "--reference", "F-1"]) == 0
    assert "vous est dû  7.00 €" in capsys.readouterr().out
    assert run_line(["claim", engagement, LINE]) == 3
    assert "Engagement déjà facturé" in capsys.readouterr().out


def quote_glasses(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    def ran(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = run_line([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    held = folder / "held.json"
    code, told = ran("quote", "--keep", str(held))
    assert (code, told["outcome"], len(told["lines"])) == (0, "agreed", 2)
    number, lines = told["engagement"], told["lines"]
    assert [line["units_left"] for line in lines] == [0, 0]
    assert sum(line["amount_cents"] for line in lines) == told["amount_cents"]
    assert ran("journal", "check-receipt", str(held))[1]["ok"]
    assert ran("quote")[1]["engagement"] == number  # the same again: none is given twice
    frame = ran("quote", "MONTURE:1:14000:5:3", "--replaces", number)[1]
    assert ran("authorization", "show", number)[1]["state"] == "replaced"
    assert ran("quote", "--replaces", number)[0] == 3
    claim = ["claim", frame["engagement"], "MONTURE:1:14000:5:3"]
    assert ran(*claim)[1]["refused_because"] == "engagement_unknown"  # the pharmacy's is another
    assert ran(*claim, "--as", "optician")[1]["amount_cents"] == frame["amount_cents"]
    code, refused_ = ran("authorization", "cancel", frame["engagement"])
    assert (code, refused_["refused_because"]) == (3, "authorization_claimed")
    assert ran("authorization", "show", "not a number")[0] == 2
    capsys.readouterr()
    assert run_line(["quote", "VERRE:2:26000:10:6", "VERRE:2:26000:10:6"]) == 0
    page = capsys.readouterr().out
    assert "Prise en charge accordée" in page
    assert "prochaine dès le" in page
    assert run_line(["authorization", "show", frame["engagement"]]) == 0
    assert "facturée" in capsys.readouterr().out
    assert run_line(["authorization", "cancel", frame["engagement"]]) == 3
    assert "déjà facturée" in capsys.readouterr().out
    assert run_line(["quote", "PH7:1:1:1:1"]) == 2


def test_without_a_server_it_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REMPART_STATE_DIR", raising=False)
    assert run_line(["ask"]) == 4
    assert "make run" in capsys.readouterr().err
    assert run_line(["ask", "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "unavailable"


def test_a_server_that_was_killed_is_not_mistaken_for_one_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REMPART_STATE_DIR", raising=False)
    (tmp_path / ".run" / "softwares").mkdir(parents=True)
    gone = f"http://localhost:{free_port()}"
    (tmp_path / ".run" / "running.json").write_text(
        json.dumps({"public_url": gone, "signin_url": gone})
    )
    assert run_line(["ask"]) == 4
