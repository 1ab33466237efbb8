"""P6 over HTTP, with everything as processes: closed by a command, seen by the next answer."""

import time
from datetime import date
from json import loads
from pathlib import Path

import pytest

from rempart.guard import EFFECTIVE_WITHIN_S
from tests.support.real_platform import AMC, RPPS, SITE, RealPlatform, real_platform

BORN = date(1980, 3, 2)
SAID = ("--reason", "Essai de fermeture", "--by", "alice", "--json")
SCOPES = (
    ("--account", f"{RPPS}@{SITE}"),
    ("--insurer", AMC),
    ("--all",),
)


def outcome(real: RealPlatform) -> str | None:
    return real.software.ask(real.question("70000001", BORN)).outcome


@pytest.mark.slow
def test_a_command_closes_what_the_next_question_asks(tmp_path: Path) -> None:
    source = "70000001,1980-03-02,1,COMPLET,2020-01-01,2099-12-31,\n"
    with real_platform(tmp_path, source) as real:
        assert outcome(real) == "covered"
        for scope in SCOPES:
            began = time.monotonic()
            closed = loads(real.command("gate", "close", *scope, *SAID))
            assert closed["effective_after_s"] <= EFFECTIVE_WITHIN_S
            assert outcome(real) == "closed"
            # The whole command, its start and the answer over HTTP included, on a busy machine.
            assert time.monotonic() - began < 12 * EFFECTIVE_WITHIN_S
            real.command("gate", "open", *scope, *SAID)
            assert outcome(real) == "covered"
        assert loads(real.command("journal", "verify", "--json"))["ok"]
