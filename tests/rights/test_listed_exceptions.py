"""A site's administrator is told of its exceptions: when, who, why; never about whom."""

import asyncio

import pytest

from rempart.foundation.database import Database
from rempart.rights import Exceptions
from tests.support.asking import Site, one
from tests.support.database import DatabaseUnderTest
from tests.support.excepting import browser, excepted, touch


@pytest.fixture
def here(site: Site) -> Site:
    """The site's account, an administrator, at a browser."""
    return browser(site)


def listed(db: DatabaseUnderTest, token: str) -> list[tuple[str, str | None, str]]:
    async def work() -> list[tuple[str, str | None, str]]:
        async with await Database.open(db.dsn("rempart_edge"), max_size=1) as edge:
            found = await Exceptions(edge).of_site(token)
        return [(each.rpps, each.name, each.reason.value) for each in found]

    return asyncio.run(work())


def test_the_sites_administrator_is_told_when_who_and_why(here: Site) -> None:
    owner = here.db.owner
    for person, reason in (("alice", "emergency"), ("stranger", "patient_absent")):
        here.ask(touch(here, excepted(here, person, reason)))
    elsewhere = browser(Site.make(here.db, identifier="750000003", rpps="10000000003"))
    elsewhere.ask(touch(elsewhere, excepted(elsewhere)))
    token = here.installation.token
    mine = [(here.rpps, "Alice Martin", r) for r in ("patient_absent", "emergency")]
    assert listed(here.db, token) == mine
    assert listed(here.db, elsewhere.installation.token) == [
        ("10000000003", "Alice Martin", "card_missing")
    ]
    assert listed(here.db, "x" * 43) == []
    # Nobody else of the site; and nothing that is older than 30 days.
    owner.execute("update identity.colleague set is_administrator = false")
    assert listed(here.db, token) == []
    owner.execute("update identity.colleague set is_administrator = true")
    owner.execute(
        "update journal.site_exception set recorded_at = recorded_at - interval '30 days'"
    )
    assert listed(here.db, token) == []


def test_the_list_forgets_after_a_month(here: Site) -> None:
    here.ask(touch(here, excepted(here)))
    owner = here.db.owner
    owner.execute(
        "update journal.site_exception set recorded_at = recorded_at - interval '32 days'"
    )
    here.ask(touch(here, excepted(here)))
    assert one(owner, "select count(*) as n from journal.site_exception")["n"] == 1
