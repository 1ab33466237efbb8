"""`rempart turn` as the operator runs it: new keys, a restart, a feed anew, the old keys gone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rempart.cli.demo_platform import Platform, running_platform
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.keyring import FileKeyring, KeyringError
from rempart.simulation.question import Question
from rempart.simulation.software import Reply
from tests.support.real_platform import AMC, RealPlatform, real_platform

BORN = date(1985, 5, 17)
CARD = "K7QD2XRM4VTA6HFC"
DUE = ["covered", "covered", "no_right_found"]
LINES = f"12345678,1985-05-17,1,COMPLET,2020-01-01,2099-12-31,{CARD}\n"


@contextmanager
def running_again(real: RealPlatform) -> Iterator[None]:
    """Start every process again, as after a restart of the machine."""
    real.software.close()
    with running_platform(real.platform.settings, demonstration=True) as platform:
        real.platform = platform
        yield
        real.software.close()


def turn(real: RealPlatform, *words: str, expect: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(real.command("turn", *words, "--json", expect=expect))
    return found


def question(real: RealPlatform, **changes: object) -> Question:
    scanned: dict[str, object] = {"evidence": "scan", "card_secret": CARD}
    return real.question("12345678", BORN, **(scanned | changes))


def outcomes(real: RealPlatform) -> list[str | None]:
    """Ask about the member by card and by hand, and about a stranger."""
    typed = {"evidence": "typed", "card_secret": None}
    asked = [question(real), question(real, **typed), real.question("87654321", BORN)]
    return [real.software.ask(one).outcome for one in asked]


def superuser(platform: Platform) -> psycopg.Connection[tuple[Any, ...]]:
    reached = platform.reached
    assert reached.embedded is not None
    password = reached.keyring.ensure_password(EmbeddedPostgres.superuser)
    return psycopg.connect(
        reached.embedded.dsn(EmbeddedPostgres.superuser, password), autocommit=True
    )


def a_minute_later(real: RealPlatform) -> None:
    with superuser(real.platform) as owner:
        owner.execute(
            "update registry.index_generation set begun_at = begun_at - interval '61 seconds'"
            " where generation > 1"
        )


def feed_anew(real: RealPlatform, folder: Path) -> None:
    premises, out = folder / "insurer", folder / "state" / "again.feed"
    keys = [
        word
        for kind in ("feed", "reference")
        for word in (f"--{kind}-key", str(next(p for p in premises.iterdir() if kind in p.name)))
    ]
    words = ("feed", "prepare", str(premises / "members.csv"), str(out), "--insurer", AMC)
    real.command(*words, *keys)
    real.command("feed", "import", str(out))


def same(first: Reply, again: Reply) -> bool:
    told = ("outcome", "engagement", "expires_on")
    return [first.body[name] for name in told] == [again.body[name] for name in told]


def makes_the_next(real: RealPlatform) -> None:
    # As if it had been stopped half-way: the other key comes to this one.
    real.platform.keyring.ensure("card_index_2")
    assert "turn make" in turn(real, "begin", "--by", "alice", expect=3)["error"]["text"]
    made = turn(real, "make")
    assert made["keys"] == ["registry_index_2", "card_index_2"]
    assert "made already" in turn(real, "make", expect=3)["error"]["text"]
    # The blinding process has not read them: everybody would get 503.
    told = turn(real, "begin", "--by", "alice", expect=4)["error"]["text"]
    assert told.endswith("restart it first")


def begins(real: RealPlatform) -> None:
    assert turn(real, "begin", "--by", "alice") == {"generation": 2}
    assert "under way" in turn(real, "begin", "--by", "alice", expect=3)["error"]["text"]
    assert outcomes(real) == DUE
    assert "feed anew" in turn(real, "end", "--now", expect=3)["error"]["text"]


def ends(real: RealPlatform) -> None:
    page = real.command("turn", "list")
    assert "generation 2: lives since" in page
    assert f"insurer {AMC}: 1 covers in force or to come, 0 over, 0 people who left" in page
    ended = turn(real, "end")
    number = ended.pop("certificate")
    assert ended == {"erased_covers": 0, "erased_departed": 0}
    certified = json.loads(real.command("purge", "certificate", str(number), "--json"))
    assert certified["erased"]["turned_cover"] == 0
    assert "no turn" in turn(real, "end", expect=3)["error"]["text"]
    assert outcomes(real) == DUE
    # Stopped half-way, it goes on.
    real.platform.keyring.remove("card_index")
    assert turn(real, "forget") == {"forgotten": [1]}
    assert turn(real, "forget") == {"forgotten": []}


@pytest.mark.slow
def test_keys_turn_and_nobody_notices(tmp_path: Path) -> None:
    with real_platform(tmp_path, LINES) as real:
        assert outcomes(real) == DUE
        kept = question(real)
        first = real.software.ask(kept)
        makes_the_next(real)
        assert outcomes(real) == DUE
        settings = real.platform.settings
    keyring = FileKeyring.open(settings.keyring)
    with running_again(real):
        begins(real)
        a_minute_later(real)
        feed_anew(real, tmp_path)
        assert outcomes(real) == DUE
        # The same question is the same across the turn, and whom one met one has met.
        assert same(first, real.software.ask(kept))
        ends(real)
        assert same(first, real.software.ask(kept))
        with superuser(real.platform) as owner:
            met = owner.execute("select count(distinct asked) from guard.met").fetchone()
            assert met == (2,)  # the member and the stranger
    assert {"registry_index", "card_index"}.isdisjoint(keyring.names())
    with running_again(real):
        assert outcomes(real) == DUE
        found = turn(real, "list")
        assert [one["generation"] for one in found["generations"]] == [1, 2]
        assert found["held"] == [2]
    # A keyring of another time is not filled up with fresh keys, under which nobody is found.
    for name in ("registry_index_2", "card_index_2"):
        keyring.remove(name)
    with (
        pytest.raises(KeyringError, match="generation 2 live in this database"),
        running_platform(settings, demonstration=True),
    ):
        pytest.fail("it started")
