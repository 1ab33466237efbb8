"""P4 in time: over HTTP, what led to an outcome cannot be told from when or how it comes."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from rempart.cli.probe_accounts import Trade, probe_askings
from rempart.foundation.clock import SystemClock
from rempart.foundation.database import Database
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.registry import CategoryRule, DomainRule, add_plan
from rempart.simulation.probe_cases import Card
from rempart.simulation.software import Reply
from rempart.simulation.timing_probe import (
    Asking,
    CardClass,
    Found,
    classes_of,
    largest_gap,
    meet_all,
    probe,
    quote_classes_of,
)
from tests.support.in_memory import in_memory
from tests.support.kept import keep
from tests.support.probed import LINES, cards
from tests.support.real_platform import AMC, RealPlatform, real_platform

CALLS, MOST = 5_000, 0.06
"""The promise's figures. Chance makes a gap of 0.033 once in a hundred, of 0.06 never."""

FEW = 300
SEEN_FROM = 0.2
"""What a planted fault must show; chance makes 0.16 of a few once in a thousand."""


@pytest.fixture(scope="module")
def untraced() -> Iterator[None]:
    """What is timed is the platform, not a tracer that counts its lines (ci/test)."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def real(untraced: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPlatform]:
    """A platform whose files are in memory, where there is room: a disk's waits would hide gaps."""
    folder = tmp_path_factory.mktemp("timing")
    with in_memory(folder) as place, real_platform(place / "platform", LINES) as platform:
        yield platform


@asynccontextmanager
async def asking(real: RealPlatform) -> AsyncIterator[tuple[Asking, Asking]]:
    """Open the probe's accounts; the first has met every card."""
    trade = Trade("pharmacien", "PHAR", SystemClock().today())
    reached, addresses = real.platform.reached, real.platform.addresses
    async with probe_askings(reached, addresses, trade, 1_000_000, 10_000) as (rich, poor):
        await asyncio.to_thread(meet_all, cards(), rich)
        yield rich, poor


def found(
    real: RealPlatform, calls: int, choose: Callable[[list[CardClass]], list[CardClass]]
) -> Found:
    async def work() -> Found:
        async with asking(real) as (rich, poor):
            classes = classes_of(cards(), rich, poor)
            return await asyncio.to_thread(probe, choose(classes), calls)

    return asyncio.run(work())


def gaps(one: Found) -> dict[tuple[str, str], float]:
    return {(pair.a, pair.b): pair.gap for pair in one.pairs}


def assert_nothing_tells(real: RealPlatform, calls: int, most: float) -> None:
    first = found(real, calls, lambda classes: classes)
    if calls > CALLS:
        keep("timing", first)
    assert first.told_apart == ()
    assert len(first.pairs) == 22
    wide = {pair for pair, gap in gaps(first).items() if gap > most}
    if wide:
        # Chance makes a gap once; what is there is there again.
        again = gaps(found(real, calls, lambda classes: classes))
        assert {pair: gap for pair, gap in again.items() if gap > most and pair in wide} == {}


@pytest.mark.slow
def test_no_pair_can_be_told_apart(real: RealPlatform) -> None:
    assert_nothing_tells(real, CALLS, MOST)


@pytest.mark.soak
def test_no_pair_can_be_told_apart_by_50_000_questions(real: RealPlatform) -> None:
    assert_nothing_tells(real, 50_000, 0.02)


def half_an_answer(real: RealPlatform) -> float:
    """Half of what an answer takes just now, in seconds: a fault to plant, however busy it is."""
    return found(real, 40, lambda classes: classes[:1]).medians_ms["unknown"] / 2e3


@pytest.mark.slow
def test_a_class_that_comes_later_is_seen(real: RealPlatform) -> None:
    late_s = half_an_answer(real)

    def slowed(classes: list[CardClass]) -> list[CardClass]:
        return [replace(one, ask=later(one)) if one.name == "ended" else one for one in classes[:3]]

    def later(one: CardClass) -> Callable[[Card], Reply]:
        def ask(card: Card) -> Reply:
            reply = one.ask(card)
            return replace(reply, seconds=reply.seconds + late_s)

        return ask

    seen = gaps(found(real, FEW, slowed))
    assert seen["unknown", "ended"] > SEEN_FROM
    assert seen["wrong_birth_date", "ended"] > SEEN_FROM
    assert seen["unknown", "wrong_birth_date"] < SEEN_FROM


@pytest.mark.slow
def test_a_registry_that_is_slower_for_a_known_person_is_seen(real: RealPlatform) -> None:
    """The fault itself, planted where it would be: the search is what is measured."""
    late_s = half_an_answer(real)
    reached = real.platform.reached
    assert reached.embedded is not None
    password = reached.keyring.ensure_password(EmbeddedPostgres.superuser)
    dsn = reached.embedded.dsn(EmbeddedPostgres.superuser, password)
    with psycopg.connect(dsn, autocommit=True) as owner:
        row = owner.execute("select pg_get_functiondef('registry.match'::regproc)").fetchone()
        assert row is not None
        honest = str(row[0])
        spied = honest.replace(
            "select one.fits",
            "if exists (select from registry.coverage c where c.insurer_id = _insurer_id"
            f" and c.person_index = any (_indexes)) then perform pg_sleep({late_s}); end if;"
            " select one.fits",
            1,
        )
        assert spied != honest
        try:
            owner.execute(spied.encode())
            seen = gaps(found(real, FEW, lambda classes: classes[:3]))
        finally:
            owner.execute(honest.encode())
    assert seen["unknown", "ended"] > SEEN_FROM
    assert seen["unknown", "wrong_birth_date"] < SEEN_FROM


