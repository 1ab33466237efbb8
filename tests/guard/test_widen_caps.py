"""Caps for a probe: on a demonstration alone, at a console alone, and on record."""

import psycopg
import pytest

from tests.support.asking import Site, one

WIDEN = "select guard.widen_caps(%s::smallint, %s, %s, %s)"


def widen(site: Site, role: str, *args: int) -> None:
    site.db.connect(role).execute(WIDEN, args)


def test_nobodys_caps_are_widened_where_no_demonstration_is(site: Site) -> None:
    before = one(site.db.owner, "select sum(all_burst + fresh_burst) as n from guard.budget")
    with pytest.raises(psycopg.Error) as raised:
        widen(site, "rempart_desk", 2, site.account_id, 1000, 1000)
    assert raised.value.sqlstate == "RP403"
    after = one(site.db.owner, "select sum(all_burst + fresh_burst) as n from guard.budget")
    assert after == before


@pytest.mark.parametrize("role", ["rempart_edge", "rempart_signin", "rempart_jobs"])
def test_only_the_desk_widens(site: Site, role: str) -> None:
    site.db.owner.execute("insert into foundation.mark (kind) values ('demonstration')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        widen(site, role, 2, site.account_id, 1000, 1000)


def test_on_a_demonstration_each_widening_is_an_entry(site: Site) -> None:
    site.db.owner.execute("insert into foundation.mark (kind) values ('demonstration')")
    count = "select count(*) as n from journal.entry where kind = 'cap'"
    before = one(site.db.owner, count)["n"]
    for kind, key in ((2, site.account_id), (3, site.professional_id), (4, site.site_id)):
        widen(site, "rempart_desk", kind, key, 1000, 500)
    assert one(site.db.owner, count)["n"] == before + 3
    outcomes = {site.outcome(site.question(f"nobody {n}")) for n in range(60)}
    assert outcomes == {"no_right_found"}
    # Down as well as up: with nobody left to meet, the question is judged before the registry.
    for kind, key in ((2, site.account_id), (4, site.site_id)):
        widen(site, "rempart_desk", kind, key, 1000, 0)
    assert site.outcome(site.question("alice")) == "better_evidence_needed"


@pytest.mark.parametrize("args", [(2, 0, 10, 10), (2, 1, -1, 10), (2, 1, 10, -1)])
def test_what_has_no_caps_gets_none(site: Site, args: tuple[int, ...]) -> None:
    site.db.owner.execute("insert into foundation.mark (kind) values ('demonstration')")
    with pytest.raises(psycopg.Error) as raised:
        widen(site, "rempart_desk", *args)
    assert raised.value.sqlstate in {"RP404", "RP001"}
