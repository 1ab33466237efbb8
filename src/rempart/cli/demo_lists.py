"""Sends the made-up insurers' lists as real ones go: prepared there, blinded and taken here."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rempart.cli.demo_platform import Platform
from rempart.cli.demo_results import Lists
from rempart.cli.output import RefusedError
from rempart.foundation.clock import SystemClock
from rempart.foundation.database import Database
from rempart.foundation.keyring import FileKeyring
from rempart.intake import blinding_at
from rempart.registry import (
    CategoryRule,
    DomainRule,
    FeedKeys,
    FeedProblem,
    add_insurer,
    add_plan,
    feed_key_name,
    import_feed,
    prepare_feed,
)
from rempart.simulation.insurer_files import write_insurer_file
from rempart.simulation.plans import INSURERS, Insurer
from rempart.simulation.population import Population


async def send_lists(platform: Platform, population: Population) -> Lists:
    """Host every insurer, and take its list in; what it has in plain never reaches the platform."""
    await _host_insurers(platform)
    # The insurers' own premises: gone, with all that names anybody, once the lists are hashed.
    with tempfile.TemporaryDirectory(prefix="rempart-insurers-") as premises:
        began = time.monotonic()
        refused = 0
        feeds = []
        for insurer in INSURERS:
            feed, refused_here = _prepare(platform, population, insurer, Path(premises))
            feeds.append(feed)
            refused += refused_here
        prepared = time.monotonic()
        covers = await _take(platform, feeds)
        taken = time.monotonic()
    return Lists(
        len(INSURERS),
        len(population.people),
        covers,
        refused,
        prepared - began,
        taken - prepared,
    )


async def _host_insurers(platform: Platform) -> None:
    """Say who they are and what their plans pay, as the desk does, and share a key with each."""
    async with await Database.open(platform.reached.conninfo("rempart_desk"), max_size=1) as desk:
        for insurer in INSURERS:
            platform.keyring.ensure(feed_key_name(insurer.amc_number))
            await add_insurer(desk, insurer.amc_number, insurer.name)
            for plan in insurer.plans:
                rules = {name: _rule(asdict(rule)) for name, rule in plan.rules.items()}
                await add_plan(desk, insurer.amc_number, plan.code, plan.label, rules)


def _rule(stated: dict[str, Any]) -> DomainRule:
    own = {code: CategoryRule(**rule) for code, rule in stated.pop("categories").items()}
    return DomainRule(**stated, categories=own)


def _prepare(
    platform: Platform, population: Population, insurer: Insurer, premises: Path
) -> tuple[Path, int]:
    """Do what an insurer does at home: its own file, hashed with its keys, then thrown away."""
    amc = insurer.amc_number
    own_file, feed = premises / f"{amc}.csv", premises / f"{amc}.feed"
    write_insurer_file(population, amc, own_file)
    # Its own key never leaves the insurer: a keyring beside the platform's stands for that.
    own_keys = FileKeyring.create(platform.settings.state_dir / "insurers")
    keys = FeedKeys(
        feed=platform.keyring.secret(feed_key_name(amc)),
        reference=own_keys.ensure(f"reference.{amc.lower()}"),
    )
    with own_file.open("rb") as source:
        prepared = prepare_feed(
            source,
            feed,
            amc,
            keys,
            today=SystemClock().today(),
            on_problem=lambda _problem: None,
        )
    own_file.unlink()
    if not prepared.is_written:
        raise RefusedError("a line of a made-up insurer's list was refused")
    return feed, prepared.refused


async def _take(platform: Platform, feeds: Sequence[Path]) -> int:
    """Take the prepared lists in, through the blinding process; return how many covers."""
    covers = 0
    async with (
        await Database.open(platform.reached.conninfo("rempart_intake"), max_size=1) as intake,
        blinding_at(platform.settings.blinding_socket) as blind,
    ):
        for feed in feeds:
            with feed.open("rb") as file:
                found = await import_feed(intake, blind, file, SystemClock().now())
            if isinstance(found, FeedProblem):
                raise RefusedError(f"a made-up insurer's list was not taken: {found}")
            covers += found.accepted
    return covers