@pytest.mark.slow
def test_bytes_that_differ_are_seen(real: RealPlatform) -> None:
    def spoken(classes: list[CardClass]) -> list[CardClass]:
        return [
            replace(one, ask=plainer(one)) if one.name == "ended" else one for one in classes[:3]
        ]

    def plainer(one: CardClass) -> Callable[[Card], Reply]:
        def ask(card: Card) -> Reply:
            reply = one.ask(card)
            return replace(reply, content=reply.content + b" ")

        return ask

    assert found(real, 10, spoken).told_apart == ("no_right_found",)
    wrong = found(real, 10, lambda classes: [replace(classes[0], outcome="covered")])
    assert wrong.told_apart == ("covered",)


@pytest.mark.slow
def test_caps_are_widened_on_record_and_the_accounts_are_closed(real: RealPlatform) -> None:
    found(real, 10, lambda classes: classes[:2])
    real.command("journal", "verify")
    real.command("journal", "check-budgets")


@pytest.mark.slow
def test_the_command_fails_where_the_outcome_is_not_the_one_expected(real: RealPlatform) -> None:
    """None of the demonstration's people is here: what is timed is not what is claimed."""
    told = json.loads(real.command("probe", "timing", "--calls", "10", "--json", expect=1))
    assert told["calls"] == 10
    assert {frozenset(pair) for pair in told["pairs"]} == {frozenset({"a", "b", "gap"})}
    assert "no_right_found" in told["told_apart"]


QUOTES, GLANCE = 50, 0.5
"""A glance at quotes: chance makes such a gap between two fifties once in 130,000."""


def stated(category: str) -> dict[str, Any]:
    cents = {"price_cents": 2000, "base_cents": 2000, "obligatory_cents": 1300}
    return {"category": category, "quantity": 1, **cents}


async def count_devices(real: RealPlatform) -> None:
    """State one more plan of the insurer's, nobody's: it counts devices."""
    async with await Database.open(
        real.platform.reached.conninfo("rempart_desk"), max_size=1
    ) as desk:
        counted = CategoryRule("on_request", amount_cents=500, every_months=12)
        rule = DomainRule("direct", 10000, categories={"DM": counted})
        await add_plan(desk, AMC, "APPAREILS", "Appareils", {"PHAR": rule})


def quotes(real: RealPlatform, calls: int, *, slower: float = 0.0, longer: bytes = b"") -> Found:
    """Ask quotes; with a fault for those whose cover ended, if one is to be planted."""

    def faulty(one: CardClass) -> CardClass:
        def ask(card: Card) -> Reply:
            reply = one.ask(card)
            late, content = reply.seconds * (1 + slower), reply.content + longer
            return replace(reply, seconds=late, content=content)

        return replace(one, ask=ask) if one.name.endswith("ended") else one

    async def work() -> Found:
        await count_devices(real)
        async with asking(real) as (rich, poor):
            some = quote_classes_of(cards(), rich, poor, stated("PH7"), stated("DM"))
            return await asyncio.to_thread(probe, [faulty(one) for one in some], calls)

    return asyncio.run(work())


def wide(one: Found, most: float) -> set[tuple[str, str]]:
    return {pair for pair, gap in gaps(one).items() if gap > most}


def assert_no_quote_tells(real: RealPlatform, calls: int, most: float) -> None:
    first = quotes(real, calls)
    if calls > CALLS:
        keep("timing_quotes", first)
    assert first.told_apart == ()
    # Seven misses, two of an empty account, four whose lines some plan counts: each with each.
    assert len(first.pairs) == 21 + 1 + 6
    if seen := wide(first, most):
        assert wide(quotes(real, calls), most) & seen == set()


@pytest.mark.slow
def test_no_pair_of_quotes_is_told_apart_at_a_glance(real: RealPlatform) -> None:
    assert_no_quote_tells(real, QUOTES, GLANCE)


@pytest.mark.soak
def test_no_pair_of_quotes_can_be_told_apart_by_50_000(real: RealPlatform) -> None:
    assert_no_quote_tells(real, 50_000, 0.02)


@pytest.mark.slow
def test_quotes_that_are_longer_or_later_are_seen(real: RealPlatform) -> None:
    one = quotes(real, 12, slower=9.0, longer=b" ")
    assert one.told_apart == ("no_right_found", "better_evidence_needed counted")
    assert {("unknown", "ended"), ("counted_member", "counted_ended")} <= wide(one, 0.6)


def test_the_gap_is_the_one_of_the_definition() -> None:
    assert largest_gap([1, 2, 3], [1, 2, 3]) == 0
    assert largest_gap([1, 2], [3, 4]) == 1
    assert largest_gap([1, 3, 5, 7], [2, 4, 6, 8]) == pytest.approx(0.25)
    assert largest_gap([1, 2, 3, 4], [3, 4, 5, 6]) == pytest.approx(0.5)
