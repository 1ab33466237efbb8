"""The whole platform as real processes, with one insurer's people fed in by the commands."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rempart.cli.demo_platform import Platform, running_platform
from rempart.cli.demo_state import settings_for
from rempart.cli.output import run
from rempart.foundation.clock import SystemClock
from rempart.foundation.database import Database
from rempart.foundation.processes import free_port
from rempart.foundation.settings import Settings
from rempart.identity import EnrolmentCode, add_professional, add_site, issue_code, open_account
from rempart.registry import DomainRule, add_insurer, add_plan
from rempart.simulation.question import Question
from rempart.simulation.software import Software, enrol

AMC = "7654321"
RPPS = "10001234565"
SITE = "750012342"
COLUMNS = "member_number,birth_date,birth_rank,plan,valid_from,valid_to,card_secret\n"


@dataclass
class RealPlatform:
    """Running processes, an enrolled software, and everything that commands printed."""

    platform: Platform
    software: Software
    folder: Path
    printed: list[str]

    def question(self, member: str, born: date, **changes: object) -> Question:
        told: dict[str, object] = {
            "insurer": AMC,
            "member_number": member,
            "birth_date": born,
            "birth_rank": 1,
            "domain": "PHAR",
            "care_date": SystemClock().today(),
            "evidence": "typed",
            "reference": secrets.token_hex(8),
            "professional": RPPS,
            "site": SITE,
        }
        return Question(**(told | changes))  # type: ignore[arg-type]  # fields by name

    def command(self, *words: str, expect: int = 0, typed: str | None = None) -> str:
        """Run a command of the platform as a process; keep all that it prints."""
        done = run_command(self.platform.settings, *words, typed=typed)
        self.printed += [done.stdout, done.stderr]
        assert done.returncode == expect, done.stderr
        return done.stdout


def run_command(
    settings: Settings, *words: str, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command under these settings, as a process."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("REMPART_")}
    for name, value in settings.shown().items():
        if value is not None:
            environ[f"REMPART_{name.upper()}"] = str(value)
    return subprocess.run(
        [sys.executable, "-c", "from rempart.cli import main; main()", *words],
        env=environ,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def arrange(platform: Platform) -> EnrolmentCode:
    """Host the insurer and open one pharmacist's account; return the code for a software."""

    async def work() -> EnrolmentCode:
        async with await Database.open(
            platform.reached.conninfo("rempart_desk"), max_size=1
        ) as desk:
            await add_insurer(desk, AMC, "Mutuelle d'essai")
            rules = {"PHAR": DomainRule("direct", 10000, None, None)}
            await add_plan(desk, AMC, "COMPLET", "Complet", rules)
            glasses = {"OPTI": DomainRule("on_request", None, 10000, None)}
            await add_plan(desk, AMC, "OPTIQUE", "Optique seule", glasses)
            await add_professional(desk, RPPS, "pharmacien")
            await add_site(desk, SITE, "Pharmacie d'essai")
            await open_account(desk, RPPS, SITE)
            code = await issue_code(desk, SITE, [RPPS], "essai")
        assert isinstance(code, EnrolmentCode)
        return code

    return run(work())


@contextmanager
def real_platform(folder: Path, source: str) -> Iterator[RealPlatform]:
    """Run the platform in a folder; ``source`` holds the insurer's lines without the header.

    The insurer's own files are in a folder beside, which is not the platform's.
    """
    premises, state = folder / "insurer", folder / "state"
    premises.mkdir(parents=True)
    settings = replace(settings_for(state, free_port(), free_port()), log_level="debug")
    with running_platform(settings, demonstration=True) as platform:
        key = enrol(arrange(platform).code, platform.addresses)
        with Software(key, platform.addresses) as software:
            real = RealPlatform(platform, software, state, [])
            import_source(real, premises, source)
            yield real


def import_source(real: RealPlatform, premises: Path, source: str) -> None:
    """Prepare a feed on the insurer's premises, with keys made there, and put it in force."""
    (premises / "members.csv").write_text(COLUMNS + source)
    real.command("feed", "keys", "--insurer", AMC, "--out", str(premises))
    feed_key = next(path for path in premises.iterdir() if "feed" in path.name)
    reference_key = next(path for path in premises.iterdir() if "reference" in path.name)
    prepared = real.folder / "incoming.feed"
    words = ("--feed-key", str(feed_key), "--reference-key", str(reference_key))
    real.command(
        "feed",
        "prepare",
        str(premises / "members.csv"),
        str(prepared),
        "--insurer",
        AMC,
        *words,
    )
    real.command("feed", "trust", "--insurer", AMC, "--feed-key", str(feed_key))
    real.command("feed", "import", str(prepared))
